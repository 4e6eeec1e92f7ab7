#include "component/key_ranges.h"

#include <fmt/format.h>

#include <algorithm>

namespace leat::component {
namespace {

constexpr int64_t kPieceRows = 200'000;
constexpr int64_t kMostParts = 10'000;

}  // namespace

std::vector<TablePart> CutKeyRange(const std::string& column, int64_t low, int64_t high, int64_t rows,
                                   int64_t rows_per_part) {
  const int64_t per_part = rows_per_part > 0 ? rows_per_part : kPieceRows;
  // Keys may lie from one end of 64 bits to the other: their distance is counted without sign.
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  const auto wanted = static_cast<uint64_t>(std::clamp<int64_t>(rows / per_part + 1, 1, kMostParts));
  const uint64_t step = wanted == 1 ? span : span / wanted + 1;
  const uint64_t count = wanted == 1 ? 1 : span / step + 1;
  std::vector<TablePart> parts(count);
  for (uint64_t i = 0; i < count; ++i) {
    const auto begin = static_cast<int64_t>(static_cast<uint64_t>(low) + i * step);
    const auto end = static_cast<int64_t>(static_cast<uint64_t>(low) + (i + 1) * step - 1);
    TablePart& part = parts[i];
    if (i > 0) part.bounds += fmt::format("{} >= {}", column, begin);
    if (i + 1 < count) part.bounds += fmt::format("{}{} <= {}", part.bounds.empty() ? "" : " AND ", column, end);
    part.shown = part.bounds.empty() ? "all rows" : part.bounds;
    part.id = part.shown;
    part.estimated_rows = rows / static_cast<int64_t>(count);
  }
  return parts;
}

}  // namespace leat::component
