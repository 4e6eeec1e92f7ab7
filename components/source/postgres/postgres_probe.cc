#include <algorithm>

#include "base/nearest.h"
#include "component/sql_text.h"
#include "components/source/postgres/postgres_source.h"

namespace leat::components::postgres {
namespace {

using component::WholeNumber;

constexpr const char* kFacts = R"(
SELECT current_setting('server_version'),
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
  r.rolconnlimit, d.datconnlimit, (SELECT sum(numbackends) FROM pg_stat_database),
  current_setting('wal_level'), r.rolreplication OR r.rolsuper
FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database())";

/// What the table and all that inherits from it had written; {}: its oid.
constexpr const char* kWrites = R"(
WITH RECURSIVE tree AS (
  SELECT {0}::oid AS oid UNION SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid
)
SELECT sum(s.n_tup_ins), sum(s.n_tup_upd), sum(s.n_tup_del),
  (SELECT floor(extract(epoch FROM stats_reset) * 1000000)::bigint FROM pg_stat_database WHERE datname = current_database())
FROM pg_stat_all_tables s JOIN tree t ON t.oid = s.relid)";

}  // namespace

Result<std::vector<TextRow>> PostgresSource::ProbeRows(const std::string& sql) { return Ask(sql); }

Result<std::string> PostgresSource::ProbedTable() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  return table->Quoted();
}

Result<std::string> PostgresSource::ProbedColumn(const std::string& name) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  if (table->Find(name) != nullptr) return component::SqlName(name);
  return MakeError("SRC-246", ErrorKind::kData, "{}: {} has no column '{}'", what_, table->Shown(), name)
      .WithHint(DidYouMean(name, component::NamesOf(table->columns)));
}

Result<std::string> PostgresSource::ProbedMoment(const std::string& name, TimeMicros at) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  const ServerColumn* column = table->Find(name);
  const bool zoned = column != nullptr && column->type.name == "timestamptz";
  return component::SqlLiteral(component::MomentText(at) + (zoned ? "+00" : ""));
}

Result<bool> PostgresSource::HasCertainText(const component::SourceColumn& column) {
  LEAT_ASSIGN(const ServerTable* table, Table());
  const ServerColumn* found = table->Find(column.name);
  if (found == nullptr || found->element.oid != 0) return false;
  const bool digits = found->type.name == "numeric" && !IsUnconstrainedNumeric(*found);
  return (digits || component::HasPostgresText(found->type.name)) &&
         component::IsReadAs(*TypeOf(*found, {}), *column.type);
}

std::string PostgresSource::ProbedBounds(const std::string& condition) { return kWhere + condition; }

Status PostgresSource::ProbePieces(const std::string& select, const std::string& rest,
                                   const std::function<void(const std::vector<TextRow>&)>& take) {
  const std::chrono::milliseconds longest = LongestStatement();
  LEAT_ASSIGN(const ReadPlan plan, longest.count() > 0 ? Plan({}) : Result<ReadPlan>(ReadPlan{}));
  if (!plan.axis.has_value()) return SqlProbe::ProbePieces(select, rest, take);
  LEAT_ASSIGN(Connection * leader, Leader());
  Ranges ranges(plan.axis.value_or(Axis{}), {UnitRange{}}, Pace{longest, 1});
  LEAT_TRY(leader->Limit(longest));
  while (true) {
    const std::optional<Ranges::Piece> next = ranges.Next();
    if (!next.has_value()) return leader->EndLimit();
    const Ranges::Piece& piece = next.value();
    const auto started = std::chrono::steady_clock::now();
    std::string sql = select;
    if (!piece.condition.empty()) sql.append(" WHERE ").append(piece.condition);
    const auto rows = leader->Query(sql.append(rest));
    if (rows.ok()) {
      ranges.Done(piece,
                  std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started));
      take(*rows);
    } else if (rows.error().code() == "SRC-248" && ranges.Stopped(piece)) {
      LEAT_TRY(leader->GoOn());
    } else {
      leader_.reset();
      return rows.error();
    }
  }
}

Result<component::ServerFacts> PostgresSource::Server() {
  LEAT_ASSIGN(const std::vector<TextRow> rows, Ask(kFacts));
  component::ServerFacts facts;
  if (rows.empty()) return facts;  // a look-alike
  const TextRow& row = rows[0];
  facts.name = "PostgreSQL " + row[0].value_or("");
  int64_t most = WholeNumber(row[1]).value_or(0);
  for (const size_t limit : {2, 3}) {  // of the user, of the database; -1: none
    const int64_t own = WholeNumber(row[limit]).value_or(-1);
    if (own >= 0) most = std::min(most, own);
  }
  facts.most_connections = static_cast<int>(most);
  if (const auto open = WholeNumber(row[4])) facts.connections = static_cast<int>(*open);
  const bool logical = row[5] == "logical", replicates = row[6] == "t";
  facts.change_log = logical && replicates;
  facts.change_log_reason = !logical      ? "wal_level is " + row[5].value_or("") + ", not logical"
                            : !replicates ? "the user has no REPLICATION"
                                          : "wal_level is logical, and the user may replicate";
  return facts;
}

Result<std::optional<component::WriteCounters>> PostgresSource::Writes() {
  LEAT_ASSIGN(const ServerTable* table, Table());
  LEAT_ASSIGN(const std::vector<TextRow> rows, Ask(fmt::format(fmt::runtime(kWrites), table->oid)));
  if (rows.empty() || !rows[0][0]) return std::optional<component::WriteCounters>();  // a view
  component::WriteCounters counters;
  counters.inserted = WholeNumber(rows[0][0]).value_or(0);
  counters.updated = WholeNumber(rows[0][1]).value_or(0);
  counters.deleted = WholeNumber(rows[0][2]).value_or(0);
  counters.since = WholeNumber(rows[0][3]);
  return std::optional<component::WriteCounters>(counters);
}

}  // namespace leat::components::postgres
