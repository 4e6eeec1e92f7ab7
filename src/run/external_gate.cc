#include "run/external_gate.h"

#include <algorithm>

#include "base/clock.h"
#include "run/ledger.h"

namespace leat::run {
namespace {

int64_t Count(const GatedAsset& asset, std::string_view status) {
  return std::count_if(asset.checks.begin(), asset.checks.end(), [&](const auto& c) { return c.status == status; });
}

std::string TextOf(const CheckResult& check) {
  if (check.status == "error") return fmt::format("check {}: {}", check.check_id, check.message);
  return fmt::format("check {} found {} of {} rows: {}", check.check_id, check.failures, check.total, check.message);
}

std::vector<const project::Asset*> Concerned(const project::Project& project,
                                             const std::vector<lake::TableName>& tables) {
  std::vector<const project::Asset*> assets;
  for (const project::Asset& asset : project.assets) {
    if (asset.checks.empty() || std::find(tables.begin(), tables.end(), asset.table) == tables.end()) continue;
    assets.push_back(&asset);
  }
  return assets;
}

}  // namespace

Result<bool> ExternalGate::HasChecks(const std::vector<lake::TableName>& tables) const {
  LEAT_ASSIGN(const project::Project project, read_());
  return !Concerned(project, tables).empty();
}

Result<GateVerdict> ExternalGate::Ask(const std::string& run_id, const std::string& branch,
                                      const std::vector<lake::TableName>& tables) const {
  LEAT_ASSIGN(const project::Project project, read_());
  GateVerdict verdict;
  for (const project::Asset* asset : Concerned(project, tables)) {
    GatedAsset& gated = verdict.assets.emplace_back();
    gated.asset = asset->id;
    gated.table = asset->table;
    gated.started_at = SystemClock().Now();
    PlanStep step;
    step.asset = asset->id;
    step.table = asset->table;
    StepContext context{
        lakehouse_, project, *asset, step, run_id, branch, 1, false, lakehouse_.settings.memory_limit_bytes,
        nullptr,    {},      {},     {}};
    Result<std::vector<CheckResult>> checks = CheckOnBranch(context);
    gated.ended_at = SystemClock().Now();
    if (checks.ok()) {
      gated.checks = std::move(*checks);
      const auto bad = std::find_if(gated.checks.begin(), gated.checks.end(), Blocks);
      if (bad != gated.checks.end()) gated.failed = TextOf(*bad);
    } else if (checks.error().kind() == ErrorKind::kConfig) {
      gated.failed =
          checks.error().message();  // it cannot be asked of such a table: a column is gone, or of another type
    } else {
      return std::move(checks).error();
    }
    if (verdict.failed.empty()) verdict.failed = gated.failed;
  }
  return verdict;
}

Status ExternalGate::Write(state::Transaction& tx, const std::string& run_id, const GateVerdict& verdict) {
  for (const GatedAsset& asset : verdict.assets) {
    const bool good = asset.failed.empty();
    LEAT_TRY(
        InsertRows(tx, "step",
                   {"run_id", "asset", "ns", "name", "action", "status", "reason", "attempt", "started_at", "ended_at",
                    "fingerprint", "checks_passed", "checks_failed", "checks_warned", "published"},
                   {{run_id, asset.asset, asset.table.ns, asset.table.name, std::string("check"),
                     std::string(good ? "success" : "blocked"),
                     good ? std::string("written by another engine") : asset.failed, int64_t{1}, asset.started_at,
                     asset.ended_at, std::string(), Count(asset, "pass"), Count(asset, "fail") + Count(asset, "error"),
                     Count(asset, "warn"), int64_t{verdict.failed.empty() ? 1 : 0}}}));
    std::vector<state::Row> rows;
    rows.reserve(asset.checks.size());
    for (const CheckResult& check : asset.checks) {
      rows.push_back({run_id, asset.asset, check.check_id, check.when, check.on_fail, check.status, check.failures,
                      check.total, check.observed, check.message, asset.ended_at});
    }
    LEAT_TRY(InsertRows(
        tx, "check_result",
        {"run_id", "step", "check_id", "stage", "on_fail", "status", "failures", "total", "observed", "message", "at"},
        rows));
  }
  return Ok();
}

}  // namespace leat::run
