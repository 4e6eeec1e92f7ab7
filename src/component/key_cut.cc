#include "component/key_cut.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

namespace leat::component {
namespace {

/// True for an error after which the table may be cut otherwise.
bool MayGoOn(const KeyCut& cut, const Error& error) { return cut.ways.unsure && error.kind() != ErrorKind::kCancelled; }

TableParts OnePiece(const std::string& why) { return TableParts{{}, "in one piece: " + why}; }

Result<TableParts> Hashed(const KeyCut& cut, int64_t rows, const std::string& why) {
  if (cut.ways.hash == KeyHash::kNone || cut.streams < 2 || rows <= RowsPerPart(cut.aim, cut.streams, rows)) {
    return OnePiece(why);
  }
  TableParts parts;
  parts.parts = CutByHash(cut.ways.hash, cut.columns, cut.streams, rows);
  if (cut.ways.unsure) {
    const Status known = cut.check(parts.parts.front().bounds);
    if (!known.ok()) return MayGoOn(cut, known.error()) ? Result<TableParts>(OnePiece(why)) : known.error();
  }
  parts.reason = fmt::format("a hash of the primary key {}: {}; the server reads the table for each of {} parts",
                             fmt::join(cut.names, ", "), why, parts.parts.size());
  return parts;
}

/// Bounds that were looked up; nullopt where the server could not be asked for them.
Result<std::optional<TableParts>> Walked(const KeyCut& cut, int64_t rows, int64_t rows_per_part) {
  auto bounds = WalkKey(rows_per_part, cut.next);
  if (!bounds.ok()) {
    if (MayGoOn(cut, bounds.error())) return std::optional<TableParts>();
    return std::move(bounds).error();
  }
  TableParts parts;
  parts.parts = CutAtBounds(cut.columns.front(), *bounds, rows, rows_per_part, cut.ways.nullable);
  parts.reason =
      fmt::format("ranges of the primary key {}{} with {} rows each, {} parts", cut.names.size() > 1 ? "by its " : "",
                  cut.names.front(), rows_per_part, parts.parts.size());
  parts.lasting = cut.lasting;
  return std::optional<TableParts>(std::move(parts));
}

Result<TableParts> CutWholeNumber(const KeyCut& cut, const KeyEnds& ends, int64_t rows_per_part) {
  const int64_t low = std::strtoll(ends.low.c_str(), nullptr, 10), high = std::strtoll(ends.high.c_str(), nullptr, 10);
  const bool alone = cut.streams < 2 && !cut.lasting;
  const bool small = ends.rows <= rows_per_part;
  if (cut.ways.walk && !alone && !small && !cut.behind_bookmark && !LieClose(low, high, ends.rows)) {
    LEAT_ASSIGN(std::optional<TableParts> parts, Walked(cut, ends.rows, rows_per_part));
    if (parts) return std::move(*parts);
  }
  TableParts parts;
  parts.parts = CutKeyRange(cut.columns.front(), low, high, ends.rows, rows_per_part, cut.ways.nullable);
  parts.reason =
      fmt::format("ranges of the primary key {} of equal width, {} parts", cut.names.front(), parts.parts.size());
  parts.lasting = cut.lasting;
  return parts;
}

}  // namespace

Result<TableParts> CutByKey(const KeyCut& cut) {
  if (cut.names.empty()) return OnePiece("it has no primary key");
  const bool whole = cut.names.size() == 1 && IsWholeNumber(*cut.type);
  const bool alone = cut.streams < 2 && !cut.lasting;
  if (!whole && alone) return OnePiece("the primary key is not one whole number, and one connection reads");
  if (!whole && cut.behind_bookmark) return OnePiece("the rows behind the bookmark");
  const bool ordered = cut.ways.walk && HasPlainOrder(*cut.type);
  LEAT_ASSIGN(const KeyEnds ends, cut.measure(whole));
  if (whole ? ends.low.empty() : ends.rows == 0) return TableParts{{}, "no rows"};
  const int64_t rows_per_part = RowsPerPart(cut.aim, cut.streams, ends.rows);
  if (whole) return CutWholeNumber(cut, ends, rows_per_part);
  if (ends.rows <= rows_per_part) return OnePiece(fmt::format("about {} rows", ends.rows));
  if (!ordered) return Hashed(cut, ends.rows, "its first column has no order that is known");
  LEAT_ASSIGN(std::optional<TableParts> parts, Walked(cut, ends.rows, rows_per_part));
  if (parts && parts->parts.size() > 1) return std::move(*parts);
  return Hashed(cut, ends.rows, fmt::format("values of {} do not tell its rows apart", cut.names.front()));
}

}  // namespace leat::component
