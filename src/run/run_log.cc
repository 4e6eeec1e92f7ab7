#include "run/run_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace leat::run {
namespace {

using nlohmann::ordered_json;

struct Stage {
  int good = 0, bad = 0, again = 0;
  int64_t extracted = 0, transformed = 0, loaded = 0, rejected = 0;
  int64_t passed = 0, failed = 0;
  double seconds = 0;
  std::string error, before, after;

  void Add(const StepResult& step, bool load, bool publish) {
    const bool is_bad = step.status == StepStatus::kFailed || step.status == StepStatus::kBlocked ||
                        step.status == StepStatus::kUpstreamFailed;
    const bool held = publish && !step.published && step.status != StepStatus::kSkipped;
    (is_bad || held ? bad : good) += 1;
    if (error.empty() && step.error) error = step.error->code() + ": " + step.error->message();
    if (error.empty() && step.status == StepStatus::kBlocked) error = step.reason;
    if (publish) {
      if (step.published) loaded += step.rows_out;
      return;
    }
    if (load) extracted += step.rows_in;
    if (!load) transformed += step.rows_out;
    loaded += step.rows_out;
    rejected += step.rows_rejected;
    passed += step.checks_passed;
    failed += step.checks_failed;
    seconds += step.seconds;
    if (step.attempt > 1) ++again;
    if (before.empty() || (!step.watermark_before.empty() && step.watermark_before < before))
      before = step.watermark_before;
    after = std::max(after, step.watermark_after);
  }

  std::string status() const { return bad == 0 ? "success" : good == 0 ? "failed" : "partial"; }
};

ordered_json TextOrNull(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }

ordered_json RequestsJson(const io::s3::RequestCounts::Totals& requests) {
  ordered_json json;
  for (size_t i = 0; i < requests.sent.size(); ++i) json[std::string(io::s3::kRequestKindNames[i])] = requests.sent[i];
  json["retries"] = requests.retries;
  json["read_bytes"] = requests.read_bytes;
  json["written_bytes"] = requests.written_bytes;
  return json;
}

ordered_json CostsJson(const std::vector<StepCost>& costs) {
  ordered_json json = ordered_json::array();
  const auto seconds = [](std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e6; };
  for (const StepCost& cost : costs) {
    json.push_back({{"step", cost.step},
                    {"connection", cost.connection},
                    {"connections", cost.connections},
                    {"statements", cost.statements},
                    {"calls", cost.calls},
                    {"longest_seconds", seconds(cost.longest)},
                    {"busy_seconds", seconds(cost.busy)},
                    {"rows", cost.rows},
                    {"bytes", cost.bytes},
                    {"waited_seconds", seconds(cost.waited)}});
  }
  return json;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> RunLogEntries(const std::string& pipeline_name,
                                                               const RunResult& result, TimeMicros started_at,
                                                               TimeMicros ended_at, const std::string& error) {
  std::vector<std::pair<std::string, std::string>> entries;
  const auto entry = [&](const std::string& name, const Stage& stage) {
    ordered_json json = {{"pipeline_name", pipeline_name},
                         {"run_id", result.run_id},
                         {"started_at", FormatTime(started_at)},
                         {"completed_at", FormatTime(ended_at)},
                         {"status", stage.status()},
                         {"stage", name},
                         {"rows_extracted", stage.extracted},
                         {"rows_transformed", stage.transformed},
                         {"rows_loaded", stage.loaded},
                         {"rows_rejected", stage.rejected},
                         {"quality_checks_passed", stage.passed},
                         {"quality_checks_failed", stage.failed},
                         {"duration_seconds", stage.seconds},
                         {"steps_tried_again", stage.again},
                         {"error_message", TextOrNull(stage.error)},
                         {"watermark_before", TextOrNull(stage.before)},
                         {"watermark_after", TextOrNull(stage.after)}};
    if (!result.costs.empty() && name == "load") json["source_cost"] = CostsJson(result.costs);
    if (result.requests && name == "publish") json["store_requests"] = RequestsJson(*result.requests);
    entries.emplace_back(name, json.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  };
  Stage load;
  Stage transform;
  Stage publish;
  for (const StepResult& step : result.steps) {
    (step.kind == "load" ? load : transform).Add(step, step.kind == "load", false);
    publish.Add(step, false, true);
  }
  publish.seconds = result.seconds;
  if (publish.error.empty()) publish.error = error;
  if (!error.empty()) publish.bad += 1;
  if (load.good + load.bad > 0) entry("load", load);
  if (transform.good + transform.bad > 0) entry("transform", transform);
  entry("publish", publish);
  return entries;
}

}  // namespace leat::run
