#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat::components::xlsx {

constexpr int kMostColumns = 16'384;
constexpr int64_t kMostRows = 1'048'576;

/// A part of a sheet; both ends belong to it, columns and rows count from 1.
struct CellRange {
  int first_column = 1, last_column = kMostColumns;
  int64_t first_row = 1, last_row = kMostRows;

  /// "A3:H", "A3:H200", "B:D", "3:200", "A3" (from there on). nullopt: none of these.
  static std::optional<CellRange> Parse(std::string_view text);
};

/// The place "AB12"; false: it is none. A part that is left out stays as it was.
bool ParsePlace(std::string_view text, int& column, int64_t& row);
/// "AB" for 28.
std::string ColumnLetters(int column);

}  // namespace leat::components::xlsx
