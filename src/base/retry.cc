#include "base/retry.h"

#include <algorithm>
#include <random>
#include <thread>

namespace leat {

namespace {
constexpr std::chrono::milliseconds kTurn{50};
}

// In short turns: who is told to stop must not wait for the end of a long pause.
Status Pause(std::chrono::milliseconds wait, const CancelToken* cancel) {
  for (const auto end = std::chrono::steady_clock::now() + wait; std::chrono::steady_clock::now() < end;) {
    if (cancel != nullptr) LEAT_TRY(cancel->Check());
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now(), kTurn));
  }
  return cancel == nullptr ? Ok() : cancel->Check();
}

Status RunWithRetry(const RetryPolicy& policy, const CancelToken* cancel, const std::function<Status()>& attempt) {
  const auto deadline = std::chrono::steady_clock::now() + policy.budget;
  thread_local std::minstd_rand random(std::random_device{}());
  double wait_ms = static_cast<double>(policy.first_wait.count());
  for (int tried = 1;; ++tried) {
    if (cancel != nullptr) LEAT_TRY(cancel->Check());
    Status status = attempt();
    if (status.ok() || status.error().retry() != Retry::kSafe || tried >= policy.attempts) return status;
    const double jitter = std::uniform_real_distribution<double>(0.75, 1.25)(random);
    const auto wait = std::chrono::milliseconds(static_cast<int64_t>(wait_ms * jitter));
    if (std::chrono::steady_clock::now() + wait > deadline) return status;
    LEAT_TRY(Pause(wait, cancel));
    wait_ms = std::min(wait_ms * policy.factor, static_cast<double>(policy.longest_wait.count()));
  }
}

}  // namespace leat
