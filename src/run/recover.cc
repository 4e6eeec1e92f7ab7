#include <fmt/format.h>

#include "base/fault.h"
#include "base/log.h"
#include "run/load_parts.h"
#include "run/owner.h"
#include "run/rejected.h"
#include "run/schema_history.h"

namespace leat::run {
namespace {

/// One run whose process is gone. What it published stays: then it was only its own end that it did not write.
Status MarkLost(state::Transaction& tx, const std::string& run_id) {
  LEAT_ASSIGN(
      const state::Rows rows,
      tx.Query(
          "SELECT r.commit_id, (SELECT count(*) FROM step s WHERE s.run_id = r.id AND s.published = 0 AND s.status "
          "<> 'skipped') FROM run r WHERE r.id = ?1 AND r.status = 'running'",
          {run_id}));
  if (rows.empty()) return Ok();
  const bool published = !rows.IsNull(0, 0);
  const bool all = rows.Int(0, 1) == 0;
  const std::string status = published && all ? "success" : published ? "partial" : "failed (lost)";
  const std::string error = published && all ? "" : "the process of this run ended without a word";
  LEAT_TRY(tx.Execute("UPDATE run SET status = ?1, error = NULLIF(?2, ''), ended_at = ?3 WHERE id = ?4",
                      {status, error, tx.Now(), run_id}));
  LEAT_TRY(
      tx.Execute("UPDATE step SET status = 'failed', reason = 'lost with its run' WHERE run_id = ?1 AND status IN "
                 "('pending', 'running')",
                 {run_id}));
  // Its steps took leases in its name.
  LEAT_TRY(tx.Execute("DELETE FROM lease WHERE owner = ?1", {run_id}));
  return Ok();
}

Result<bool> RunIsAlive(state::Store& store, const std::string& run_id) {
  return state::IsHeld(store, "run:" + run_id);
}

/// "run/<id>" and "run/<id>-2" -> "<id>".
std::string RunOfBranch(const std::string& branch) { return branch.size() >= 40 ? branch.substr(4, 36) : branch; }

/// Closes the branches of runs that are gone, and drops those that were closed longer ago than `retention`.
Status PutBranchesAway(Lakehouse& lakehouse, std::chrono::seconds retention) {
  LEAT_ASSIGN(const std::vector<lake::Ref> refs, lakehouse.catalog->ListRefs());
  const TimeMicros now = SystemClock().Now();
  for (const lake::Ref& ref : refs) {
    if (ref.kind != lake::RefKind::kRun) continue;
    if (ref.closed_at) {
      if (now - *ref.closed_at > std::chrono::microseconds(retention).count())
        LEAT_TRY(lakehouse.catalog->DropRef(ref.name));
      continue;
    }
    LEAT_ASSIGN(const bool alive, RunIsAlive(*lakehouse.store, RunOfBranch(ref.name)));
    if (!alive) LEAT_TRY(lakehouse.catalog->CloseBranch(ref.name));
  }
  return Ok();
}

}  // namespace

Result<std::vector<std::string>> RecoverRuns(Lakehouse& lakehouse, std::chrono::seconds retention) {
  LEAT_TRY(EndLeasesOfTheDead(*lakehouse.store));
  std::vector<std::string> lost;
  LEAT_ASSIGN(const state::Rows running,
              lakehouse.store->Read("SELECT id, branch FROM run WHERE status = 'running' ORDER BY id"));
  for (size_t i = 0; i < running.size(); ++i) {
    const std::string run_id = running.Text(i, 0);
    LEAT_ASSIGN(const bool alive, RunIsAlive(*lakehouse.store, run_id));
    if (alive) continue;
    LEAT_TRY(lakehouse.store->Write([&](state::Transaction& tx) { return MarkLost(tx, run_id); }));
    Log(LogLevel::kWarn, "run_lost", {{"run_id", run_id}});
    lost.push_back(run_id);
  }
  LEAT_TRY(LoadParts::DropOld(lakehouse));
  LEAT_ASSIGN(const std::vector<std::string> kept, RunsWithKeptRows(lakehouse));
  for (const std::string& run_id : kept) {
    LEAT_ASSIGN(const bool alive, RunIsAlive(*lakehouse.store, run_id));
    if (alive) continue;
    const Result<int64_t> committed = CommitRejected(lakehouse, run_id, "run/" + run_id);
    if (!committed.ok()) Log(LogLevel::kWarn, "rejected_rows_kept_back", {{"error", committed.error().ToString()}});
  }
  LEAT_TRY(PutBranchesAway(lakehouse, retention));
  return lost;
}

Result<std::vector<std::string>> FindLostRuns(Lakehouse& lakehouse) {
  std::vector<std::string> lost;
  LEAT_ASSIGN(
      const state::Rows running,
      lakehouse.store->Read("SELECT r.id, l.owner FROM run r LEFT JOIN lease l ON l.name = 'run:' || r.id WHERE "
                            "r.status = 'running' ORDER BY r.id"));
  for (size_t i = 0; i < running.size(); ++i) {
    LEAT_ASSIGN(const bool alive, RunIsAlive(*lakehouse.store, running.Text(i, 0)));
    // A lease outlives its process for a while.
    if (!alive || OwnerIsDead(running.OptText(i, 1).value_or(""))) lost.push_back(running.Text(i, 0));
  }
  return lost;
}

Result<lake::CommitId> RollbackRun(Lakehouse& lakehouse, const std::string& run_id, const std::string& target) {
  LEAT_ASSIGN(const state::Rows rows,
              lakehouse.store->Read("SELECT commit_id FROM run WHERE id = ?1 AND target = ?2", {run_id, target}));
  if (rows.empty() || rows.IsNull(0, 0)) {
    return MakeError("RUN-301", ErrorKind::kNotFound, "run '{}' published nothing on {}", run_id, target)
        .WithHint("`leat runs` lists the runs and what they published");
  }
  const lake::CommitInfo info{"leat", run_id, fmt::format("run {} taken back", run_id), "rollback"};
  return lakehouse.catalog->RollbackRun(
      target, run_id, info, [&](state::Transaction& tx, lake::CommitId commit) -> Status {
        LEAT_TRY(tx.Execute(
            "UPDATE loaded_file SET revoked_commit = ?1 WHERE load_key IN (SELECT CASE WHEN asset LIKE 'source.%' THEN "
            "substr(asset, 8) ELSE asset END FROM step WHERE run_id = ?2) AND run_id = ?2 AND published_commit IS NOT "
            "NULL AND revoked_commit IS NULL",
            {commit, run_id}));
        LEAT_TRY(RevokeSchemas(tx, run_id, commit));
        LEAT_TRY(tx.Execute("UPDATE step SET published = 0 WHERE run_id = ?1", {run_id}));
        LEAT_TRY(tx.Execute("UPDATE run SET status = 'rolled back' WHERE id = ?1", {run_id}));
        return Ok();
      });
}

Result<std::vector<std::string>> ReadRunLog(Lakehouse& lakehouse, const std::string& run_id) {
  LEAT_ASSIGN(
      const state::Rows rows,
      lakehouse.store->Read("SELECT entry FROM run_log WHERE run_id = ?1 ORDER BY CASE stage WHEN 'load' THEN 0 WHEN "
                            "'transform' THEN 1 ELSE 2 END",
                            {run_id}));
  std::vector<std::string> entries;
  for (size_t i = 0; i < rows.size(); ++i) entries.push_back(rows.Text(i, 0));
  return entries;
}

}  // namespace leat::run
