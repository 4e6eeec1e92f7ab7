#include "app/run_summary.h"

#include "app/json_text.h"
#include "app/signals.h"
#include "config/tree.h"

namespace leat::app {
namespace {

std::string ChecksText(const run::StepResult& step) {
  if (step.checks_passed + step.checks_failed + step.checks_warned == 0) return "";
  std::string text = fmt::format("{} ok", step.checks_passed);
  if (step.checks_warned > 0) text += fmt::format(", {} warned", step.checks_warned);
  if (step.checks_failed > 0) text += fmt::format(", {} failed", step.checks_failed);
  return text;
}

Style StatusStyle(const run::StepResult& step) {
  switch (step.status) {
    case run::StepStatus::kSuccess:
    case run::StepStatus::kAdopted: return step.checks_warned > 0 ? Style::kWarn : Style::kGood;
    case run::StepStatus::kSkipped: return Style::kDim;
    case run::StepStatus::kUpstreamFailed: return Style::kWarn;
    default: return Style::kBad;
  }
}

std::string RequestsText(const io::s3::RequestCounts::Totals& requests) {
  std::string kinds;
  for (size_t i = 0; i < requests.sent.size(); ++i) {
    if (requests.sent[i] == 0) continue;
    kinds +=
        fmt::format("{}{} {}", kinds.empty() ? "" : ", ", Thousands(requests.sent[i]), io::s3::kRequestKindNames[i]);
  }
  return fmt::format("Requests to the store: {} ({}){}.\n", Thousands(requests.all()), kinds,
                     requests.retries > 0 ? fmt::format(", {} of them tried again", Thousands(requests.retries)) : "");
}

std::string RequestsJson(const io::s3::RequestCounts::Totals& requests) {
  JsonObject object;
  for (size_t i = 0; i < requests.sent.size(); ++i)
    object.Number(std::string(io::s3::kRequestKindNames[i]), requests.sent[i]);
  object.Number("retries", requests.retries);
  object.Number("read_bytes", requests.read_bytes).Number("written_bytes", requests.written_bytes);
  return object.Done();
}

std::string Conclusion(const run::RunResult& result, size_t skipped) {
  const std::string time = Duration(result.seconds);
  if (result.cancelled)
    return fmt::format("Stopped after {}. What was not published stays invisible; the next run goes on.", time);
  if (result.status == "nothing")
    return fmt::format("Nothing to do: all {} assets are up to date ({}).", skipped, time);
  if (result.status == "success") {
    return fmt::format("Published{} in {}.", result.commit ? fmt::format(" as commit {}", *result.commit) : "", time);
  }
  if (result.status == "partial") {
    return fmt::format("Published in part{} in {}: what failed, and what depends on it, stayed back.",
                       result.commit ? fmt::format(" as commit {}", *result.commit) : "", time);
  }
  return fmt::format("Failed after {}: nothing was published.", time);
}

}  // namespace

std::string CostsJson(const std::vector<run::StepCost>& costs) {
  std::vector<std::string> all;
  const auto seconds = [](std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e6; };
  for (const run::StepCost& cost : costs) {
    JsonObject object;
    object.Text("step", cost.step).Text("connection", cost.connection).Number("connections", cost.connections);
    object.Number("statements", cost.statements).Number("calls", cost.calls);
    object.Real("longest_seconds", seconds(cost.longest)).Real("busy_seconds", seconds(cost.busy));
    object.Number("rows", cost.rows).Number("bytes", cost.bytes).Real("waited_seconds", seconds(cost.waited));
    all.push_back(object.Done());
  }
  return JsonArray(all);
}

std::string RunSummaryText(const run::RunResult& result, const std::string& project_root, const Console& console,
                           bool all) {
  std::vector<std::vector<std::string>> rows;
  std::string errors;
  size_t skipped = 0;
  for (const run::StepResult& step : result.steps) {
    if (step.status == run::StepStatus::kSkipped) ++skipped;
    if (step.status == run::StepStatus::kSkipped && !all) continue;
    const bool ran = step.status != run::StepStatus::kSkipped && step.status != run::StepStatus::kUpstreamFailed;
    rows.push_back({Styled(std::string(run::StepStatusName(step.status)), StatusStyle(step), console.color),
                    step.table.ToString(), ran ? Thousands(step.rows_in) : "", ran ? Thousands(step.rows_out) : "",
                    step.rows_rejected > 0 ? Thousands(step.rows_rejected) : "", ChecksText(step),
                    ran ? fmt::format("{:.2f}", step.seconds) : "",
                    step.snapshot_after != 0 ? std::to_string(step.snapshot_after) : "",
                    step.status == run::StepStatus::kSuccess ? "" : step.reason});
    if (step.error) errors += config::RenderError(*step.error, project_root, console.color);
    else if (step.status == run::StepStatus::kBlocked)
      errors += fmt::format("{} was held back: {}\n", step.table.ToString(), step.reason);
  }
  if (result.error) errors += config::RenderError(*result.error, project_root, console.color);
  std::string text;
  if (!rows.empty()) {
    const std::vector<std::string> header = {"status", "table",   "rows in",  "rows out", "rejected",
                                             "checks", "seconds", "snapshot", "why"};
    text +=
        AlignedTable(header, rows, {false, false, true, true, true, false, true, true, false}, console.color) + "\n";
  }
  if (!errors.empty()) text += errors + "\n";
  if (skipped > 0 && result.status != "nothing" && !all) text += fmt::format("{} assets were up to date. ", skipped);
  text += Conclusion(result, skipped) + "\n";
  if (result.requests && result.requests->all() > 0) text += RequestsText(*result.requests);
  bool rejected = false, held_back = false;
  for (const run::StepResult& step : result.steps) {
    rejected = rejected || step.rows_rejected > 0;
    held_back = held_back || (step.status == run::StepStatus::kBlocked && !result.branch.empty());
  }
  if (rejected)
    text += "Rejected rows: leat sql -c \"select * from leat.rejected where run_id = '" + result.run_id + "'\"\n";
  if (held_back) text += fmt::format("Look at what was held back: leat sql --ref {}\n", result.branch);
  return text;
}

std::string RunSummaryJson(const run::RunResult& result) {
  std::vector<std::string> steps;
  for (const run::StepResult& step : result.steps) {
    JsonObject object;
    object.Text("asset", step.asset).Text("table", step.table.ToString());
    object.Text("status", run::StepStatusName(step.status)).Text("reason", step.reason).Text("kind", step.kind);
    object.Number("attempt", step.attempt);
    object.Number("rows_in", step.rows_in).Number("rows_out", step.rows_out);
    object.Number("rows_rejected", step.rows_rejected).Number("rows_filtered", step.rows_filtered);
    object.Number("rows_inserted", step.rows_inserted)
        .Number("rows_updated", step.rows_updated)
        .Number("rows_deleted", step.rows_deleted)
        .Number("rows_adopted", step.rows_adopted);
    object.Number("bytes_in", step.bytes_in).Number("bytes_out", step.bytes_out);
    object.TextOrNull("watermark_before", step.watermark_before).TextOrNull("watermark_after", step.watermark_after);
    object.Number("snapshot_before", step.snapshot_before)
        .Number("snapshot_branch", step.snapshot_branch)
        .Number("snapshot_after", step.snapshot_after);
    object.Number("checks_passed", step.checks_passed)
        .Number("checks_failed", step.checks_failed)
        .Number("checks_warned", step.checks_warned);
    object.Real("seconds", step.seconds).Boolean("published", step.published);
    object.Raw("error", step.error ? config::ErrorToJson(*step.error) : "null");
    steps.push_back(object.Done());
  }
  JsonObject run;
  run.TextOrNull("run_id", result.run_id).Text("status", result.status).TextOrNull("branch", result.branch);
  run.Raw("commit", result.commit ? std::to_string(*result.commit) : "null").Real("seconds", result.seconds);
  run.Raw("error", result.error ? config::ErrorToJson(*result.error) : "null");
  run.Raw("store_requests", result.requests ? RequestsJson(*result.requests) : "null");
  run.Raw("source_cost", CostsJson(result.costs));
  run.Boolean("cancelled", result.cancelled).Number("replans", result.replans).Raw("steps", JsonArray(steps));
  return run.Done() + "\n";
}

int PrintRun(const Context& context, const run::RunResult& result) {
  Print(context.json() ? RunSummaryJson(result)
                       : RunSummaryText(result, context.known_root(), context.console(), result.status == "nothing"));
  return RunExitCode(result);
}

int RunExitCode(const run::RunResult& result) {
  if (result.cancelled) return StoppedBy() != 0 ? 128 + StoppedBy() : 130;
  // A full disk or missing rights stopped it: not a failure of the project or its data.
  const auto by_machine = [](const std::optional<Error>& error) {
    return error && (error->kind() == ErrorKind::kEnvironment || error->kind() == ErrorKind::kPermission);
  };
  if (by_machine(result.error)) return 4;
  for (const run::StepResult& step : result.steps) {
    if (by_machine(step.error)) return 4;
  }
  if (result.status == "failed") return 1;
  if (result.status == "partial") return 3;
  return 0;
}

}  // namespace leat::app
