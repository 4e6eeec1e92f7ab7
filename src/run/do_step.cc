#include "base/log.h"
#include "component/dated_files.h"
#include "run/file_promises.h"
#include "run/load_verdict.h"
#include "run/step.h"

namespace leat::run {
namespace {

/// Before a table of files is read: a period that lacks files may stop it.
std::optional<StepOutcome> StoppedByItsFiles(const StepContext& context) {
  const FolderState* folder = context.step.folder.get();
  if (folder == nullptr || !folder->stops()) return std::nullopt;
  StepOutcome outcome;
  outcome.result.asset = context.asset.id;
  outcome.result.table = context.asset.table;
  outcome.result.watermark_before = outcome.result.watermark_after = folder->last_period;
  outcome.result.status = StepStatus::kBlocked;
  outcome.result.error = ExpectedFilesError(context.asset, *folder);
  outcome.checks.push_back(ExpectedFiles(context.asset, *folder));
  return outcome;
}

/// What was promised of its files does not hold: nothing of the table is seen.
StepOutcome StoppedBy(const StepContext& context, const CheckResult& check) {
  StepOutcome outcome;
  outcome.result.asset = context.asset.id;
  outcome.result.table = context.asset.table;
  outcome.result.status = StepStatus::kBlocked;
  outcome.result.error = BrokenPromise(context.asset, check);
  outcome.checks.push_back(check);
  return outcome;
}

/// What the names of files say goes into the step's watermarks; what the table expects is one of its checks.
Status AddPeriods(const StepContext& context, StepOutcome& outcome) {
  const FolderState* folder = context.step.folder.get();
  if (folder == nullptr) return Ok();
  if (folder->expects) outcome.checks.push_back(ExpectedFiles(context.asset, *folder));
  if (folder->overdue > 0)
    Log(LogLevel::kWarn, "files_not_complete", {{"asset", context.asset.id}, {"missing", folder->incomplete}});
  LEAT_ASSIGN(
      const component::DatedFiles dated,
      component::DatedFiles::Make(context.asset.connection_values, context.asset.table_values, context.project.root));
  if (!dated.has_dates()) return Ok();
  StepResult& result = outcome.result;
  result.watermark_before = result.watermark_after = folder->last_period;
  for (const component::InputFile& file : context.step.files) {
    if (const std::optional<TimeMicros> period = dated.PeriodOf(file.origin))
      result.watermark_after = std::max(result.watermark_after, dated.Text(*period));
  }
  return Ok();
}

}  // namespace

Result<StepOutcome> DoStep(StepContext& context) {
  const bool load = context.asset.kind == project::AssetKind::kSourceTable;
  StepOutcome outcome;
  if (context.written != nullptr) {
    outcome = std::move(*context.written);
    context.written.reset();
  } else {
    if (std::optional<StepOutcome> stopped = StoppedByItsFiles(context)) return *std::move(stopped);
    LEAT_ASSIGN(const std::optional<CheckResult> content, CheckPromisedContent(context));
    if (content && content->status == "fail") return StoppedBy(context, *content);
    LEAT_ASSIGN(outcome, load ? ExecuteLoad(context) : ExecuteModel(context));
    if (content) outcome.checks.push_back(*content);
    LEAT_TRY(AddPeriods(context, outcome));
    const std::optional<CheckResult> rows = CheckPromisedRows(context, outcome.result.rows_in);
    if (rows) outcome.checks.push_back(*rows);
    if (rows && rows->status == "fail") {
      outcome.result.status = StepStatus::kBlocked;
      outcome.result.error = BrokenPromise(context.asset, *rows);
    }
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
