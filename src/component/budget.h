#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"

namespace leat::component {

/// What a connection may take from its source: `budget:` in connections.yml. Nothing set: no limit.
struct BudgetLimits {
  std::optional<int> connections;  ///< at once, of all runs and processes together
  std::optional<std::chrono::microseconds>
      statement;  ///< longest statement; a source reads smaller parts to stay below
  std::optional<int64_t> bytes_per_second;
  std::optional<int64_t> calls;  ///< requests in every window of `per`
  std::chrono::microseconds per{};
  std::string hours;                                       ///< "20:00-06:00 Europe/Berlin"; "" is always
  std::chrono::microseconds wait = std::chrono::hours(1);  ///< longest wait for a turn

  bool any() const { return connections || statement || bytes_per_second || calls || !hours.empty(); }
};

/// What one statement or request did to its source, for the back-off and the report of the run.
struct SourceCost {
  std::chrono::microseconds time{};  ///< until its last row was there
  int64_t rows = 0;
  int64_t bytes = 0;
};

/// One connection that is counted; destroying it gives it back. A holder that died gives it back when its lease ends.
class BudgetSlot {
 public:
  virtual ~BudgetSlot() = default;
};

/// The budget of one connection, shared by all that have the same state store. Thread-safe. Calls wait until they are
/// allowed; RUN-900 when cancelled, SRC-240 (kEnvironment, Retry::kSafe) when that is further away than the run may wait,
/// with the time at which it will be.
class Budget {
 public:
  virtual ~Budget() = default;
  virtual const BudgetLimits& limits() const = 0;
  /// Waits for a free connection and for the hours of the day.
  virtual Result<std::unique_ptr<BudgetSlot>> Connect(CancelToken* cancel) = 0;
  /// At most `wanted` connections without waiting, at least one (which may wait): how wide a read can be now.
  virtual int Width(int wanted) = 0;
  /// Waits until `bytes` more may be read.
  virtual Status Spend(int64_t bytes, CancelToken* cancel) = 0;
  /// Waits for the turn of one more request. The time when it was given.
  virtual Result<TimeMicros> Call(CancelToken* cancel) = 0;
  /// The source asked for quiet until then (Retry-After): holds for everybody.
  virtual Status QuietUntil(TimeMicros time) = 0;
  virtual void Note(const SourceCost& cost) = 0;
};

}  // namespace leat::component
