#include "components/source/csv/csv_fixed.h"

namespace leat::components::csv {
namespace {

/// Behind `count` characters from `at` on, or the end.
size_t BehindCharacters(std::string_view text, size_t at, size_t count) {
  for (; count > 0 && at < text.size(); --count) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

size_t CutLine(std::string_view line, const std::vector<size_t>& widths, std::string_view* values) {
  size_t at = 0;
  size_t begun = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    values[i] = {};
    if (at >= line.size()) continue;
    ++begun;
    const size_t end = BehindCharacters(line, at, widths[i]);
    values[i] = Trimmed(line.substr(at, end - at));
    at = end;
  }
  return Trimmed(line.substr(at)).empty() ? begun : widths.size() + 1;
}

}  // namespace leat::components::csv
