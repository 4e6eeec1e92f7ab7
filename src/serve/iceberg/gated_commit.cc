#include "serve/iceberg/gated_commit.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "run/external_gate.h"
#include "run/owner.h"
#include "state/later.h"
#include "state/lease.h"

namespace leat::serve::iceberg {

namespace {

/// The branch of a run that is only looked at by its gate.
class TrialBranch {
 public:
  TrialBranch(lake::Catalog& catalog, std::string name) : catalog_(catalog), name_(std::move(name)) {}
  ~TrialBranch() {
    const Status dropped = catalog_.DropRef(name_);
    // The next run finds it without an owner and closes it.
    if (!dropped.ok())
      Log(LogLevel::kWarn, "branch_not_dropped", {{"branch", name_}, {"error", dropped.error().message()}});
  }
  TrialBranch(const TrialBranch&) = delete;
  TrialBranch& operator=(const TrialBranch&) = delete;

 private:
  lake::Catalog& catalog_;
  const std::string name_;
};

/// What the checks say about the tables as `request` would make them.
Result<run::GateVerdict> Try(Call& call, const std::vector<lake::TableName>& tables,
                             const lake::CommitRequest& request) {
  const std::string branch = "run/" + request.info.run_id;
  LEAT_TRY(call.catalog.CreateBranch(branch, lake::RefKind::kRun, call.view));
  const TrialBranch trial(call.catalog, branch);
  lake::CommitRequest there;
  there.ref = branch;
  there.changes = request.changes;
  there.info = request.info;
  LEAT_TRY(call.catalog.Commit(there));
  return call.gate->Ask(request.info.run_id, branch, tables);
}

Status ProveNow(Call& call, const std::vector<lake::TableName>& tables, lake::CommitRequest& request) {
  LEAT_ASSIGN(const bool has_checks, call.gate->HasChecks(tables));
  if (!has_checks) return Ok();
  // Without it a run that starts now would take the branch for one that a dead run left.
  LEAT_ASSIGN(const auto lease,
              state::Lease::Take(call.catalog.store(), "run:" + request.info.run_id, run::ProcessOwner(),
                                 "checking a commit of another engine", std::chrono::seconds(0)));
  LEAT_ASSIGN(const run::GateVerdict verdict, Try(call, tables, request));
  if (verdict.failed.empty()) {
    request.also = [verdict, run_id = request.info.run_id, before = request.also](state::Transaction& tx,
                                                                                  lake::CommitId commit) -> Status {
      LEAT_TRY(before(tx, commit));
      return run::ExternalGate::Write(tx, run_id, verdict);
    };
    return Ok();
  }
  LEAT_TRY(call.catalog.store().Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(WriteExternalRun(tx, call, request.ref, request.info, std::nullopt, verdict.failed));
    return run::ExternalGate::Write(tx, request.info.run_id, verdict);
  }));
  return MakeError("SERVE-310", ErrorKind::kPermission, "this write does not pass the project's checks: {}",
                   verdict.failed)
      .WithHint(fmt::format("nothing was changed; `leat runs {}` has all that the checks found", request.info.run_id));
}

}  // namespace

Status Prove(Call& call, const std::vector<lake::TableName>& tables, lake::CommitRequest& request) {
  Status status = ProveNow(call, tables, request);
  // Whatever is unknown about the trial: main was not touched.
  if (!status.ok() && status.error().retry() == Retry::kUnknownOutcome) {
    return std::move(status).error().WithRetry(Retry::kSafe);
  }
  return status;
}

Status WriteExternalRun(state::Transaction& tx, const Call& call, const std::string& ref, const lake::CommitInfo& info,
                        std::optional<lake::CommitId> commit, const std::string& error) {
  const std::string options = nlohmann::json{
      {"kind", "external"},
      {"client", std::string(call.request.Header("user-agent"))},
      {"user", call.who.user},
      {"message", info.message}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const TimeMicros now = tx.Now();
  const state::Value nothing = std::monostate{};
  return state::ExecuteLater(
      tx,
      "INSERT INTO run (id, pipeline_name, status, branch, target, started_at, ended_at, commit_id, project_hash, error, "
      "options) VALUES (?1, 'external', ?2, '', ?3, ?4, ?4, ?5, '', ?6, ?7)",
      {info.run_id, std::string(commit ? "success" : "failed"), ref, now, commit ? state::Value(*commit) : nothing,
       error.empty() ? nothing : state::Value(error), options});
}

}  // namespace leat::serve::iceberg
