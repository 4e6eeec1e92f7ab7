#include "serve/iceberg/metrics.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/log.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

MetricsKeeper::~MetricsKeeper() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
  (void)Flush();
}

void MetricsKeeper::Add(MetricsReport report) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(report));
  if (!writer_.joinable()) writer_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
  if (waiting_.size() == 1 || waiting_.size() == kBatch) wake_.notify_one();
}

void MetricsKeeper::Work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
      wake_.wait_for(lock, stop, std::chrono::seconds(1), [this] { return waiting_.size() >= kBatch; });
    }
    if (const Status status = Flush(); !status.ok())
      Log(LogLevel::kWarn, "rest.metrics_lost", {{"error", status.error().ToString()}});
  }
}

Status MetricsKeeper::Flush() {
  std::vector<MetricsReport> reports;
  size_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    reports.swap(waiting_);
    std::swap(dropped, dropped_);
  }
  if (dropped > 0) Log(LogLevel::kWarn, "rest.metrics_dropped", {{"reports", std::to_string(dropped)}});
  if (reports.empty()) return Ok();
  return store_.Write([&](state::Transaction& tx) -> Status {
    for (const MetricsReport& report : reports) {
      LEAT_TRY(
          tx.Execute("INSERT INTO metrics_report (id, received_at, kind, ref, ns, table_name, snapshot_id, user_name, "
                     "client, report) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                     {NewUuidV7(), report.received_at, report.kind, report.ref, report.ns, report.table,
                      report.snapshot_id ? state::Value(*report.snapshot_id) : state::Value(), report.user,
                      report.client, report.json}));
    }
    const TimeMicros oldest = tx.Now() - std::chrono::microseconds(kRetention).count();
    LEAT_TRY(tx.Execute("DELETE FROM metrics_report WHERE received_at < ?1", {oldest}));
    LEAT_TRY(
        tx.Execute("DELETE FROM metrics_report WHERE received_at <= (SELECT received_at FROM metrics_report "
                   "ORDER BY received_at DESC LIMIT 1 OFFSET ?1)",
                   {kMostReports}));
    return Ok();
  });
}

Result<Response> ReportMetrics(Call& call, const Segments& path) {
  constexpr size_t kLongest = 256 << 10;
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(json body, ParseBody(call.request));
  LEAT_ASSIGN(const std::string type, StringMember(body, "report-type"));
  if (type != "scan-report" && type != "commit-report") {
    return MakeError("SERVE-303", ErrorKind::kUsage, "the report type '{}' is not known", type)
        .WithHint("send scan-report or commit-report");
  }
  if (!body.contains("metrics") || !body["metrics"].is_object())
    return MakeError("SERVE-303", ErrorKind::kUsage, "the request's member 'metrics' must be an object");
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kTable));
  MetricsReport report;
  const auto snapshot = body.find("snapshot-id");
  if (snapshot != body.end() && snapshot->is_number_integer()) report.snapshot_id = snapshot->get<int64_t>();
  report.received_at = call.clock.Now();
  report.kind = type == "scan-report" ? "scan" : "commit";
  report.ref = call.view.ref;
  report.ns = name.ns;
  report.table = name.name;
  report.user = call.who.user;
  report.client = std::string(call.request.Header("user-agent"));
  // A filter may quote data and be of any length; what was read, and how long it took, is what counts.
  body.erase("filter");
  report.json = body.dump(-1, ' ', false, json::error_handler_t::replace);
  if (report.json.size() > kLongest)
    return MakeError("SERVE-303", ErrorKind::kUsage, "the report is longer than {} bytes", kLongest);
  call.metrics.Add(std::move(report));
  return EmptyResponse(204);
}

}  // namespace leat::serve::iceberg
