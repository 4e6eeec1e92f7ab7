#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "run/fingerprint.h"
#include "run/folder_state.h"
#include "run/run.h"

namespace leat::run {

using nlohmann::ordered_json;

std::string_view ActionName(StepAction action) {
  switch (action) {
    case StepAction::kLoad: return "load";
    case StepAction::kBuild: return "build";
    case StepAction::kView: return "view";
    case StepAction::kSkip: return "skip";
  }
  return "skip";
}

std::string_view StepStatusName(StepStatus status) {
  switch (status) {
    case StepStatus::kPending: return "pending";
    case StepStatus::kRunning: return "running";
    case StepStatus::kSuccess: return "success";
    case StepStatus::kSkipped: return "skipped";
    case StepStatus::kFailed: return "failed";
    case StepStatus::kBlocked: return "blocked";
    case StepStatus::kUpstreamFailed: return "upstream_failed";
    case StepStatus::kAdopted: return "adopted";
  }
  return "pending";
}

namespace {

/// Of a table whose files' names have dates; null for others.
ordered_json PeriodsJson(const FolderState& folder) {
  const auto text = [](const std::string& value) { return value.empty() ? ordered_json() : ordered_json(value); };
  if (folder.last_period.empty() && !folder.expects) return {};
  return {{"last", text(folder.last_period)},
          {"incomplete", text(folder.incomplete)},
          {"overdue", folder.overdue},
          {"next", text(folder.next)},
          {"next_due", folder.next_due ? ordered_json(FormatTime(*folder.next_due)) : ordered_json()}};
}

}  // namespace

std::string PlanToJson(const Plan& plan) {
  ordered_json steps = ordered_json::array();
  for (const PlanStep& step : plan.steps) {
    ordered_json inputs = ordered_json::object();
    for (const auto& [table, snapshot] : step.inputs) inputs[table.ToString()] = snapshot;
    ordered_json files = ordered_json::array();
    for (const component::InputFile& file : step.files)
      files.push_back({{"origin", file.origin}, {"bytes", file.size_bytes}});
    ordered_json out = {{"asset", step.asset},
                        {"table", step.table.ToString()},
                        {"action", ActionName(step.action)},
                        {"reason", step.reason},
                        {"needs", step.needs},
                        {"inputs", inputs},
                        {"files", files},
                        {"load_key", step.load_key},
                        {"bookmark", step.bookmark}};
    out["estimated_rows"] = step.estimated_rows ? ordered_json(*step.estimated_rows) : ordered_json();
    out["waits"] =
        step.turn
            ? ordered_json{{"reason", step.turn->text},
                           {"until", step.turn->until ? ordered_json(FormatTime(*step.turn->until)) : ordered_json()}}
            : ordered_json();
    out["periods"] = step.folder ? PeriodsJson(*step.folder) : ordered_json();
    const bool locked = step.folder && !step.folder->locked.empty();
    out["locked"] = locked ? ordered_json(step.folder->locked) : ordered_json();
    out["problem"] = step.problem ? ordered_json(step.problem->code()) : ordered_json();
    steps.push_back(std::move(out));
  }
  const ordered_json json = {{"target", plan.target}, {"base", plan.base}, {"steps", steps}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string PlanToText(const Plan& plan) {
  size_t widest = 0;
  size_t skipped = 0;
  for (const PlanStep& step : plan.steps) {
    widest = std::max(widest, step.table.ToString().size());
    if (step.action == StepAction::kSkip) ++skipped;
  }
  std::string text;
  for (const PlanStep& step : plan.steps) {
    const bool waits = step.turn && step.action != StepAction::kSkip;
    text += fmt::format("{:<5}  {:<{}}  {}{}\n", ActionName(step.action), step.table.ToString(), widest, step.reason,
                        waits ? "; " + step.turn->text : "");
  }
  const size_t to_do = plan.steps.size() - skipped;
  text += to_do == 0 ? fmt::format("Nothing to do: {} of {} steps are up to date on {}.\n", skipped, plan.steps.size(),
                                   plan.target)
                     : fmt::format("{} of {} steps to do on {}.\n", to_do, plan.steps.size(), plan.target);
  return text;
}

}  // namespace leat::run
