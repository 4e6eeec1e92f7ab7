#include "run/budget.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include "base/log.h"
#include "base/retry.h"
#include "run/connection_budget.h"
#include "run/ledger.h"
#include "run/owner.h"

namespace leat::run {
namespace {

using component::BudgetLimits;
using component::BudgetSlot;
using component::SourceCost;
using std::chrono::microseconds;
using SteadyClock = std::chrono::steady_clock;

class FreeSlot : public BudgetSlot {
 public:
  explicit FreeSlot(std::function<void()> give_back) : give_back_(std::move(give_back)) {}
  ~FreeSlot() override { give_back_(); }

 private:
  std::function<void()> give_back_;
};

class LeasedSlot : public FreeSlot {
 public:
  LeasedSlot(std::unique_ptr<state::Lease> lease, std::function<void()> give_back)
      : FreeSlot(std::move(give_back)), lease_(std::move(lease)) {}

 private:
  std::unique_ptr<state::Lease> lease_;
};

}  // namespace

class Budgets::StepBudget : public component::Budget {
 public:
  StepBudget(std::shared_ptr<ConnectionBudget> shared, BudgetLimits limits, BudgetUser user)
      : shared_(std::move(shared)), limits_(std::move(limits)), user_(std::move(user)) {
    cost_.step = user_.step;
    cost_.connection = shared_->connection();
  }

  const BudgetLimits& limits() const override { return limits_; }

  Result<std::unique_ptr<BudgetSlot>> Connect(CancelToken* cancel) override {
    if (!limits_.any()) return std::unique_ptr<BudgetSlot>(std::make_unique<FreeSlot>(Opened()));
    LEAT_TRY(WaitUntilOpen(cancel));
    std::unique_ptr<state::Lease> lease;
    bool any = false;
    LEAT_TRY(Wait(cancel, [&]() -> Result<std::optional<Blocked>> {
      LEAT_ASSIGN(const ConnectionBudget::Places places, shared_->Look(limits_));
      any = !places.limit;
      if (any) return std::optional<Blocked>();
      if (!places.full()) {
        LEAT_ASSIGN(lease, shared_->TakePlace(places, user_.run_id.empty() ? "a plan" : "run " + user_.run_id));
        if (lease != nullptr) return std::optional<Blocked>();
      }
      return std::optional<Blocked>(Blocked{
          fmt::format("for a connection of {} ({})", shared_->connection(), ConnectionBudget::Taken(places)), {}, 0});
    }));
    if (any) return std::unique_ptr<BudgetSlot>(std::make_unique<FreeSlot>(Opened()));
    return std::unique_ptr<BudgetSlot>(std::make_unique<LeasedSlot>(std::move(lease), Opened()));
  }

  int Width(int wanted) override {
    if (!limits_.any()) return std::max(1, wanted);
    shared_->Wanted(wanted);
    const Result<ConnectionBudget::Places> places = shared_->Look(limits_);
    if (!places.ok()) return 1;
    const int64_t limit = places->limit.value_or(0);
    if (limit == 0) return std::max(1, wanted);
    return static_cast<int>(
        std::clamp<int64_t>(limit - static_cast<int64_t>(places->taken.size()), 1, std::max(1, wanted)));
  }

  Status Spend(int64_t bytes, CancelToken* cancel) override {
    if (!limits_.bytes_per_second) return Ok();
    LEAT_ASSIGN(const microseconds wait, shared_->TakeBytes(*limits_.bytes_per_second, bytes));
    if (wait.count() <= 0) return Ok();
    const auto ready = SteadyClock::now() + wait;
    return Wait(cancel, [&]() -> Result<std::optional<Blocked>> {
      if (SteadyClock::now() >= ready) return std::optional<Blocked>();
      return std::optional<Blocked>(Blocked{"", {}, 0});  // a short one that is part of the rate: nothing to tell
    });
  }

  Result<TimeMicros> Call(CancelToken* cancel) override {
    {
      std::lock_guard lock(mutex_);
      ++cost_.calls;
    }
    TimeMicros given = SystemClock().Now();
    // Without a budget, too: a source that asked for quiet asked everybody.
    LEAT_TRY(Wait(cancel, [&]() -> Result<std::optional<Blocked>> {
      LEAT_ASSIGN(std::optional<Blocked> blocked, shared_->Closed(limits_));
      if (blocked || !limits_.calls) return blocked;
      return shared_->NextCall(limits_, true, given);
    }));
    return given;
  }

  Status QuietUntil(TimeMicros time) override { return shared_->QuietUntil(time); }

  void Note(const SourceCost& cost) override {
    {
      std::lock_guard lock(mutex_);
      ++cost_.statements;
      cost_.longest = std::max(cost_.longest, cost.time);
      cost_.busy += cost.time;
      cost_.rows += cost.rows;
      cost_.bytes += cost.bytes;
    }
    shared_->Judge(limits_, cost);
  }

  const BudgetUser& user() const { return user_; }
  StepCost cost() {
    std::lock_guard lock(mutex_);
    return cost_;
  }

 private:
  /// Counts an open connection; what is returned counts it closed.
  std::function<void()> Opened() {
    std::lock_guard lock(mutex_);
    cost_.connections = std::max(cost_.connections, open_->fetch_add(1) + 1);
    return [open = open_] { --*open; };  // a place may outlive its budget
  }

  Status WaitUntilOpen(CancelToken* cancel) {
    return Wait(cancel, [&] { return shared_->Closed(limits_); });
  }

