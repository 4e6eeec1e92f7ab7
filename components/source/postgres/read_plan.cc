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

constexpr double kFollowsPages = 0.9;  ///< correlation from which ranges of a key are ranges of pages, nearly

/// The first column of the table's own key where it is a whole number, a date or a moment: it is never NULL, so that ranges of it have
/// every row. One that only the project declares may be.
const ServerColumn* LeadingKey(const ServerTable& table) {
  const ServerColumn* key = table.primary_key.empty() ? nullptr : table.Find(table.primary_key[0]);
  return key != nullptr && UnitOf(*key) ? key : nullptr;
}

/// True when the rows lie in the key's order, as far as the server's statistics know.
Result<bool> IsInOrder(Connection& connection, const ServerTable& table, const ServerColumn& key) {
  if (table.kind != 'r' || table.pages != table.all_pages) return false;
  LEAT_ASSIGN(
      const std::vector<TextRow> rows,
      connection.Query(fmt::format(
          "SELECT 1 FROM pg_stats WHERE schemaname = {} AND tablename = {} AND attname = {} AND correlation >= {}",
          component::SqlLiteral(table.schema), component::SqlLiteral(table.name), component::SqlLiteral(key.name),
          kFollowsPages)));
  return !rows.empty();
}

/// Ranges of a key; no axis where it has no values that can be counted: in an empty table, or where they begin before the year 1. What is
/// infinite lies in the outer ranges.
Result<std::optional<Axis>> KeyAxis(Connection& connection, const ServerTable& table, const ServerColumn& key) {
  const std::string name = component::SqlName(key.name);
  const Unit unit = UnitOf(key).value_or(Unit::kInteger);
  LEAT_ASSIGN(const std::vector<TextRow> ends,
              connection.Query(fmt::format("SELECT min({0}), max({0}) FROM {1}{2}", name, table.Quoted(),
                                           unit == Unit::kInteger ? "" : " WHERE isfinite(" + name + ")")));
  const std::optional<std::string>&least = ends[0][0], &greatest = ends[0][1];
  if (!least || !greatest) return std::optional<Axis>();
  const auto first = UnitsOf(unit, *least), last = UnitsOf(unit, *greatest);
  if (!first || !last) return std::optional<Axis>();
  return std::optional<Axis>(Values(unit, key.name, *first, *last));
}

/// The values of an update key from the bookmark to the upper end; nullopt where they are of no unit.
std::optional<Axis> AxisBehind(const ServerColumn& column, const ReadWish& wish) {
  const std::optional<Unit> unit = UnitOf(column);
  if (!unit) return std::nullopt;
  const auto from = UnitsOf(*unit, wish.bookmark), to = UnitsOf(*unit, wish.upper);
  if (!from || !to) return std::nullopt;
  return Values(*unit, wish.update_key, *from, *to);
}

}  // namespace

Result<ReadPlan> ChooseReadPlan(Connection& connection, const ServerTable& table, const ReadWish& wish) {
  const bool pages = wish.one_snapshot && table.has_pages() && connection.version() >= kPageScanVersion;
  if (!wish.bookmark.empty() && !table.is_computed()) {
    LEAT_ASSIGN(const bool indexed, UsesIndex(connection, table, wish.condition));
    const ServerColumn* column = table.Find(wish.update_key);
    const std::optional<Axis> axis = column == nullptr ? std::nullopt : AxisBehind(*column, wish);
    if (indexed && axis) {
      return ReadPlan{axis, fmt::format("ranges of {} behind the bookmark, through its index", wish.update_key),
                      table.primary_key == std::vector<std::string>{wish.update_key}};
    }
    if (indexed) {
      return ReadPlan{std::nullopt, fmt::format("one statement: the rows behind the bookmark, through the index of {}",
                                                wish.update_key)};
    }
  }
  const bool bounded = !wish.update_key.empty() && !wish.upper.empty();
  const ServerColumn* key = LeadingKey(table);
  if (pages && bounded && wish.bookmark.empty() && key != nullptr) {
    LEAT_ASSIGN(const bool in_order, IsInOrder(connection, table, *key));
    LEAT_ASSIGN(std::optional<Axis> axis, in_order ? KeyAxis(connection, table, *key) : std::optional<Axis>());
    if (axis) {
      return ReadPlan{std::move(axis), fmt::format("ranges of the primary key {}: rows lie in its order", key->name),
                      true};
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
  if (table.is_computed()) {
    return ReadPlan{std::nullopt,
                    fmt::format("one statement: a {} is computed as a whole", table.kind == 'v' ? "view" : "query")};
  }
  if (key == nullptr) {
    return ReadPlan{
        std::nullopt,
        fmt::format("one statement: {}, and no primary key that begins with a number or a time", why_no_pages)};
  }
  LEAT_ASSIGN(std::optional<Axis> axis, KeyAxis(connection, table, *key));
  if (!axis) return ReadPlan{std::nullopt, "one statement: it is empty, or its key has no values that can be counted"};
  return ReadPlan{std::move(axis), fmt::format("ranges of the primary key {}: {}", key->name, why_no_pages),
                  bounded || !wish.one_snapshot};
}

}  // namespace leat::components::postgres
