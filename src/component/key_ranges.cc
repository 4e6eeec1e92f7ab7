#include "component/key_ranges.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/exact_text.h"

namespace leat::component {
namespace {

constexpr int64_t kPieceRows = 200'000;
constexpr int64_t kSmallestPieceRows = 10'000;
constexpr int64_t kMostParts = 10'000;
constexpr int64_t kPartsPerStream = 3;

TablePart PartOf(std::string bounds, int64_t rows) {
  TablePart part;
  part.shown = bounds.empty() ? "all rows" : bounds;
  part.id = part.shown;
  part.bounds = std::move(bounds);
  part.estimated_rows = rows;
  return part;
}

/// "a, b" of columns in SQL.
std::string Listed(const std::vector<std::string>& columns, const char* between) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : between) + column;
  return list;
}

/// A number from 0 to `count` - 1 of a key.
std::string BucketOf(KeyHash hash, const std::vector<std::string>& columns, int count) {
  const std::string list = Listed(columns, ", ");
  switch (hash) {
    case KeyHash::kCrc32: return fmt::format("CRC32(CONCAT_WS(',', {})) % {}", list, count);
    // One collation whatever the columns': else several of them together have none.
    case KeyHash::kHashText:
      return fmt::format("(hashtext(concat_ws(',', {}) COLLATE \"C\") & 2147483647) % {}", list, count);
    case KeyHash::kChecksum: return fmt::format("ABS(CAST(CHECKSUM({}) AS bigint)) % {}", list, count);
    case KeyHash::kOraHash: return fmt::format("ORA_HASH({}, {})", Listed(columns, " || ',' || "), count - 1);
    case KeyHash::kNone: break;
  }
  return "0";
}

}  // namespace

std::vector<std::string> EqualBounds(int64_t low, int64_t high, int64_t count) {
  // Keys may lie from one end of 64 bits to the other: their distance is counted without sign.
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  std::vector<std::string> bounds;
  if (count <= 1) return bounds;
  const uint64_t step = span / static_cast<uint64_t>(count) + 1;
  const uint64_t ranges = span / step + 1;
  bounds.reserve(ranges - 1);
  for (uint64_t i = 1; i < ranges; ++i) {
    bounds.push_back(std::to_string(static_cast<int64_t>(static_cast<uint64_t>(low) + i * step - 1)));
  }
  return bounds;
}

std::vector<TablePart> CutKeyRange(const std::string& column, int64_t low, int64_t high, int64_t rows,
                                   int64_t rows_per_part, bool nullable) {
  const int64_t per_part = rows_per_part > 0 ? rows_per_part : kPieceRows;
  const auto bounds = EqualBounds(low, high, std::clamp<int64_t>(rows / per_part + 1, 1, kMostParts));
  return CutAtBounds(column, bounds, rows, rows / (static_cast<int64_t>(bounds.size()) + 1), nullable);
}

bool LieClose(int64_t low, int64_t high, int64_t rows) {
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return rows > 0 && span / 2 < static_cast<uint64_t>(rows);
}

int64_t RowsPerPart(const SplitAim& aim, int streams, int64_t rows) {
  if (aim.rows_per_part > 0) return aim.rows_per_part;
  if (streams <= 1) return kPieceRows;
  return std::clamp(rows / (kPartsPerStream * streams) + 1, kSmallestPieceRows, kPieceRows);
}

Result<std::vector<std::string>> WalkKey(int64_t rows_per_part, const NextBound& next) {
  std::vector<std::string> bounds;
  while (static_cast<int64_t>(bounds.size()) < kMostParts - 1) {
    LEAT_ASSIGN(std::optional<std::string> bound,
                next(bounds.empty() ? "" : bounds.back(), std::max<int64_t>(1, rows_per_part) - 1));
    // A bound that is the one before it would be two parts of the same rows.
    if (!bound || (!bounds.empty() && *bound == bounds.back())) break;
    bounds.push_back(std::move(*bound));
  }
  return bounds;
}

std::vector<TablePart> CutAtBounds(const std::string& column, const std::vector<std::string>& bounds, int64_t rows,
                                   int64_t rows_per_part, bool nullable) {
  std::vector<TablePart> parts;
  parts.reserve(bounds.size() + 1);
  for (size_t i = 0; i < bounds.size(); ++i) {
    std::string condition = fmt::format("{} <= {}", column, bounds[i]);
    if (i > 0) condition = fmt::format("{} > {} AND {}", column, bounds[i - 1], condition);
    if (i == 0 && nullable) condition = fmt::format("({} OR {} IS NULL)", condition, column);
    parts.push_back(PartOf(std::move(condition), rows_per_part));
  }
  const int64_t counted = static_cast<int64_t>(bounds.size()) * rows_per_part;
  parts.push_back(PartOf(bounds.empty() ? "" : fmt::format("{} > {}", column, bounds.back()),
                         bounds.empty() ? rows : std::max<int64_t>(rows - counted, 0)));
  return parts;
}

std::vector<TablePart> CutByHash(KeyHash hash, const std::vector<std::string>& columns, int count, int64_t rows) {
  std::vector<TablePart> parts;
  parts.reserve(static_cast<size_t>(count));
  const std::string bucket = BucketOf(hash, columns, count);
  for (int i = 0; i < count; ++i) parts.push_back(PartOf(fmt::format("{} = {}", bucket, i), rows / count));
  return parts;
}

bool HasPlainOrder(const data::Type& type) {
  switch (type.id) {
    case data::TypeId::kInt:
    case data::TypeId::kLong:
    case data::TypeId::kDecimal:
    case data::TypeId::kDate:
    case data::TypeId::kTimestamp:
    case data::TypeId::kTimestampTz: return true;
    default: return false;
  }
}

bool IsPlainValue(const data::Type& type, std::string_view text) {
  int32_t days = 0;
  int64_t value = 0;
  data::Int128 wide;
  switch (type.id) {
    case data::TypeId::kInt:
    case data::TypeId::kLong: return data::ParseExact(text, value);
    case data::TypeId::kDecimal: return data::ParseExactDecimal(text, type.precision, type.scale, wide);
    case data::TypeId::kDate: return data::ParseExactDate(text, days);
    // A server whose session has UTC leaves the zone out.
    case data::TypeId::kTimestamp:
    case data::TypeId::kTimestampTz:
      return data::ParseExactTimestamp(text, value) || data::ParseExactTimestampTz(text, value);
    default: return false;
  }
}

}  // namespace leat::component
