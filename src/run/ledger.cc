#include "run/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/outcome_json.h"
#include "run/schema_history.h"
#include "run/replay.h"

namespace leat::run {
namespace {

using state::Value;

Value TextOrNull(const std::string& text) { return text.empty() ? Value(std::monostate{}) : Value(text); }
Value IntOrNull(int64_t number) { return number == 0 ? Value(std::monostate{}) : Value(number); }

Value PeriodValue(const PeriodOfFile& period_of, const std::string& asset, const std::string& origin) {
  const std::optional<TimeMicros> period = period_of ? period_of(asset, origin) : std::nullopt;
  return period ? Value(*period) : Value(std::monostate{});
}

Status DeleteStepRows(state::Transaction& tx, const std::string& run_id, const std::string& asset) {
  for (const char* table : {"ledger", "check_result", "step_input", "filter", "schema_drift"}) {
    LEAT_TRY(tx.Execute(fmt::format("DELETE FROM {} WHERE run_id = ?1 AND step = ?2", table), {run_id, asset}));
  }
  for (const char* table : {"step", "lineage", "step_outcome"}) {
    LEAT_TRY(tx.Execute(fmt::format("DELETE FROM {} WHERE run_id = ?1 AND asset = ?2", table), {run_id, asset}));
  }
  return Ok();
}

const std::vector<std::string> kStepColumns = {
    "run_id",        "asset",         "ns",       "name",       "action",   "status",      "reason",
    "error_code",    "error_message", "attempt",  "started_at", "ended_at", "fingerprint", "checks_passed",
    "checks_failed", "checks_warned", "published"};

state::Row StepRow(const std::string& run_id, const StepRecord& record) {
  const StepResult& result = record.outcome.result;
  return {run_id,
          record.step.asset,
          record.step.table.ns,
          record.step.table.name,
          std::string(ActionName(record.step.action)),
          std::string(StepStatusName(result.status)),
          result.reason,
          result.error ? Value(result.error->code()) : Value(std::monostate{}),
          result.error ? Value(result.error->message()) : Value(std::monostate{}),
          int64_t{record.attempt},
          record.started_at,
          record.ended_at,
          record.fingerprint.ToText(),
          int64_t{result.checks_passed},
          int64_t{result.checks_failed},
          int64_t{result.checks_warned},
          int64_t{result.published ? 1 : 0}};
}

/// "lake.raw_x.y.col" -> table and column as written by the engine; the catalogue's name is left out.
void SplitOrigin(const std::string& origin, std::string& table, std::string& column) {
  const size_t last = origin.rfind('.');
  column = last == std::string::npos ? origin : origin.substr(last + 1);
  table = last == std::string::npos ? "" : origin.substr(0, last);
  if (std::count(table.begin(), table.end(), '.') >= 2) table = table.substr(table.find('.') + 1);
}

Status WriteFacts(state::Transaction& tx, const std::string& run_id, const StepRecord& record) {
  const StepOutcome& outcome = record.outcome;
  const std::string& asset = record.step.asset;
  std::vector<state::Row> rows;
  rows.reserve(outcome.checks.size());
  for (const CheckResult& check : outcome.checks) {
    rows.push_back({run_id, asset, check.check_id, check.when, check.on_fail, check.status, check.failures, check.total,
                    check.observed, check.message, record.ended_at});
  }
  LEAT_TRY(InsertRows(
      tx, "check_result",
      {"run_id", "step", "check_id", "stage", "on_fail", "status", "failures", "total", "observed", "message", "at"},
      rows));
  rows.clear();
  for (const sql::TableRead& read : outcome.inputs) {
    rows.push_back(
        {run_id, asset, read.table.ToString(), read.snapshot_id, read.rows_in_snapshot, read.files, read.bytes});
  }
  LEAT_TRY(InsertRows(tx, "step_input",
                      {"run_id", "step", "input", "snapshot_id", "rows_in_snapshot", "files", "bytes"}, rows));
  rows.clear();
  for (const NamedCount& filter : outcome.filters) rows.push_back({run_id, asset, filter.name, filter.rows});
  LEAT_TRY(InsertRows(tx, "filter", {"run_id", "step", "rule", "rows"}, rows));
  rows.clear();
  for (const sql::ColumnOrigin& column : outcome.lineage) {
    for (const std::string& input : column.inputs) {
      std::string table;
      std::string name;
      SplitOrigin(input, table, name);
      rows.push_back({run_id, asset, column.output, table, name});
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return InsertRows(tx, "lineage", {"run_id", "asset", "column_name", "input_asset", "input_column"}, rows);
}

/// Rows of an adopted step, with this run's id.
Status CopyFacts(state::Transaction& tx, const std::string& run_id, const std::string& from, const std::string& asset) {
  LEAT_TRY(tx.Execute(
      "INSERT INTO check_result SELECT ?1, step, check_id, stage, on_fail, status, failures, total, observed, "
      "message, at FROM check_result WHERE run_id = ?2 AND step = ?3",
      {run_id, from, asset}));
  LEAT_TRY(
      tx.Execute("INSERT INTO step_input SELECT ?1, step, input, snapshot_id, rows_in_snapshot, files, bytes FROM "
                 "step_input WHERE run_id = ?2 AND step = ?3",
                 {run_id, from, asset}));
  LEAT_TRY(tx.Execute("INSERT INTO filter SELECT ?1, step, rule, rows FROM filter WHERE run_id = ?2 AND step = ?3",
                      {run_id, from, asset}));
  LEAT_TRY(
      tx.Execute("INSERT INTO lineage SELECT ?1, asset, column_name, input_asset, input_column FROM lineage WHERE "
                 "run_id = ?2 AND asset = ?3",
                 {run_id, from, asset}));
  return CopyDrift(tx, run_id, from, asset);
}

Status WriteLedgerRow(state::Transaction& tx, const std::string& run_id, const StepRecord& record) {
  const StepResult& r = record.outcome.result;
  return InsertRows(tx, "ledger",
                    {"run_id", "step", "asset", "kind", "rows_in", "rows_out", "rows_rejected", "rows_filtered",
                     "rows_inserted", "rows_updated", "rows_deleted", "bytes_in", "bytes_out", "watermark_before",
                     "watermark_after", "snapshot_before", "snapshot_branch", "snapshot_after", "rows_adopted"},
                    {{run_id, record.step.asset, record.step.asset, r.kind, r.rows_in, r.rows_out, r.rows_rejected,
                      r.rows_filtered, r.rows_inserted, r.rows_updated, r.rows_deleted, r.bytes_in, r.bytes_out,
                      TextOrNull(r.watermark_before), TextOrNull(r.watermark_after), IntOrNull(r.snapshot_before),
                      IntOrNull(r.snapshot_branch), IntOrNull(r.snapshot_after), r.rows_adopted}});
}

std::string TargetOf(const Reach& reach) { return reach.empty() ? "main" : reach.front().first; }

/// A file whose content is in the ledger: its row is renewed, or it is noted as a duplicate of those that brought the content,
/// in the name of their runs: whatever takes such a run back takes the note along.
Status NoteKnownContent(state::Transaction& tx, const std::string& load_key, const component::InputFile& file,
                        const Value& period) {
  const std::string file_id = FileId(file);
  const auto identity = static_cast<int64_t>(file.identity);
  LEAT_ASSIGN(
      const int64_t renewed,
      tx.Execute("UPDATE loaded_file SET size = ?1, mtime_ns = ?2, inode = ?3 WHERE load_key = ?4 AND file_id = ?5",
                 {file.size_bytes, file.modified_ns, identity, load_key, file_id}));
  (void)renewed;
  LEAT_TRY(tx.Execute(
      "INSERT INTO loaded_file (load_key, file_id, origin, size, mtime_ns, inode, content_hash, rows, run_id, "
      "published_commit, period, duplicate_of) SELECT o.load_key, ?3, ?4, o.size, CAST(?5 AS BIGINT), CAST(?6 AS BIGINT), "
      "o.content_hash, 0, o.run_id, min(o.published_commit), CAST(?8 AS BIGINT), min(o.origin) FROM loaded_file o WHERE o.load_key = ?1 AND "
      "o.size = ?7 AND o.content_hash = ?2 AND o.origin <> ?4 AND o.duplicate_of IS NULL AND o.published_commit IS NOT "
      "NULL AND o.revoked_commit IS NULL AND NOT EXISTS (SELECT 1 FROM loaded_file f WHERE f.load_key = ?1 AND f.file_id "
      "= ?3 AND (f.run_id = o.run_id OR f.revoked_commit IS NULL)) GROUP BY o.load_key, o.size, o.content_hash, o.run_id",
      {load_key, file.content_hash, file_id, file.origin, file.modified_ns, identity, file.size_bytes, period}));
  return Ok();
}

}  // namespace

Status InsertRows(state::Transaction& tx, const std::string& table, const std::vector<std::string>& columns,
                  const std::vector<state::Row>& rows) {
  const size_t at_once = std::max<size_t>(1, 900 / columns.size());
  for (size_t begin = 0; begin < rows.size(); begin += at_once) {
    const size_t end = std::min(rows.size(), begin + at_once);
    std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ", table, fmt::join(columns, ", "));
    state::Params params;
    for (size_t i = begin; i < end; ++i) {
      sql += i == begin ? "(" : ", (";
      for (size_t c = 0; c < columns.size(); ++c) {
        params.push_back(rows[i][c]);
        sql += fmt::format("{}?{}", c == 0 ? "" : ", ", params.size());
      }
      sql += ")";
    }
    LEAT_TRY(tx.Execute(sql, params));
  }
  return Ok();
}

Status WriteRunStart(state::Transaction& tx, const RunRow& run, const Plan& plan, const PeriodOfFile& period_of) {
  LEAT_TRY(InsertRows(tx, "run",
                      {"id", "pipeline_name", "status", "retry_of", "branch", "target", "started_at", "ended_at",
                       "commit_id", "project_hash", "error", "options"},
                      {{run.run_id, run.pipeline_name, run.status, TextOrNull(run.retry_of), run.branch, run.target,
                        run.started_at, run.ended_at ? Value(*run.ended_at) : Value(std::monostate{}), std::monostate{},
                        run.project_hash, std::monostate{}, run.options}}));
  std::vector<state::Row> rows;
  for (const PlanStep& step : plan.steps) {
    StepRecord record;
    record.step = step;
    record.started_at = run.started_at;
    record.ended_at = run.started_at;
    record.outcome.result.status = step.action == StepAction::kSkip ? StepStatus::kSkipped : StepStatus::kPending;
    record.outcome.result.reason = step.reason;
    if (const auto print = Fingerprint::Parse(step.fingerprint)) record.fingerprint = *print;
    rows.push_back(StepRow(run.run_id, record));
    for (const component::InputFile& file : step.touched) {
      LEAT_TRY(NoteKnownContent(tx, step.load_key, file, PeriodValue(period_of, step.asset, file.origin)));
    }
  }
  return InsertRows(tx, "step", kStepColumns, rows);
}

Status WriteStepEnd(state::Transaction& tx, const std::string& run_id, const StepRecord& record) {
  const std::string& asset = record.step.asset;
  const StepStatus status = record.outcome.result.status;
  const bool done = status == StepStatus::kSuccess || status == StepStatus::kAdopted || status == StepStatus::kBlocked;
  // A step adopted from an earlier attempt of the same run has its rows already.
  if (status == StepStatus::kAdopted && record.adopted_from == run_id) {
    LEAT_TRY(tx.Execute("UPDATE step SET status = ?1, reason = ?2 WHERE run_id = ?3 AND asset = ?4",
                        {std::string(StepStatusName(status)), record.outcome.result.reason, run_id, asset}));
    return Ok();
  }
  LEAT_TRY(DeleteStepRows(tx, run_id, asset));
  LEAT_TRY(InsertRows(tx, "step", kStepColumns, {StepRow(run_id, record)}));
  if (!done) return Ok();
  LEAT_TRY(WriteLedgerRow(tx, run_id, record));
  if (status == StepStatus::kAdopted) {
    LEAT_TRY(CopyFacts(tx, run_id, record.adopted_from, asset));
  } else {
    LEAT_TRY(WriteFacts(tx, run_id, record));
    LEAT_TRY(WriteDrift(tx, run_id, record));
  }
  return InsertRows(tx, "step_outcome", {"run_id", "asset", "outcome"},
                    {{run_id, asset, OutcomeToJson(record.outcome, record.listed)}});
}

Status WritePublished(state::Transaction& tx, const std::string& run_id, const std::vector<StepRecord*>& records,
                      const lake::PublishResult& result, const Reach& target_reach, const PeriodOfFile& period_of,
                      std::string& conflict) {
  // Snapshots of the branch that became others on the target (re-based or squashed).
  std::map<std::pair<lake::TableName, int64_t>, int64_t> renamed;
  for (const StepRecord* record : records) {
    const auto after = result.snapshot_after.find(record->step.table);
    const int64_t branch = record->outcome.result.snapshot_branch;
    if (after != result.snapshot_after.end() && branch != 0) renamed[{record->step.table, branch}] = after->second;
  }
  for (StepRecord* record : records) {
    const std::string& asset = record->step.asset;
    const bool append_of_files = record->outcome.item.change == lake::PublishItem::Change::kAppend ||
                                 record->outcome.item.change == lake::PublishItem::Change::kCreate;
    std::vector<state::Row> files;
    for (const LoadedFile& loaded : record->listed) {
      const std::string file_id = FileId(loaded.file);
      if (append_of_files) {
        LEAT_ASSIGN(const state::Rows others,
                    tx.Query("SELECT f.run_id FROM loaded_file f JOIN commit_log c ON c.id = f.published_commit WHERE "
                             "f.load_key = ?1 AND f.file_id = ?2 AND f.run_id <> ?3 AND " +
                                 ReachSql(target_reach, "c") +
                                 " AND NOT EXISTS (SELECT 1 FROM commit_log r WHERE r.id = f.revoked_commit AND " +
                                 ReachSql(target_reach, "r") +
                                 ") AND NOT EXISTS (SELECT 1 FROM file_replay p WHERE p.load_key = f.load_key AND "
                                 "p.target = ?4 AND p.origin = f.origin)",
                             {record->step.load_key, file_id, run_id, TargetOf(target_reach)}));
        if (!others.empty()) {
          conflict = asset;
          return MakeError("RUN-201", ErrorKind::kConflict,
                           "{} was published into {} by run {} while this run loaded it", loaded.file.origin,
                           record->step.table.ToString(), others.Text(0, 0))
              .WithRetry(Retry::kSafe);
        }
      }
      files.push_back({record->step.load_key, file_id, loaded.file.origin, loaded.file.size_bytes,
                       loaded.file.modified_ns, static_cast<int64_t>(loaded.file.identity), loaded.file.content_hash,
                       loaded.rows, run_id, TextOrNull(loaded.archived_as), result.commit, std::monostate{},
                       PeriodValue(period_of, asset, loaded.file.origin)});
    }
    LEAT_TRY(
        tx.Execute("DELETE FROM loaded_file WHERE load_key = ?1 AND run_id = ?2", {record->step.load_key, run_id}));
    LEAT_TRY(InsertRows(tx, "loaded_file",
                        {"load_key", "file_id", "origin", "size", "mtime_ns", "inode", "content_hash", "rows", "run_id",
                         "archived_as", "published_commit", "revoked_commit", "period"},
                        files));
    LEAT_TRY(WriteSchema(tx, run_id, *record, result.commit, target_reach));
    LEAT_TRY(SettleReplay(tx, record->step.load_key, TargetOf(target_reach), run_id));

    Fingerprint print = record->fingerprint;
    for (auto& [table, snapshot] : print.inputs) {
      const auto now = renamed.find({table, snapshot});
      if (now != renamed.end()) snapshot = now->second;
    }
    const auto after = result.snapshot_after.find(record->step.table);
    const int64_t snapshot_after =
        after != result.snapshot_after.end() ? after->second : record->outcome.result.snapshot_before;
    LEAT_TRY(tx.Execute("UPDATE step SET published = 1, fingerprint = ?1 WHERE run_id = ?2 AND asset = ?3",
                        {print.ToText(), run_id, asset}));
    LEAT_TRY(tx.Execute("UPDATE ledger SET snapshot_after = ?1 WHERE run_id = ?2 AND step = ?3",
                        {IntOrNull(snapshot_after), run_id, asset}));
    LEAT_TRY(tx.Execute("DELETE FROM step_outcome WHERE run_id = ?1 AND asset = ?2", {run_id, asset}));
    for (const auto& [key, now] : renamed) {
      if (key.second == now) continue;
      LEAT_TRY(
          tx.Execute("UPDATE step_input SET snapshot_id = ?1 WHERE run_id = ?2 AND step = ?3 AND input = ?4 AND "
                     "snapshot_id = ?5",
                     {now, run_id, asset, key.first.ToString(), key.second}));
    }
  }
  if (result.commit != 0) {
    LEAT_TRY(tx.Execute("UPDATE run SET commit_id = ?1 WHERE id = ?2", {result.commit, run_id}));
  }
  return Ok();
}

Status WriteRunEnd(state::Transaction& tx, const std::string& run_id, const RunEnd& end) {
  LEAT_TRY(tx.Execute(
      "UPDATE run SET status = ?1, error = ?2, retry_of = COALESCE(retry_of, ?3), branch = ?4, ended_at = ?5 "
      "WHERE id = ?6",
      {end.status, TextOrNull(end.error), TextOrNull(end.retry_of), end.branch, end.ended_at, run_id}));
  std::vector<state::Row> rows;
  rows.reserve(end.log.size());
  for (const auto& [stage, entry] : end.log) rows.push_back({run_id, stage, end.ended_at, entry});
  return InsertRows(tx, "run_log", {"run_id", "stage", "at", "entry"}, rows);
}

}  // namespace leat::run
