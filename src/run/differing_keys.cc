#include "run/differing_keys.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/log.h"
#include "component/sql_probe.h"
#include "lake/scan.h"
#include "run/differing_chunks.h"
#include "sql/session.h"

namespace leat::run {
namespace {

using component::RangeFacts;
using Ranges = std::map<int64_t, RangeFacts>;

constexpr int64_t kFewestKeys = 20'000;  ///< below, all of them are read at once
constexpr int64_t kMostRanges = 4'096;
constexpr int64_t kLeastWidth = 1'000;
constexpr size_t kMostReads = 64;  ///< ranges side by side count as one

/// The values of a range by its number (component::RangeOf).
RangeSpan SpanOf(int64_t range, int64_t width) {
  RangeSpan span{range, range};
  if (range >= 0 && __builtin_add_overflow(range, width - 1, &span.last))
    span.last = std::numeric_limits<int64_t>::max();
  if (range <= 0 && __builtin_sub_overflow(range, width - 1, &span.first))
    span.first = std::numeric_limits<int64_t>::min();
  return span;
}

/// The registered column of the key when it is one whole number, else null.
const component::SourceColumn* WholeKey(const StepContext& context, const RegisteredTable& registered) {
  const KeyColumns keys = KeyColumnsOf(context, registered);
  if (keys.columns.size() != 1 || context.asset.primary_key.size() != 1) return nullptr;
  for (const component::SourceColumn& column : registered.table.columns) {
    if (column.name != keys.columns[0].name || column.type == nullptr) continue;
    const data::TypeId type = column.type->id;
    return type == data::TypeId::kInt || type == data::TypeId::kLong ? &column : nullptr;
  }
  return nullptr;
}

/// Width of a range so that there are not too many of them.
int64_t WidthFor(int64_t least, int64_t greatest) {
  uint64_t span = static_cast<uint64_t>(greatest) - static_cast<uint64_t>(least);
  return std::max(kLeastWidth, static_cast<int64_t>(span / static_cast<uint64_t>(kMostRanges)) + 1);
}

Result<Ranges> OwnRanges(sql::Connection& connection, const std::string& table, int64_t width) {
  std::string sql = "SELECT " + component::RangeOf("k", width) + ", count(*)";
  for (const std::string& one : component::RangeSums("k")) sql += ", sum(" + one + ")";
  LEAT_ASSIGN(const sql::TextRows rows,
              connection.Query(sql + " FROM (SELECT k0::BIGINT AS k FROM temp." + table + ") GROUP BY ALL"));
  Ranges ranges;
  for (const auto& row : rows.rows) {
    RangeFacts& facts = ranges[std::strtoll(row[0].value_or("0").c_str(), nullptr, 10)];
    facts.rows = std::strtoll(row[1].value_or("0").c_str(), nullptr, 10);
    for (size_t i = 2; i < row.size(); ++i) facts.sums.push_back(row[i].value_or(""));
  }
  return ranges;
}

/// What has to be read.
struct Difference {
  std::vector<RangeSpan> spans;
  size_t ranges = 0;
  int64_t rows = 0;  ///< of the source
};

/// Ranges that are not the same on both sides.
Difference Compare(const Ranges& there, const Ranges& here, int64_t width) {
  Difference found;
  std::set<int64_t> numbers;
  for (const auto& [range, facts] : there) {
    const auto own = here.find(range);
    if (own != here.end() && own->second == facts) continue;
    numbers.insert(range);
    found.rows += facts.rows;
  }
  for (const auto& [range, facts] : here) {
    if (!there.contains(range)) numbers.insert(range);
  }
  found.ranges = numbers.size();
  found.spans = SpansOf({numbers.begin(), numbers.end()}, width);
  return found;
}

}  // namespace

int64_t NumberAt(const sql::TextRows& rows, size_t column) {
  return component::WholeNumber(rows.rows.at(0).at(column)).value_or(0);
}

std::vector<RangeSpan> SpansOf(const std::vector<int64_t>& numbers, int64_t width) {
  std::vector<RangeSpan> spans;
  for (const int64_t number : numbers) {
    const RangeSpan span = SpanOf(number, width);
    const bool beside = !spans.empty() && spans.back().last != std::numeric_limits<int64_t>::max() &&
                        spans.back().last + 1 == span.first;
    if (beside) spans.back().last = span.last;
    else spans.push_back(span);
  }
  return spans;
}

Result<int64_t> MakeOwnKeys(const KeyComparison& comparison) {
  const auto& [context, source, registered, stream, work, target, layout, staged, name] = comparison;
  const lake::Snapshot* current = target.metadata == nullptr ? nullptr : target.metadata->current_snapshot();
  if (current == nullptr) return 0;
  LEAT_ASSIGN(const lake::ScanPlan plan, lake::PlanScan(*context.lakehouse.files, *target.metadata, current));
  if (plan.files.empty()) return 0;
  LEAT_ASSIGN(const std::string rows,
              sql::ReadSql(*context.lakehouse.files, work.connection(), layout.metadata, layout.schema, plan));
  std::string columns, numbered;
  const KeyColumns keys = KeyColumnsOf(context, registered);
  for (size_t i = 0; i < keys.names.size(); ++i) {
    const std::string column = sql::QuoteName(keys.names[i]);
    columns += (i == 0 ? "" : ", ") + column;
    numbered += fmt::format("{}{} AS k{}", i == 0 ? "" : ", ", column, i);
  }
  LEAT_TRY(work.connection().Execute(fmt::format(
      "CREATE OR REPLACE TEMP TABLE leat_own_keys AS SELECT DISTINCT {0} FROM (SELECT {1} FROM ({2}){3} UNION ALL SELECT {1} "
      "FROM temp.{4}){5}",
      numbered, columns, rows, context.asset.soft_delete ? " WHERE " + std::string(kDeletedAt) + " IS NULL" : "",
      sql::QuoteName(staged), keys.names.size() == 1 ? " WHERE " + columns + " IS NOT NULL" : "")));
  LEAT_ASSIGN(const sql::TextRows count, work.connection().Query("SELECT count(*) FROM temp.leat_own_keys"));
  const int64_t found = NumberAt(count, 0);
  return found < kFewestKeys ? 0 : found;
}

Result<std::optional<KeysRead>> ReadDifferingKeys(const KeyComparison& comparison) {
  const auto& [context, source, registered, stream, work, target, layout, staged, name] = comparison;
  std::optional<KeysRead> none;
  auto* probe = dynamic_cast<component::TableProbe*>(&source);
  if (probe == nullptr || !context.asset.source->source.ranges) return none;
  const component::SourceColumn* key = WholeKey(context, registered);
  if (key == nullptr) return ReadDifferingChunks(comparison);
  sql::Connection& connection = work.connection();
  LEAT_ASSIGN(const int64_t own, MakeOwnKeys(comparison));
  if (own == 0) return none;
  LEAT_ASSIGN(const sql::TextRows ends, connection.Query("SELECT min(k0), max(k0) FROM temp.leat_own_keys"));
  const int64_t width = WidthFor(NumberAt(ends, 0), NumberAt(ends, 1));
  const auto there = probe->SumRanges(key->name, width);
  if (!there.ok()) {
    Log(LogLevel::kInfo, "keys_not_summed", {{"asset", context.asset.id}, {"error", there.error().message()}});
    return none;
  }
  LEAT_ASSIGN(const Ranges here, OwnRanges(connection, "leat_own_keys", width));
  KeysRead keys;
  for (const auto& [range, facts] : *there) keys.keys += facts.rows;
  if (keys.keys == 0) return std::optional<KeysRead>(std::move(keys));
  const Difference found = Compare(*there, here, width);
  if (found.spans.size() > kMostReads || found.rows > keys.keys / 2) return none;

  const std::string table = "temp." + sql::QuoteName(name);
  const std::string raw = sql::QuoteName(KeyColumnsOf(context, registered).names.at(0));
  LEAT_TRY(connection.Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(name) + " (" + raw + " BIGINT)"));
  std::string elsewhere = "true";
  int64_t read = 0;
  for (const RangeSpan& span : found.spans) {
    component::ReadRequest request = RequestBetween(key->name, std::to_string(span.first), std::to_string(span.last));
    LEAT_ASSIGN(const std::string select, OpenKeys(context, source, registered, stream, work, std::move(request)));
    LEAT_TRY(connection.Execute(fmt::format("INSERT INTO {} {}", table, select)));
    read += stream.rows_read();
    stream.Close();
    elsewhere += fmt::format(" AND NOT k0 BETWEEN {} AND {}", span.first, span.last);
  }
  LEAT_TRY(
      connection.Execute(fmt::format("INSERT INTO {} SELECT k0 FROM temp.leat_own_keys WHERE {}", table, elsewhere)));
  keys.how = fmt::format("; {} of {} ranges differ, {} keys were read", found.ranges,
                         std::max(there->size(), here.size()), read);
  return std::optional<KeysRead>(std::move(keys));
}

}  // namespace leat::run
