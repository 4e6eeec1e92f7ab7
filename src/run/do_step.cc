#include "run/step.h"

namespace leat::run {

Result<StepOutcome> DoStep(StepContext& context) {
  const bool load = context.asset.kind == project::AssetKind::kSourceTable;
  LEAT_ASSIGN(StepOutcome outcome, load ? ExecuteLoad(context) : ExecuteModel(context));
  if (outcome.result.status == StepStatus::kFailed || outcome.result.status == StepStatus::kBlocked) return outcome;
  LEAT_ASSIGN(const lake::View view, context.lakehouse.catalog->Resolve(context.branch));
  LEAT_ASSIGN(const std::optional<lake::Entry> entry, context.lakehouse.catalog->FindTable(view, context.asset.table));
  if (!entry) return outcome;
  LEAT_ASSIGN(std::vector<CheckResult> gates, CheckOnBranch(context));
  for (CheckResult& gate : gates) outcome.checks.push_back(std::move(gate));
  return outcome;
}

}  // namespace leat::run
