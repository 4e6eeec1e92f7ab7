#include "run/schema_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace leat::run {
namespace {

state::Value TextOrNull(const std::string& text) {
  return text.empty() ? state::Value(std::monostate{}) : state::Value(text);
}

}  // namespace

Result<std::string> NewestSchema(state::Store& store, const lake::View& view, const std::string& load_key) {
  LEAT_ASSIGN(const Reach reach, ReachOf(store, view));
  // Commit 0: registered by a build that did not write down with which commit.
  LEAT_ASSIGN(
      const state::Rows rows,
      store.Read(fmt::format("SELECT s.schema_json FROM registered_schema s WHERE s.load_key = ?1 AND "
                             "(s.published_commit = 0 OR EXISTS (SELECT 1 FROM commit_log c WHERE c.id = "
                             "s.published_commit AND {})) AND NOT EXISTS (SELECT 1 FROM commit_log r WHERE r.id = "
                             "s.revoked_commit AND {}) ORDER BY s.at DESC LIMIT 1",
                             ReachSql(reach, "c"), ReachSql(reach, "r")),
                 {load_key}));
  return rows.empty() ? std::string() : rows.Text(0, 0);
}

Status WriteSchema(state::Transaction& tx, const std::string& run_id, const StepRecord& record, lake::CommitId commit,
                   const Reach& reach) {
  const SchemaToRegister& schema = record.outcome.schema;
  if (schema.json.empty()) return Ok();
  if (commit == 0) {
    LEAT_ASSIGN(const state::Rows head,
                tx.Query(fmt::format("SELECT max(c.id) FROM commit_log c WHERE {}", ReachSql(reach, "c"))));
    commit = head.OptInt(0, 0).value_or(0);
  }
  // Newest counts; two in one microsecond still get an order of their own.
  LEAT_ASSIGN(const state::Rows newest,
              tx.Query("SELECT max(at) FROM registered_schema WHERE load_key = ?1", {record.step.load_key}));
  const int64_t at = std::max<int64_t>(tx.Now(), newest.OptInt(0, 0).value_or(0) + 1);
  return InsertRows(tx, "registered_schema",
                    {"load_key", "hash", "schema_json", "run_id", "at", "published_commit", "changes"},
                    {{record.step.load_key, schema.hash, schema.json, run_id, at, commit, TextOrNull(schema.changes)}});
}

Status RevokeSchemas(state::Transaction& tx, const std::string& run_id, lake::CommitId commit) {
  LEAT_TRY(tx.Execute(
      "UPDATE registered_schema SET revoked_commit = ?1 WHERE run_id = ?2 AND published_commit > 0 AND revoked_commit "
      "IS NULL",
      {commit, run_id}));
  return Ok();
}

Status WriteDrift(state::Transaction& tx, const std::string& run_id, const StepRecord& record) {
  std::vector<state::Row> rows;
  rows.reserve(record.outcome.drift.size());
  for (const DriftNote& note : record.outcome.drift) {
    rows.push_back({run_id, record.step.asset, static_cast<int64_t>(rows.size()), record.step.load_key, note.kind,
                    TextOrNull(note.column), TextOrNull(note.from), TextOrNull(note.to), note.policy, note.action,
                    int64_t{note.fails ? 1 : 0}, TextOrNull(note.origin),
                    note.confidence > 0 ? state::Value(note.confidence) : state::Value(std::monostate{}), tx.Now()});
  }
  return InsertRows(tx, "schema_drift",
                    {"run_id", "step", "seq", "load_key", "class", "column_name", "was", "became", "policy", "action",
                     "fails", "origin", "confidence", "at"},
                    rows);
}

Status CopyDrift(state::Transaction& tx, const std::string& run_id, const std::string& from_run,
                 const std::string& asset) {
  LEAT_TRY(tx.Execute(
      "INSERT INTO schema_drift SELECT ?1, step, seq, load_key, class, column_name, was, became, policy, action, fails, "
      "origin, confidence, at FROM schema_drift WHERE run_id = ?2 AND step = ?3",
      {run_id, from_run, asset}));
  return Ok();
}

}  // namespace leat::run
