#include "run/connection_budget.h"

#include <algorithm>

#include "base/day_hours.h"
#include "base/ids.h"
#include "base/log.h"
#include "run/owner.h"

namespace leat::run {
namespace {

using component::BudgetLimits;
using component::SourceCost;
using std::chrono::microseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr int64_t kGrantsPerSecond = 4;
constexpr TimeMicros kSavedUp = 500'000;  ///< bytes of so long that were not read are not lost
constexpr int64_t kMiB = 1 << 20;
constexpr microseconds kTooShortToJudge{100'000};
constexpr int kGoodInARow = 8;

std::string SlotPrefix(const std::string& connection) { return "source:" + connection + ":"; }

microseconds Since(SteadyClock::time_point then) {
  return std::chrono::duration_cast<microseconds>(SteadyClock::now() - then);
}

}  // namespace

Result<ConnectionBudget::Places> ConnectionBudget::Look(const component::BudgetLimits& limits) {
  Places places;
  bool dead = false;
  LEAT_TRY(store_.ReadAll([&](state::Transaction& tx) -> Status {
    places = {};
    const TimeMicros now = tx.Now();
    const std::string prefix = SlotPrefix(connection_);
    LEAT_ASSIGN(
        const state::Rows leases,
        tx.Query(fmt::format("SELECT name, owner, purpose, expires_at FROM lease WHERE substr(name, 1, {}) = ?1",
                             prefix.size()),
                 {prefix}));
    for (size_t i = 0; i < leases.size(); ++i) {
      if (leases.Int(i, 3) <= now) continue;
      if (OwnerIsDead(leases.Text(i, 1))) {
        dead = true;
        continue;
      }
      places.taken.insert(leases.Text(i, 0));
      places.holders.insert(leases.Text(i, 2));
    }
    LEAT_ASSIGN(const state::Rows row, tx.Query("SELECT width FROM budget WHERE connection = ?1", {connection_}));
    if (limits.connections) places.limit = *limits.connections;
    if (!row.empty() && !row.IsNull(0, 0) && row.Int(0, 0) < places.limit.value_or(row.Int(0, 0) + 1)) {
      places.limit = row.Int(0, 0);
      places.backed_off = true;
    }
    return Ok();
  }));
  if (dead) LEAT_TRY(EndLeasesOfTheDead(store_));
  return places;
}

Result<std::unique_ptr<state::Lease>> ConnectionBudget::TakePlace(const Places& places, const std::string& purpose) {
  for (int64_t number = 0; number < *places.limit; ++number) {
    const std::string name = SlotPrefix(connection_) + std::to_string(number);
    if (places.taken.contains(name)) continue;
    auto lease = state::Lease::Take(store_, name, ProcessOwner(), purpose, std::chrono::milliseconds(0));
    if (lease.ok()) return lease;
    if (lease.error().code() != "STATE-401") return std::move(lease).error();
  }
  return std::unique_ptr<state::Lease>();
}

std::string ConnectionBudget::Taken(const Places& places) {
  std::string holders;
  for (const std::string& holder : places.holders) holders += (holders.empty() ? "" : ", ") + holder;
  // Nobody: given back between the looks.
  return fmt::format("{} of {}{} taken{}", places.taken.size(), places.limit.value_or(0),
                     places.backed_off ? " (the source is slow)" : "", holders.empty() ? "" : " by " + holders);
}

Result<std::optional<Blocked>> ConnectionBudget::Closed(const BudgetLimits& limits) {
  TimeMicros now = 0, quiet = 0;
  LEAT_TRY(store_.ReadAll([&](state::Transaction& tx) -> Status {
    now = tx.Now();
    LEAT_ASSIGN(const state::Rows row, tx.Query("SELECT quiet_until FROM budget WHERE connection = ?1", {connection_}));
    quiet = row.empty() ? 0 : row.Int(0, 0);
    return Ok();
  }));
  std::optional<Blocked> blocked;
  if (!limits.hours.empty()) {
    LEAT_ASSIGN(const DayHours hours, DayHours::Parse(limits.hours));
    const TimeMicros next = hours.NextWithin(now);
    if (next > now) {
      blocked = Blocked{
          fmt::format("for the hours of {} ({}), which begin at {}", connection_, limits.hours, FormatTime(next)), next,
          now};
    }
  }
  if (quiet > now && (!blocked || quiet > blocked->until.value_or(0))) {
    blocked = Blocked{fmt::format("because {} asked for quiet until {}", connection_, FormatTime(quiet)), quiet, now};
  }
  return blocked;
}

Result<std::optional<Blocked>> ConnectionBudget::NextCall(const BudgetLimits& limits, bool take, TimeMicros& given) {
  std::optional<Blocked> blocked;
  const auto look = [&](state::Transaction& tx) -> Status {
    blocked.reset();
    given = tx.Now();
    if (!limits.calls) return Ok();
    LEAT_ASSIGN(const state::Rows nth,
                tx.Query("SELECT at FROM budget_call WHERE connection = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2",
                         {connection_, *limits.calls - 1}));
    const TimeMicros next = nth.empty() ? given : nth.Int(0, 0) + limits.per.count();
    if (next > given) {
      blocked = Blocked{fmt::format("for its turn at {} ({} in {} s are used up until {})", connection_, *limits.calls,
                                    limits.per.count() / 1'000'000, FormatTime(next)),
                        next, given};
    }
    return Ok();
  };
  LEAT_TRY(store_.ReadAll(look));
  if (blocked || !take || !limits.calls) return blocked;
  LEAT_TRY(store_.Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(LockRow(tx));
    LEAT_TRY(look(tx));
    if (blocked) return Ok();
    LEAT_TRY(tx.Execute("DELETE FROM budget_call WHERE connection = ?1 AND at <= ?2",
                        {connection_, given - limits.per.count()}));
    LEAT_TRY(tx.Execute("INSERT INTO budget_call (connection, at, id) VALUES (?1, ?2, ?3)",
                        {connection_, given, NewUuidV7()}));
    return Ok();
  }));
  return blocked;
}

