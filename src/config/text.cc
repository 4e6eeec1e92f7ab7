#include "config/text.h"

#include <algorithm>
#include <iterator>

namespace leat::config {

Lines::Lines(std::string_view text) : text_(text) {
  starts_.push_back(0);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string_view Lines::Line(int number) const {
  if (number < 1 || number > count()) return "";
  const size_t start = starts_[static_cast<size_t>(number) - 1];
  const size_t end = number == count() ? text_.size() : starts_[static_cast<size_t>(number)] - 1;
  std::string_view line = text_.substr(start, end - start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::pair<int, int> Lines::Position(size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const int line = static_cast<int>(std::distance(starts_.begin(), after));
  const size_t start = starts_[static_cast<size_t>(line) - 1];
  return {line, CountCharacters(text_.substr(start, offset - start)) + 1};
}

int CountCharacters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

int DisplayWidth(char32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

char32_t NextCodePoint(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(at);
  size_t more = 0;
  unsigned value = first;
  unsigned least = 0;
  if (first < 0x80) {
    ++at;
    return first;
  }
  if ((first & 0xE0) == 0xC0) {
    more = 1;
    value = first & 0x1F;
    least = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    more = 2;
    value = first & 0x0F;
    least = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    more = 3;
    value = first & 0x07;
    least = 0x10000;
  } else {
    ++at;
    return 0xFFFD;
  }
  for (size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) {
      ++at;
      return 0xFFFD;
    }
    value = value << 6 | (byte(at + i) & 0x3F);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    ++at;
    return 0xFFFD;
  }
  at += more + 1;
  return value;
}

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = NextCodePoint(text, at);
    const bool replaced = c == 0xFFFD && at == start + 1;
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    if (replaced || control) return start;
  }
  return std::nullopt;
}

}  // namespace leat::config
