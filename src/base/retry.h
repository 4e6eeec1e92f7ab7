#pragma once

#include <chrono>
#include <functional>

#include "base/cancel.h"
#include "base/result.h"

namespace leat {

/// How often and how long to try again. Waits grow by `factor` from `first_wait` up to `longest_wait`, each with a
/// jitter of +-25 %; the whole never takes longer than `budget`.
struct RetryPolicy {
  int attempts = 5;
  std::chrono::milliseconds first_wait{50};
  std::chrono::milliseconds longest_wait{5'000};
  double factor = 2.0;
  std::chrono::milliseconds budget{30'000};
};

/// Waits; RUN-900 soon after `cancel` says so.
Status Pause(std::chrono::milliseconds wait, const CancelToken* cancel);

/// Calls `attempt` until it succeeds, fails with an error that is not Retry::kSafe, or the policy ends; returns the
/// last error. Nobody else writes a loop with sleep.
Status RunWithRetry(const RetryPolicy& policy, const CancelToken* cancel, const std::function<Status()>& attempt);

}  // namespace leat
