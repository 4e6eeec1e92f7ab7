#include "components/source/http/csv_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace leat::components::http {
namespace {

char FindDelimiter(std::string_view text) {
  constexpr std::array<char, 4> kCandidates{',', ';', '\t', '|'};
  std::array<int, kCandidates.size()> counts{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    for (size_t i = 0; i < kCandidates.size(); ++i) counts[i] += c == kCandidates[i] ? 1 : 0;
  }
  size_t best = 0;
  for (size_t i = 1; i < kCandidates.size(); ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return kCandidates[best];
}

}  // namespace

CsvLines::CsvLines(std::string_view text, char delimiter)
    : text_(text), delimiter_(delimiter == '\0' ? FindDelimiter(text) : delimiter) {}

/// From behind the opening quote to behind the closing one.
bool CsvLines::TakeQuoted(std::string& value) {
  int64_t line = line_;
  while (true) {
    const size_t quote = text_.find('"', at_);
    if (quote == std::string_view::npos) {
      fault_ = {"csv.unterminated_quote", fmt::format("line {}: a quote is not closed", line_)};
      return false;
    }
    const std::string_view piece = text_.substr(at_, quote - at_);
    value += piece;
    for (const char c : piece) line += c == '\n' ? 1 : 0;
    at_ = quote + 1;
    if (at_ < text_.size() && text_[at_] == '"') {
      value += '"';
      ++at_;
      continue;
    }
    const std::string_view rest = text_.substr(at_, 2);
    if (rest.empty() || rest[0] == delimiter_ || rest[0] == '\n' || rest == "\r\n" || rest == "\r") {
      line_ = line;
      return true;
    }
    fault_ = {"csv.unquoted_value", fmt::format("line {}: text stands behind a closing quote", line)};
    line_ = line;
    return false;
  }
}

bool CsvLines::Next(std::vector<std::string>& values) {
  values.clear();
  fault_ = {};
  if (at_ >= text_.size()) return false;
  began_ = at_;
  const int64_t line = line_;
  if (TakeRow(values)) return true;
  values.clear();
  if (fault_.code == "csv.unterminated_quote") {
    at_ = began_;
    line_ = line;
  }
  at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
  ++line_;
  return true;
}

std::string_view CsvLines::row() const {
  std::string_view row = text_.substr(began_, at_ - began_);
  if (row.ends_with('\n')) row.remove_suffix(1);
  if (row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

bool CsvLines::TakeRow(std::vector<std::string>& values) {
  while (true) {
    std::string& value = values.emplace_back();
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      if (!TakeQuoted(value)) return false;
      if (text_.substr(at_, 1) == "\r") ++at_;
    } else {
      const std::array<char, 2> ends{delimiter_, '\n'};
      const size_t end = std::min(text_.size(), text_.find_first_of(std::string_view(ends.data(), ends.size()), at_));
      value = text_.substr(at_, end - at_);
      at_ = end;
      if (value.ends_with('\r') && (at_ == text_.size() || text_[at_] == '\n')) value.pop_back();
    }
    if (at_ >= text_.size()) return true;
    const char end = text_[at_++];
    if (end == '\n') {
      ++line_;
      return true;
    }
  }
}

}  // namespace leat::components::http
