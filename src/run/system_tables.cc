#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "lake/scan.h"
#include "run/rejected.h"
#include "run/run.h"
#include "sql/session.h"

namespace leat::run {
namespace {

enum class Kind { kText, kNumber, kReal, kTime, kFlag };

struct ColumnSpec {
  std::string_view name;
  Kind kind = Kind::kText;
  std::string_view expression = {};  ///< over the state store's tables; empty: the name
};

/// A system table that is one query of the state store.
struct TableSpec {
  std::string_view name;
  std::string_view from;
  std::vector<ColumnSpec> columns;
  std::string_view order;
};

const std::vector<TableSpec>& Specs() {
  using enum Kind;
  static const std::vector<TableSpec> specs = {
      {"runs",
       "run",
       {{"run_id", kText, "id"},
        {"pipeline_name"},
        {"status"},
        {"retry_of"},
        {"branch"},
        {"target"},
        {"started_at", kTime},
        {"ended_at", kTime},
        {"commit_id", kNumber},
        {"project_hash"},
        {"error"},
        {"options"}},
       "started_at, id"},
      {"steps",
       "step",
       {{"run_id"},
        {"asset"},
        {"ns"},
        {"name"},
        {"action"},
        {"status"},
        {"reason"},
        {"error_code"},
        {"error_message"},
        {"attempt", kNumber},
        {"started_at", kTime},
        {"ended_at", kTime},
        {"checks_passed", kNumber},
        {"checks_failed", kNumber},
        {"checks_warned", kNumber},
        {"published", kFlag}},
       "run_id, started_at, asset"},
      {"ledger",
       "ledger",
       {{"run_id"},
        {"step"},
        {"asset"},
        {"rows_in", kNumber},
        {"rows_out", kNumber},
        {"rows_rejected", kNumber},
        {"rows_filtered", kNumber},
        {"bytes_in", kNumber},
        {"bytes_out", kNumber},
        {"watermark_before"},
        {"watermark_after"},
        {"snapshot_before", kNumber},
        {"snapshot_branch", kNumber},
        {"snapshot_after", kNumber},
        {"kind"},
        {"rows_inserted", kNumber},
        {"rows_updated", kNumber},
        {"rows_deleted", kNumber},
        {"rows_adopted", kNumber}},
       "run_id, step"},
      {"check_results",
       "check_result",
       {{"run_id"},
        {"step"},
        {"check_id"},
        {"stage"},
        {"on_fail"},
        {"status"},
        {"failures", kNumber},
        {"total", kNumber},
        {"observed"},
        {"message"},
        {"at", kTime}},
       "run_id, step, check_id, stage"},
      {"step_inputs",
       "step_input",
       {{"run_id"},
        {"step"},
        {"input"},
        {"snapshot_id", kNumber},
        {"rows_in_snapshot", kNumber},
        {"files", kNumber},
        {"bytes", kNumber}},
       "run_id, step, input"},
      {"filters", "filter", {{"run_id"}, {"step"}, {"rule"}, {"rows", kNumber}}, "run_id, step, rule"},
      {"lineage",
       "lineage",
       {{"run_id"}, {"asset"}, {"column_name"}, {"input_asset"}, {"input_column"}},
       "run_id, asset, column_name, input_asset, input_column"},
      {"files",
       "loaded_file f LEFT JOIN commit_log c ON c.id = f.published_commit",
       {{"file_id", kText, "f.file_id"},
        {"load_key", kText, "f.load_key"},
        {"origin", kText, "f.origin"},
        {"version", kNumber,
         "row_number() OVER (PARTITION BY f.load_key, f.origin ORDER BY f.published_commit, f.run_id)"},
        {"status", kText,
         "CASE WHEN f.revoked_commit IS NOT NULL THEN 'taken back' WHEN f.duplicate_of IS NOT NULL THEN 'duplicate' "
         "ELSE 'loaded' END"},
        {"period", kTime, "f.period"},
        {"size", kNumber, "f.size"},
        {"content_hash", kText, "f.content_hash"},
        {"rows", kNumber, "f.rows"},
        {"run_id", kText, "f.run_id"},
        {"loaded_at", kTime, "c.time"},
        {"archived_as", kText, "f.archived_as"},
        {"duplicate_of", kText, "f.duplicate_of"},
        {"replayed_by", kText, "f.replayed_by"},
        {"published_commit", kNumber, "f.published_commit"},
        {"revoked_commit", kNumber, "f.revoked_commit"}},
       "f.load_key, f.origin, f.published_commit, f.run_id"},
      {"schemas",
       "(SELECT * FROM registered_schema WHERE changes IS NOT NULL OR published_commit = 0) s",
       {{"load_key"},
        {"hash"},
        {"registered_at", kTime, "at"},
        {"run_id"},
        {"changes"},
        {"columns", kText, "schema_json"},
        {"status", kText, "CASE WHEN revoked_commit IS NULL THEN 'registered' ELSE 'taken back' END"},
        {"published_commit", kNumber, "NULLIF(published_commit, 0)"},
        {"revoked_commit", kNumber}},
       "load_key, at"},
      {"drift",
       "schema_drift",
       {{"run_id"},
        {"asset", kText, "step"},
        {"load_key"},
        {"found_at", kTime, "at"},
        {"class"},
        {"column_name"},
        {"was"},
        {"became"},
        {"policy"},
        {"action"},
        {"fails", kFlag},
        {"origin"},
        {"confidence", kReal}},
       "at, run_id, step, seq"},
      {"source_cost",
       "source_cost",
       {{"run_id"},
        {"step"},
        {"connection"},
        {"connections", kNumber},
        {"statements", kNumber},
        {"calls", kNumber},
        {"longest_seconds", kReal, "longest_us / CAST(1000000 AS DOUBLE PRECISION)"},
        {"busy_seconds", kReal, "busy_us / CAST(1000000 AS DOUBLE PRECISION)"},
        {"rows", kNumber},
        {"bytes", kNumber},
        {"waited_seconds", kReal, "waited_us / CAST(1000000 AS DOUBLE PRECISION)"}},
       "run_id, step, connection"},
      {"source_profiles",
       "source_profile",
       {{"connection"}, {"table_entry", kText, "entry"}, {"measured_at", kTime, "at"}, {"profile"}},
       "connection, entry, at"},
      {"metrics_reports",
       "metrics_report",
       {{"received_at", kTime},
        {"kind"},
        {"ref"},
        {"ns"},
        {"table_name"},
        {"snapshot_id", kNumber},
        {"user_name"},
        {"client"},
        {"report"}},
       "received_at, id"},
      {"run_log", "run_log", {{"run_id"}, {"stage"}, {"at", kTime}, {"entry"}}, "at, run_id, stage"},
      {"commits",
       "commit_log c LEFT JOIN commit_entry e ON e.commit_id = c.id",
       {{"commit_id", kNumber, "c.id"},
        {"ref", kText, "c.ref"},
        {"parent", kNumber, "c.parent"},
        {"committed_at", kTime, "c.time"},
        {"author", kText, "c.author"},
        {"run_id", kText, "NULLIF(c.run_id, '')"},
        {"kind", kText, "c.kind"},
        {"message", kText, "c.message"},
        {"object_kind", kText, "e.kind"},
        {"object_name", kText, "CASE WHEN e.name = '' THEN e.ns ELSE e.ns || '.' || e.name END"},
        {"dropped", kFlag, "CASE WHEN e.commit_id IS NULL THEN NULL WHEN e.location IS NULL THEN 1 ELSE 0 END"}},
       "c.id, e.seq"},
  };
  return specs;
}

std::string_view DuckType(Kind kind) {
  switch (kind) {
    case Kind::kText: return "VARCHAR";
    case Kind::kNumber: return "BIGINT";
    case Kind::kReal: return "DOUBLE";
    case Kind::kTime: return "TIMESTAMP";
    case Kind::kFlag: return "BOOLEAN";
  }
  return "VARCHAR";
}

std::string Literal(const state::Value& value, Kind kind) {
  if (std::holds_alternative<std::monostate>(value)) return "NULL";
  if (const int64_t* number = std::get_if<int64_t>(&value)) {
    if (kind == Kind::kTime) return fmt::format("make_timestamp({})", *number);
    if (kind == Kind::kFlag) return *number != 0 ? "true" : "false";
    return std::to_string(*number);
  }
  if (const double* real = std::get_if<double>(&value)) return fmt::format("{}::DOUBLE", *real);
  return sql::QuoteLiteral(std::get<std::string>(value));
}

Status MakeFromState(Lakehouse& lakehouse, sql::Connection& connection, const TableSpec& spec,
                     const std::string& qualified_name) {
  std::string select;
  std::string columns;
  for (const ColumnSpec& column : spec.columns) {
    const std::string_view separator = select.empty() ? "" : ", ";
    select +=
        fmt::format("{}{} AS {}", separator, column.expression.empty() ? column.name : column.expression, column.name);
    columns += fmt::format("{}{} {}", separator, sql::QuoteName(column.name), DuckType(column.kind));
  }
  LEAT_ASSIGN(const state::Rows rows,
              lakehouse.store->Read(fmt::format("SELECT {} FROM {} ORDER BY {}", select, spec.from, spec.order)));
  LEAT_TRY(connection.Execute(fmt::format("CREATE OR REPLACE TABLE {} ({})", qualified_name, columns)));
  constexpr size_t kAtOnce = 500;
  for (size_t begin = 0; begin < rows.size(); begin += kAtOnce) {
    std::string insert = fmt::format("INSERT INTO {} VALUES ", qualified_name);
    for (size_t i = begin; i < std::min(rows.size(), begin + kAtOnce); ++i) {
      insert += i == begin ? "(" : ", (";
      for (size_t c = 0; c < spec.columns.size(); ++c) {
        insert += (c == 0 ? "" : ", ") + Literal(rows.rows[i][c], spec.columns[c].kind);
      }
      insert += ")";
    }
    LEAT_TRY(connection.Execute(insert));
  }
  return Ok();
}

/// The union of all dead-letter tables on main, with the table that each row was kept out of.
Status MakeRejected(Lakehouse& lakehouse, sql::Connection& connection, const std::string& qualified_name) {
  std::string columns = "table_name VARCHAR";
  std::string names;
  for (const std::string& column : RejectedColumns()) {
    columns += fmt::format(", {} {}", sql::QuoteName(column), column == "masked" ? "BOOLEAN" : "VARCHAR");
    names += ", " + sql::QuoteName(column);
  }
  LEAT_TRY(connection.Execute(fmt::format("CREATE OR REPLACE TABLE {} ({})", qualified_name, columns)));
  LEAT_ASSIGN(const lake::View main, lakehouse.catalog->Resolve("main"));
  LEAT_ASSIGN(const std::vector<lake::Entry> entries, lakehouse.catalog->ListTables(main, ""));
  for (const lake::Entry& entry : entries) {
    if (entry.kind != lake::ObjectKind::kTable || !entry.name.name.ends_with("__rejected")) continue;
    LEAT_ASSIGN(const lake::MetadataPtr metadata, lakehouse.catalog->LoadMetadata(entry.location));
    const lake::Snapshot* snapshot = metadata->current_snapshot();
    if (snapshot == nullptr) continue;
    LEAT_ASSIGN(const lake::ScanPlan plan, lake::PlanScan(lakehouse.catalog->files(), *metadata, snapshot));
    LEAT_ASSIGN(const std::string read,
                sql::ReadSql(lakehouse.catalog->files(), connection, *metadata, metadata->current_schema(), plan));
    const std::string table = entry.name.ns + "." + entry.name.name.substr(0, entry.name.name.size() - 10);
    LEAT_TRY(connection.Execute(
        fmt::format("INSERT INTO {} SELECT {}{} FROM ({})", qualified_name, sql::QuoteLiteral(table), names, read)));
  }
  return Ok();
}

}  // namespace

std::vector<std::string> SystemTableNames() {
  std::vector<std::string> names = {"rejected"};
  for (const TableSpec& spec : Specs()) names.emplace_back(spec.name);
  std::sort(names.begin(), names.end());
  return names;
}

Status MakeSystemTable(Lakehouse& lakehouse, sql::Connection& connection, const std::string& table,
                       const std::string& qualified_name) {
  if (table == "rejected") return MakeRejected(lakehouse, connection, qualified_name);
  for (const TableSpec& spec : Specs()) {
    if (spec.name == table) return MakeFromState(lakehouse, connection, spec, qualified_name);
  }
  return MakeError("RUN-302", ErrorKind::kNotFound, "there is no system table leat.{}", table)
      .WithHint(DidYouMean(table, SystemTableNames()));
}

}  // namespace leat::run