Result<microseconds> ConnectionBudget::TakeBytes(int64_t rate, int64_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes <= granted_) {
    granted_ -= bytes;
    return microseconds(std::max<int64_t>(0, ready_in_.count() - Since(granted_at_).count()));
  }
  const int64_t grant = std::max(bytes - granted_, rate / kGrantsPerSecond);
  TimeMicros begins = 0, now = 0;
  LEAT_TRY(store_.Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(LockRow(tx));
    now = tx.Now();
    LEAT_ASSIGN(const state::Rows row, tx.Query("SELECT bytes_until FROM budget WHERE connection = ?1", {connection_}));
    begins = std::max(row.Int(0, 0), now - kSavedUp);
    const auto lasts = static_cast<int64_t>(static_cast<double>(grant) * 1e6 / static_cast<double>(rate));
    LEAT_TRY(tx.Execute("UPDATE budget SET bytes_until = ?1 WHERE connection = ?2", {begins + lasts, connection_}));
    return Ok();
  }));
  granted_ += grant - bytes;
  granted_at_ = SteadyClock::now();
  ready_in_ = microseconds(std::max<int64_t>(0, begins - now));
  return ready_in_;
}

Status ConnectionBudget::QuietUntil(TimeMicros time) {
  return store_.Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(LockRow(tx));
    LEAT_TRY(tx.Execute("UPDATE budget SET quiet_until = ?1 WHERE connection = ?2 AND quiet_until < ?1",
                        {time, connection_}));
    return Ok();
  });
}

void ConnectionBudget::Judge(const BudgetLimits& limits, const SourceCost& cost) {
  if (!limits.any() || cost.time < kTooShortToJudge) return;
  const int64_t bytes = std::max<int64_t>(cost.bytes, kMiB / 16);
  const auto per_mib = static_cast<int64_t>(static_cast<double>(cost.time.count()) * kMiB / static_cast<double>(bytes));
  std::lock_guard lock(mutex_);
  int64_t from = 0, to = 0;
  int good = 0;
  const Status written = store_.Write([&](state::Transaction& tx) -> Status {
    from = to = 0;
    LEAT_TRY(LockRow(tx));
    LEAT_ASSIGN(const state::Rows row,
                tx.Query("SELECT width, usual_us_per_mib FROM budget WHERE connection = ?1", {connection_}));
    const int64_t usual = row.IsNull(0, 1) ? per_mib : row.Int(0, 1);
    const int64_t full = limits.connections ? *limits.connections : widest_;
    const int64_t width = std::min(full, row.IsNull(0, 0) ? full : row.Int(0, 0));
    const bool slow = per_mib > 2 * usual;
    good = slow ? 0 : good_ + 1;
    from = to = width;
    if (slow) to = std::max<int64_t>(1, width / 2);
    if (good >= kGoodInARow && width < full) {
      to = width + 1;
      good = 0;
    }
    // What is usual follows slowly: a source that stays slow becomes usual in time, and is used in full again.
    const int64_t next = usual + (per_mib - usual) / (slow ? 32 : 8);
    LEAT_TRY(tx.Execute("UPDATE budget SET width = ?1, usual_us_per_mib = ?2 WHERE connection = ?3",
                        {to >= full ? state::Value() : state::Value(to), next, connection_}));
    return Ok();
  });
  good_ = good;
  if (!written.ok()) {
    Log(LogLevel::kWarn, "source_speed_not_kept", {{"connection", connection_}, {"error", written.error().message()}});
  } else if (to != from) {
    Log(LogLevel::kInfo, to < from ? "source_is_slow" : "source_is_faster_again",
        {{"connection", connection_}, {"connections", std::to_string(to)}});
  }
}

void ConnectionBudget::Wanted(int width) {
  std::lock_guard lock(mutex_);
  widest_ = std::max<int64_t>(widest_, width);
}

Status ConnectionBudget::LockRow(state::Transaction& tx) {
  LEAT_TRY(
      tx.Execute("INSERT INTO budget (connection) VALUES (?1) ON CONFLICT (connection) DO NOTHING", {connection_}));
  return tx.LockRow("budget", "connection = ?1", {connection_});
}

}  // namespace leat::run
