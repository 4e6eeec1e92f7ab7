#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "component/budget.h"
#include "state/lease.h"

namespace leat::run {

/// Why something has to wait, and until when if that is known.
struct Blocked {
  std::string text;  ///< "for a connection of shop (4 of 4 taken by run 0192…)"
  std::optional<TimeMicros> until;
  TimeMicros now = 0;  ///< of the store's clock, where `until` is
};

/// One connection's budget in the state store: what is taken of it now, and taking more. Nothing here waits. Thread-safe.
class ConnectionBudget {
 public:
  ConnectionBudget(state::Store& store, std::string connection) : store_(store), connection_(std::move(connection)) {}

  /// The connections that are taken now and how many there may be (nullopt: any number).
  struct Places {
    std::set<std::string> taken;  ///< names of leases
    std::set<std::string> holders;
    std::optional<int64_t> limit;
    bool backed_off = false;

    bool full() const { return limit && static_cast<int64_t>(taken.size()) >= *limit; }
  };
  /// Gives back the places of processes that died on this machine.
  Result<Places> Look(const component::BudgetLimits& limits);
  /// Takes a free place; null when others were quicker to each.
  Result<std::unique_ptr<state::Lease>> TakePlace(const Places& places, const std::string& purpose);
  /// "4 of 4 taken by run 0192…".
  static std::string Taken(const Places& places);

  /// Hours of the day, and the quiet that the source asked for.
  Result<std::optional<Blocked>> Closed(const component::BudgetLimits& limits);
  /// The next request, taken when `take` and it is time; `given`: now.
  Result<std::optional<Blocked>> NextCall(const component::BudgetLimits& limits, bool take, TimeMicros& given);
  /// How long to wait before `bytes` more are read; they are taken.
  Result<std::chrono::microseconds> TakeBytes(int64_t bytes_per_second, int64_t bytes);
  Status QuietUntil(TimeMicros time);

  /// Holds what a statement took against what is usual: twice as long halves the width, eight good ones widen it by one.
  void Judge(const component::BudgetLimits& limits, const component::SourceCost& cost);
  /// Somebody would read with so many connections: the width to come back to where no number is set.
  void Wanted(int width);

  const std::string& connection() const { return connection_; }

 private:
  /// The row of the connection, made where there is none, locked.
  Status LockRow(state::Transaction& tx);

  state::Store& store_;
  const std::string connection_;
  std::mutex mutex_;
  int64_t granted_ = 0;  ///< bytes that were given to this process and are not read yet
  std::chrono::steady_clock::time_point granted_at_;
  std::chrono::microseconds ready_in_{};  ///< after granted_at_
  int64_t widest_ = 1;
  int good_ = 0;  ///< statements in a row
};

}  // namespace leat::run
