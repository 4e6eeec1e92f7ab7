#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "state/store.h"

namespace leat::serve::iceberg {

/// A scan or commit report of an engine (leat.metrics_reports).
struct MetricsReport {
  TimeMicros received_at = 0;
  std::string kind;  ///< scan | commit
  std::string ref;
  std::string ns;
  std::string table;
  std::optional<int64_t> snapshot_id;
  std::string user;
  std::string client;
  std::string json;
};

/// Keeps reports in the state store. Engines send one for each scan: they are collected and written together, once a second
/// or when kBatch wait, so that no reader waits for a disk. Those of the last second are lost when the process is killed.
/// Thread-safe.
class MetricsKeeper {
 public:
  static constexpr std::chrono::hours kRetention{30 * 24};
  static constexpr int64_t kMostReports = 100'000;
  static constexpr size_t kBatch = 256;
  static constexpr size_t kMostWaiting = 10'000;  ///< more are dropped, and counted in the log

  explicit MetricsKeeper(state::Store& store) : store_(store) {}
  ~MetricsKeeper();  ///< writes what waits
  MetricsKeeper(const MetricsKeeper&) = delete;
  MetricsKeeper& operator=(const MetricsKeeper&) = delete;

  void Add(MetricsReport report);
  /// Writes what waits, and removes what is older than kRetention or above kMostReports.
  Status Flush();

 private:
  void Work(const std::stop_token& stop);

  state::Store& store_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<MetricsReport> waiting_;
  size_t dropped_ = 0;
  std::jthread writer_;  ///< started with the first report
};

}  // namespace leat::serve::iceberg
