#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace leat::state {

/// First come, first served among all threads of all processes that write one SQLite file. SQLite's own busy handler is
/// no queue: under eight writers one may never get its turn.
///
/// Threads of one process stand in a queue in memory; the first of them draws a number from the file beside the database
/// and waits until every lower number is done. A number is a lock on the byte at that offset (open file description
/// locks), so the numbers of a killed process are done at once.
class WriteQueue {
 public:
  /// Opens or makes `path` with mode 0600. STATE-101.
  static Result<std::unique_ptr<WriteQueue>> Open(const std::string& path);
  ~WriteQueue();

  /// Blocks until it is this caller's turn.
  Status Enter();
  void Leave();

 private:
  explicit WriteQueue(int file, std::string path) : file_(file), path_(std::move(path)) {}
  Status DrawAndWait();
  void LeaveProcess();

  const int file_;
  const std::string path_;
  std::mutex mutex_;
  std::condition_variable turn_;
  uint64_t next_ = 0;
  uint64_t serving_ = 0;
  int64_t number_ = 0;  ///< drawn from the file; of the thread that is inside
};

}  // namespace leat::state
