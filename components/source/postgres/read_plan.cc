#include "components/source/postgres/read_plan.h"

#include <cstdlib>

#include "data/exact_text.h"
#include "component/sql_text.h"

namespace leat::components::postgres {
namespace {

constexpr int kPageScanVersion = 140'000;  ///< scans can be bound to pages

std::optional<Unit> UnitOf(const ServerColumn& column) {
  const std::string& type = column.type.name;
  if (type == "int2" || type == "int4" || type == "int8") return Unit::kInteger;
  if (type == "timestamp" || type == "timestamptz") return Unit::kTimestamp;
  if (type == "date") return Unit::kDate;
  return std::nullopt;
}

/// A bookmark as a number of units.
std::optional<int64_t> UnitsOf(Unit unit, const std::string& text) {
  int64_t value = 0;
  int32_t days = 0;
  switch (unit) {
    case Unit::kInteger:
      if (data::ParseExact(text, value)) return value;
      break;
    case Unit::kTimestamp:
      if (data::ParseExactTimestamp(text, value) || data::ParseExactTimestampTz(text, value)) return value;
      break;
    case Unit::kDate:
      if (data::ParseExactDate(text, days)) return days;
      break;
    case Unit::kPage: break;
  }
  return std::nullopt;
}

/// The server itself would go through an index for the rows behind the bookmark.
Result<bool> UsesIndex(Connection& connection, const ServerTable& table, const std::string& condition) {
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              connection.Query("EXPLAIN SELECT * FROM " + table.Quoted() + " WHERE " + condition));
  for (const TextRow& row : rows) {
    if (row[0].value_or("").find("Seq Scan") != std::string::npos) return false;
  }
  return true;
}

Axis Values(Unit unit, const std::string& column, int64_t first, int64_t last) {
  Axis axis{unit, component::SqlName(column), first, first};
  if (__builtin_add_overflow(last, 1, &axis.last)) axis.last = last;
  // A span that 64 bits cannot count.
  int64_t span = 0;
  if (__builtin_sub_overflow(axis.last, axis.first, &span)) axis = {unit, axis.column, first / 4, last / 4};
  return axis;
}

}  // namespace

Result<ReadPlan> ChooseReadPlan(Connection& connection, const ServerTable& table, const ReadWish& wish) {
  const bool pages = wish.one_snapshot && table.has_pages() && connection.version() >= kPageScanVersion;
  if (!wish.bookmark.empty() && table.kind != 'v') {
    LEAT_ASSIGN(const bool indexed, UsesIndex(connection, table, wish.condition));
    const ServerColumn* column = table.Find(wish.update_key);
    const std::optional<Unit> unit = column == nullptr ? std::nullopt : UnitOf(*column);
    const auto from = unit ? UnitsOf(*unit, wish.bookmark) : std::nullopt;
    const auto to = unit ? UnitsOf(*unit, wish.upper) : std::nullopt;
    if (indexed && from && to) {
      return ReadPlan{Values(*unit, wish.update_key, *from, *to),
                      fmt::format("ranges of {} behind the bookmark, through its index", wish.update_key)};
    }
    if (indexed) {
      return ReadPlan{std::nullopt, fmt::format("one statement: the rows behind the bookmark, through the index of {}",
                                                wish.update_key)};
    }
  }
  if (pages) {
    return ReadPlan{Axis{Unit::kPage, "", 0, table.pages},
                    fmt::format("ranges of pages (ctid), {} in {}", table.pages,
                                table.kind == 'p' ? "its largest partition" : "the table")};
  }
  const std::string why_no_pages = !wish.one_snapshot   ? "consistency: part (rows change their pages)"
                                   : !table.has_pages() ? "it has no pages of its own"
                                                        : "the server is older than 14";
  if (table.kind == 'v') return ReadPlan{std::nullopt, "one statement: a view is computed as a whole"};
  const ServerColumn* key = wish.primary_key.size() == 1 ? table.Find(wish.primary_key[0]) : nullptr;
  if (key == nullptr || UnitOf(*key) != Unit::kInteger) {
    return ReadPlan{std::nullopt,
                    fmt::format("one statement: {}, and no primary key of one whole number", why_no_pages)};
  }
  const std::string name = component::SqlName(key->name);
  LEAT_ASSIGN(const std::vector<TextRow> ends,
              connection.Query(fmt::format("SELECT min({}), max({}) FROM {}", name, name, table.Quoted())));
  if (!ends[0][0] || !ends[0][1]) return ReadPlan{std::nullopt, "one statement: it is empty"};
  const auto first = UnitsOf(Unit::kInteger, *ends[0][0]), last = UnitsOf(Unit::kInteger, *ends[0][1]);
  return ReadPlan{Values(Unit::kInteger, key->name, first.value_or(0), last.value_or(0)),
                  fmt::format("ranges of the primary key {}: {}", key->name, why_no_pages)};
}

}  // namespace leat::components::postgres
