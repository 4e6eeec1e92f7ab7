#include "state/lease.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/retry.h"

namespace leat::state {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Tokens come from one counter of the store, so a name that was released and forgotten never gives a token twice.
Result<int64_t> TryTake(Store& store, const std::string& name, const std::string& owner, const std::string& purpose,
                        milliseconds life) {
  int64_t token = 0;
  Status status = store.Write([&](Transaction& tx) -> Status {
    const TimeMicros now = tx.Now();
    LEAT_ASSIGN(const Rows next, tx.Query("UPDATE counter SET value = value + 1 WHERE name = 'lease' RETURNING value"));
    token = next.Int(0, 0);
    LEAT_ASSIGN(
        const Rows taken,
        tx.Query(
            "INSERT INTO lease (name, owner, token, purpose, taken_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, token = excluded.token, purpose = "
            "excluded.purpose, "
            "taken_at = excluded.taken_at, expires_at = excluded.expires_at "
            "WHERE lease.expires_at <= excluded.taken_at RETURNING token",
            {name, owner, token, purpose, now, now + duration_cast<microseconds>(life).count()}));
    if (!taken.empty()) return Ok();
    LEAT_ASSIGN(const Rows holder, tx.Query("SELECT owner, purpose, expires_at FROM lease WHERE name = ?1", {name}));
    if (holder.empty()) {
      return MakeError("STATE-401", ErrorKind::kConflict, "lease {} was held a moment ago", name)
          .WithRetry(Retry::kSafe);
    }
    return MakeError("STATE-401", ErrorKind::kConflict, "{} is held by {} for {} until {}", name, holder.Text(0, 0),
                     holder.Text(0, 1), FormatTime(holder.Int(0, 2)))
        .WithHint("wait for it to end; the lease of a process that died ends by itself")
        .WithRetry(Retry::kSafe);
  });
  if (!status.ok()) return std::move(status).error();
  return token;
}

class HeldLease : public Lease {
 public:
  HeldLease(Store& store, Fence fence, milliseconds life, SteadyTime taken)
      : store_(store),
        fence_(std::move(fence)),
        life_(life),
        until_(taken + life),
        thread_([this](const std::stop_token& stop) { KeepRenewing(stop); }) {}

  ~HeldLease() override {
    if (Status status = Release(); !status.ok()) {
      Log(LogLevel::kWarn, "lease.release_failed", {{"lease", fence_.name}, {"error", status.error().message()}});
    }
  }

  bool lost() const override {
    std::lock_guard lock(mutex_);
    return lost_ || std::chrono::steady_clock::now() >= until_;
  }

  const Fence& fence() const override { return fence_; }

  Status Release() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (released_) return Ok();
    released_ = true;
    return store_.Write([&](Transaction& tx) -> Status {
      LEAT_TRY(tx.Execute("DELETE FROM lease WHERE name = ?1 AND token = ?2", {fence_.name, fence_.token}));
      return Ok();
    });
  }

 private:
  void KeepRenewing(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    milliseconds wait = life_ / 3;
    while (!wake_.wait_for(lock, stop, wait, [&] { return stop.stop_requested(); }) && !lost_) {
      lock.unlock();
      const SteadyTime asked = std::chrono::steady_clock::now();
      int64_t renewed = 0;
      const Status status = store_.Write([&](Transaction& tx) -> Status {
        LEAT_ASSIGN(renewed,
                    tx.Execute("UPDATE lease SET expires_at = ?1 WHERE name = ?2 AND token = ?3",
                               {tx.Now() + duration_cast<microseconds>(life_).count(), fence_.name, fence_.token}));
        return Ok();
      });
      lock.lock();
      if (status.ok() && renewed == 1) until_ = asked + life_;
      if (status.ok() && renewed == 0) lost_ = true;
      // A store that cannot be reached now may answer soon; until_ decides.
      wait = status.ok() ? life_ / 3 : life_ / 30;
      if (!status.ok())
        Log(LogLevel::kWarn, "lease.renew_failed", {{"lease", fence_.name}, {"error", status.error().message()}});
    }
  }

  Store& store_;
  const Fence fence_;
  const milliseconds life_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  SteadyTime until_;
  bool lost_ = false;
  bool released_ = false;
  std::jthread thread_;  // last: it uses the members above
};

}  // namespace

Result<std::unique_ptr<Lease>> Lease::Take(Store& store, const std::string& name, const std::string& owner,
                                           const std::string& purpose, milliseconds wait, milliseconds life) {
  RetryPolicy policy;
  policy.attempts = wait.count() <= 0 ? 1 : 1'000'000;
  policy.first_wait = milliseconds(10);
  policy.longest_wait = milliseconds(250);
  policy.factor = 1.5;
  policy.budget = wait;
  int64_t token = 0;
  SteadyTime asked;
  LEAT_TRY(RunWithRetry(policy, nullptr, [&]() -> Status {
    asked = std::chrono::steady_clock::now();
    LEAT_ASSIGN(token, TryTake(store, name, owner, purpose, life));
    return Ok();
  }));
  return std::unique_ptr<Lease>(std::make_unique<HeldLease>(store, Fence{name, token}, life, asked));
}

Status CheckFence(Transaction& tx, const Fence& fence) {
  // Locked, so that nobody takes the lease between this look and the commit of the transaction that it protects.
  LEAT_TRY(tx.LockRow("lease", "name = ?1", {fence.name}));
  LEAT_ASSIGN(const Rows rows, tx.Query("SELECT token, expires_at, owner FROM lease WHERE name = ?1", {fence.name}));
  if (!rows.empty() && rows.Int(0, 0) == fence.token && rows.Int(0, 1) > tx.Now()) return Ok();
  const std::string now =
      rows.empty() || rows.Int(0, 0) == fence.token ? "it has expired" : fmt::format("{} took it", rows.Text(0, 2));
  return MakeError("STATE-402", ErrorKind::kConflict, "the lease {} was lost: {}", fence.name, now)
      .WithHint("this process was away for longer than its lease lasts; run again, nothing of this was kept");
}

Result<bool> IsHeld(Store& store, const std::string& name) {
  bool held = false;
  LEAT_TRY(store.ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(held, IsHeldByOthers(tx, name, {}));
    return Ok();
  }));
  return held;
}

Result<bool> IsHeldByOthers(Transaction& tx, const std::string& name, const std::vector<Fence>& ours) {
  LEAT_ASSIGN(const Rows rows, tx.Query("SELECT expires_at, token FROM lease WHERE name = ?1", {name}));
  if (rows.empty() || rows.Int(0, 0) <= tx.Now()) return false;
  return std::none_of(ours.begin(), ours.end(),
                      [&](const Fence& fence) { return fence.name == name && fence.token == rows.Int(0, 1); });
}

}  // namespace leat::state
