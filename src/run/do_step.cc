#include "run/step.h"

namespace leat::run {

Result<StepOutcome> DoStep(StepContext& context) {
  const bool load = context.asset.kind == project::AssetKind::kSourceTable;
  StepOutcome outcome;
  if (context.written != nullptr) {
    outcome = std::move(*context.written);
    context.written.reset();
  } else {
    LEAT_ASSIGN(outcome, load ? ExecuteLoad(context) : ExecuteModel(context));
  }
  if (outcome.result.status == StepStatus::kFailed || outcome.result.status == StepStatus::kBlocked) return outcome;
  LEAT_ASSIGN(const lake::View view, context.lakehouse.catalog->Resolve(context.branch));
  LEAT_ASSIGN(const std::optional<lake::Entry> entry, context.lakehouse.catalog->FindTable(view, context.asset.table));
  if (!entry) return outcome;
  Result<std::vector<CheckResult>> gates = CheckOnBranch(context);
  if (!gates.ok()) {
    // Its change is on the branch: doing it again would add its rows twice.
    if (gates.error().kind() == ErrorKind::kResource)
      context.written = std::make_shared<StepOutcome>(std::move(outcome));
    return std::move(gates).error();
  }
  for (CheckResult& gate : *gates) outcome.checks.push_back(std::move(gate));
  return outcome;
}

}  // namespace leat::run
