#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "base/result.h"

namespace leat {

/// A request to stop that many threads can see. Thread-safe. Callbacks interrupt what cannot poll (an SQL statement):
/// they run on the thread that cancels, once, and must not block.
class CancelToken {
 public:
  void Cancel();
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  /// Returns RUN-900 (kCancelled) once cancelled.
  Status Check() const;

  int AddCallback(std::function<void()> callback);
  void RemoveCallback(int id);

 private:
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::map<int, std::function<void()>> callbacks_;
  int next_ = 0;
};

}  // namespace leat
