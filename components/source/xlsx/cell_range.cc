#include "components/source/xlsx/cell_range.h"

#include <algorithm>

namespace leat::components::xlsx {

bool ParsePlace(std::string_view text, int& column, int64_t& row) {
  int letters = 0;
  int64_t digits = 0;
  size_t at = 0;
  for (; at < text.size() && ((text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z'); ++at) {
    letters = 26 * letters + ((text[at] | 0x20) - 'a' + 1);
    if (letters > kMostColumns) return false;
  }
  const bool has_digits = at < text.size();
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    digits = 10 * digits + (text[at] - '0');
    if (digits > kMostRows) return false;
  }
  if (has_digits && digits == 0) return false;
  if (letters > 0) column = letters;
  if (has_digits) row = digits;
  return letters > 0 || has_digits;
}

std::optional<CellRange> CellRange::Parse(std::string_view text) {
  CellRange range;
  const size_t colon = text.find(':');
  if (!ParsePlace(text.substr(0, colon), range.first_column, range.first_row)) return std::nullopt;
  if (colon != std::string_view::npos && !ParsePlace(text.substr(colon + 1), range.last_column, range.last_row))
    return std::nullopt;
  if (range.first_column > range.last_column || range.first_row > range.last_row) return std::nullopt;
  return range;
}

std::string ColumnLetters(int column) {
  std::string letters;
  for (; column > 0; column = (column - 1) / 26) letters += static_cast<char>('A' + (column - 1) % 26);
  std::reverse(letters.begin(), letters.end());
  return letters;
}

}  // namespace leat::components::xlsx
