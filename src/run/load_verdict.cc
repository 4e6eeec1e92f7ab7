#include "run/load_verdict.h"

#include "base/log.h"

namespace leat::run {

Error TooManyRejected(const project::Asset& asset, const std::string& over, const RejectFile& rejected) {
  const std::optional<RejectedRow>& example = rejected.first();
  const std::string first = example ? example->origin + ": " + example->message : "";
  return MakeError("RUN-523", ErrorKind::kData, "table {}: {}; the first is {}", asset.table.ToString(), over, first)
      .WithHint("mend the input, declare `data_type` of the column, or raise `max_reject`; the rows are in " +
                asset.table.ToString() + "__rejected");
}

bool KeepsWhatIsThere(const project::Asset& asset, int64_t before, int64_t set_aside_by_drift, StepOutcome& outcome) {
  StepResult& result = outcome.result;
  const bool by_drift = result.rows_out == 0 && set_aside_by_drift > 0;
  const bool empty = result.rows_out + result.rows_rejected == 0 && asset.on_empty != project::OnEmpty::kReplace;
  if (before == 0 || !(empty || by_drift)) return false;
  const bool fails = asset.on_empty == project::OnEmpty::kFail;
  result.reason = by_drift
                      ? fmt::format("drift set every row aside: the {} rows of the table stay current", before)
                      : fmt::format("the extract has no rows: the {} rows of the table stay current (on_empty: {})",
                                    before, fails ? "fail" : "keep");
  result.rows_updated = result.rows_deleted = 0;
  CheckResult& check = outcome.checks.emplace_back();
  check.check_id = asset.id + ".on_empty";
  check.when = "write";
  check.on_fail = fails ? "block" : "warn";
  check.status = fails ? "fail" : "warn";
  check.failures = 1;
  check.observed = "0 rows";
  check.message = result.reason;
  Log(LogLevel::kWarn, "empty_extract", {{"asset", asset.id}, {"reason", result.reason}});
  if (!fails) return true;
  result.status = StepStatus::kBlocked;
  result.error = MakeError("RUN-537", ErrorKind::kData, "table {}: {}", asset.table.ToString(), result.reason)
                     .At(asset.where)
                     .WithHint("look at the source; where it may be empty, say `on_empty: replace`");
  return true;
}

CheckResult OtherMasks(const project::Asset& asset, const std::string& columns) {
  CheckResult check;
  check.check_id = asset.id + ".mask";
  check.when = "write";
  check.on_fail = "warn";
  check.status = "warn";
  check.failures = 1;
  check.observed = columns;
  check.message = "rows that were loaded before are masked otherwise, or not, in " + columns +
                  ": they stay so, in older snapshots too, until all of it is loaded anew";
  return check;
}

CheckResult ExpectedFiles(const project::Asset& asset, const FolderState& folder) {
  CheckResult check;
  check.check_id = asset.id + ".expect";
  check.when = "write";
  check.on_fail = folder.blocks ? "block" : "warn";
  check.status = folder.overdue == 0 ? "pass" : folder.blocks ? "fail" : "warn";
  check.failures = static_cast<int64_t>(folder.overdue);
  check.total = static_cast<int64_t>(folder.periods);
  check.observed = folder.incomplete;
  check.message =
      folder.overdue == 0 ? "the files of each period are there" : "its files are not complete: " + folder.incomplete;
  if (folder.next_due) check.message += "; due " + FormatTime(*folder.next_due) + ": " + folder.next;
  return check;
}

Error ExpectedFilesError(const project::Asset& asset, const FolderState& folder) {
  return MakeError("RUN-542", ErrorKind::kData, "table {}: its files are not complete: {}", asset.table.ToString(),
                   folder.incomplete)
      .At(asset.table_values.Where("expect"))
      .WithHint("get the files that are missing; for a period that stays incomplete: `expect.accept`");
}

}  // namespace leat::run