  /// Looks until nothing is in the way, and tells why not meanwhile.
  Status Wait(CancelToken* cancel, const std::function<Result<std::optional<Blocked>>()>& look) {
    RetryPolicy policy;
    policy.attempts = std::numeric_limits<int>::max();
    policy.first_wait = std::chrono::milliseconds(10);
    policy.longest_wait = std::chrono::milliseconds(500);
    policy.factor = 1.5;
    policy.budget = std::chrono::duration_cast<std::chrono::milliseconds>(limits_.wait);
    const auto began = SteadyClock::now();
    std::string told;
    bool blocked_once = false, too_far = false;
    Status status = RunWithRetry(policy, cancel, [&]() -> Status {
      LEAT_ASSIGN(const std::optional<Blocked> blocked, look());
      if (!blocked) return Ok();
      blocked_once = true;
      too_far = blocked->until && *blocked->until - blocked->now > limits_.wait.count();
      if (!too_far && !blocked->text.empty() && blocked->text != told) Tell(told = blocked->text);
      return MakeError("SRC-240", ErrorKind::kEnvironment, "{} would have to wait {}", user_.step, blocked->text)
          .WithHint(fmt::format("it waits at most {} s (`wait:` of the connection's budget); run again then",
                                limits_.wait.count() / 1'000'000))
          .WithRetry(too_far ? Retry::kNever : Retry::kSafe);
    });
    if (!told.empty()) Tell("");
    if (blocked_once) {
      std::lock_guard lock(mutex_);
      cost_.waited += std::chrono::duration_cast<microseconds>(SteadyClock::now() - began);
    }
    if (!status.ok() && too_far && status.error().code() == "SRC-240") {
      return Error(status.error()).WithRetry(Retry::kSafe);
    }
    return status;
  }

  void Tell(const std::string& text) const {
    if (!text.empty()) {
      Log(LogLevel::kInfo, "source_wait",
          {{"asset", user_.step}, {"connection", shared_->connection()}, {"reason", "waits " + text}});
    }
    if (user_.waiting) user_.waiting(text.empty() ? "" : "waits " + text);
  }

  const std::shared_ptr<ConnectionBudget> shared_;
  const BudgetLimits limits_;
  const BudgetUser user_;
  std::mutex mutex_;  ///< of what follows
  StepCost cost_;
  const std::shared_ptr<std::atomic<int>> open_ = std::make_shared<std::atomic<int>>(0);
};

Budgets::Budgets(state::Store& store) : store_(store) {}
Budgets::~Budgets() = default;

std::shared_ptr<ConnectionBudget> Budgets::SharedOf(const std::string& connection) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<ConnectionBudget>& shared = shared_[connection];
  if (shared == nullptr) shared = std::make_shared<ConnectionBudget>(store_, connection);
  return shared;
}

component::Budget* Budgets::For(const std::string& connection, const BudgetLimits& limits, BudgetUser user) {
  auto made = std::make_unique<StepBudget>(SharedOf(connection), limits, std::move(user));
  std::lock_guard lock(mutex_);
  return uses_.emplace_back(std::move(made)).get();
}

Result<std::optional<BudgetTurn>> Budgets::NextTurn(const std::string& connection, const BudgetLimits& limits) {
  if (!limits.any()) return std::optional<BudgetTurn>();
  const std::shared_ptr<ConnectionBudget> shared = SharedOf(connection);
  LEAT_ASSIGN(std::optional<Blocked> blocked, shared->Closed(limits));
  if (!blocked) {
    TimeMicros given = 0;
    LEAT_ASSIGN(blocked, shared->NextCall(limits, false, given));
  }
  if (blocked) return std::optional<BudgetTurn>(BudgetTurn{"waits " + blocked->text, blocked->until});
  LEAT_ASSIGN(const ConnectionBudget::Places places, shared->Look(limits));
  if (!places.full()) return std::optional<BudgetTurn>();
  return std::optional<BudgetTurn>(
      BudgetTurn{fmt::format("waits for a connection of {} ({})", connection, ConnectionBudget::Taken(places)), {}});
}

std::vector<StepCost> Budgets::TakeCosts(const std::string& run_id) {
  std::map<std::pair<std::string, std::string>, StepCost> costs;
  std::lock_guard lock(mutex_);
  std::erase_if(uses_, [&](const std::unique_ptr<StepBudget>& use) {
    if (use->user().run_id != run_id) return false;
    const StepCost cost = use->cost();
    if (cost.connections + cost.statements + cost.calls + cost.waited.count() == 0) return true;
    StepCost& sum = costs[{cost.step, cost.connection}];
    sum.step = cost.step;
    sum.connection = cost.connection;
    sum.connections = std::max(sum.connections, cost.connections);
    sum.statements += cost.statements;
    sum.calls += cost.calls;
    sum.longest = std::max(sum.longest, cost.longest);
    sum.busy += cost.busy;
    sum.rows += cost.rows;
    sum.bytes += cost.bytes;
    sum.waited += cost.waited;
    return true;
  });
  std::vector<StepCost> all;
  all.reserve(costs.size());
  for (auto& [key, cost] : costs) all.push_back(std::move(cost));
  return all;
}

Status WriteCosts(state::Transaction& tx, const std::string& run_id, const std::vector<StepCost>& costs) {
  std::vector<state::Row> rows;
  rows.reserve(costs.size());
  for (const StepCost& cost : costs) {
    rows.push_back({run_id, cost.step, cost.connection, int64_t{cost.connections}, cost.statements, cost.calls,
                    cost.longest.count(), cost.busy.count(), cost.rows, cost.bytes, cost.waited.count()});
  }
  return InsertRows(tx, "source_cost",
                    {"run_id", "step", "connection", "connections", "statements", "calls", "longest_us", "busy_us",
                     "rows", "bytes", "waited_us"},
                    rows);
}

}  // namespace leat::run
