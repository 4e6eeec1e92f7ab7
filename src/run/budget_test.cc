#include "run/budget.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "test/support/postgres.h"
#include "test/support/temp_folder.h"

namespace leat::run {
namespace {

using component::BudgetLimits;
using std::chrono::milliseconds;
using std::chrono::seconds;

TimeMicros At(const std::string& text) { return *ParseTime(text); }

BudgetLimits Connections(int number) {
  BudgetLimits limits;
  limits.connections = number;
  limits.wait = seconds(60);
  return limits;
}

/// A state store under a clock of the test's.
class BudgetTest : public testing::Test {
 protected:
  BudgetTest() : store_(Open()), budgets_(*store_) {}

  std::unique_ptr<state::Store> Open() {
    state::StoreOptions options;
    options.clock = &clock_;
    auto store = state::Store::Open(folder_.path() + "/state.db", options);
    EXPECT_TRUE(store.ok()) << store.error().ToString();
    return std::move(store).value();
  }
  component::Budget& Use(const BudgetLimits& limits, const std::string& run = "1") {
    return *budgets_.For("shop", limits, {run, "source.shop.orders", [this](const std::string& text) {
                                            std::lock_guard lock(mutex_);
                                            if (!text.empty()) told_ = text;
                                          }});
  }
  std::string told() {
    std::lock_guard lock(mutex_);
    return told_;
  }

  test::TempFolder folder_;
  FixedClock clock_{At("2026-01-15T12:00:00Z")};
  std::unique_ptr<state::Store> store_;
  Budgets budgets_;
  std::mutex mutex_;
  std::string told_;
};

TEST_F(BudgetTest, WithoutABudgetNothingIsWrittenAndNothingWaits) {
  component::Budget& budget = Use({});
  auto first = budget.Connect(nullptr);
  auto second = budget.Connect(nullptr);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(budget.Width(7), 7);
  EXPECT_TRUE(budget.Spend(int64_t{1} << 40, nullptr).ok());
  EXPECT_TRUE(budget.Call(nullptr).ok());
  budget.Note({seconds(3), 10, 20});
  budget.Note({seconds(1), 1, 2});
  EXPECT_EQ(store_->Read("SELECT (SELECT count(*) FROM lease) + (SELECT count(*) FROM budget)")->Int(0, 0), 0);
  first->reset();
  second->reset();
  const std::vector<StepCost> costs = budgets_.TakeCosts("1");
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].connections, 2);
  EXPECT_EQ(costs[0].statements, 2);
  EXPECT_EQ(costs[0].calls, 1);
  EXPECT_EQ(costs[0].longest, seconds(3));
  EXPECT_EQ(costs[0].busy, seconds(4));
  EXPECT_EQ(costs[0].rows, 11);
  EXPECT_EQ(costs[0].bytes, 22);
  EXPECT_TRUE(budgets_.TakeCosts("1").empty());
}

TEST_F(BudgetTest, AThirdConnectionWaitsSaysForWhomAndGoesOnWhenOneIsGivenBack) {
  component::Budget& budget = Use(Connections(2));
  EXPECT_EQ(budget.Width(8), 2);
  auto first = budget.Connect(nullptr);
  EXPECT_EQ(budget.Width(8), 1);
  auto second = budget.Connect(nullptr);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(budget.Width(8), 1);  // one, which will have to wait
  const auto turn = budgets_.NextTurn("shop", Connections(2));
  ASSERT_TRUE(turn.ok() && turn->has_value());
  EXPECT_EQ((*turn)->text, "waits for a connection of shop (2 of 2 taken by run 1)");
  std::atomic<bool> there{false};
  std::thread third([&] { there = budget.Connect(nullptr).ok(); });
  while (told().empty()) std::this_thread::yield();
  EXPECT_EQ(told(), "waits for a connection of shop (2 of 2 taken by run 1)");
  EXPECT_FALSE(there);
  first->reset();
  third.join();
  EXPECT_TRUE(there);
  EXPECT_EQ(store_->Read("SELECT count(*) FROM lease")->Int(0, 0), 1);
  EXPECT_GT(budgets_.TakeCosts("1")[0].waited.count(), 0);
}

TEST_F(BudgetTest, WhoWaitsCanBeStoppedAndGivesUpAfterItsTime) {
  BudgetLimits limits = Connections(1);
  auto first = Use(limits).Connect(nullptr);
  ASSERT_TRUE(first.ok());
  CancelToken cancel;
  std::thread stop([&] {
    while (told().empty()) std::this_thread::yield();
    cancel.Cancel();
  });
  const auto stopped = Use(limits).Connect(&cancel);
  stop.join();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), "RUN-900");
  limits.wait = milliseconds(50);
  const auto late = Use(limits).Connect(nullptr);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), "SRC-240");
  EXPECT_EQ(late.error().retry(), Retry::kSafe);
  EXPECT_EQ(late.error().kind(), ErrorKind::kEnvironment);
}

TEST_F(BudgetTest, TheHoursOfTheDayAreWaitedForIfTheyAreNear) {
  BudgetLimits limits;
  limits.hours = "13:30-06:00 Europe/Berlin";
  limits.wait = seconds(3600);
  const auto turn = budgets_.NextTurn("shop", limits);
  ASSERT_TRUE(turn.ok() && turn->has_value());
  EXPECT_EQ((*turn)->until, At("2026-01-15T12:30:00Z"));
  std::atomic<bool> there{false};
  std::thread reader([&] { there = Use(limits).Connect(nullptr).ok(); });
  while (told().empty()) std::this_thread::yield();
  EXPECT_FALSE(there);
  clock_.Set(At("2026-01-15T12:30:00Z"));
  reader.join();
  EXPECT_TRUE(there);
  EXPECT_FALSE(budgets_.NextTurn("shop", limits)->has_value());

  limits.hours = "20:00-06:00 Europe/Berlin";
  const auto far = Use(limits).Connect(nullptr);  // at once: six and a half hours are more than one
  ASSERT_FALSE(far.ok());
  EXPECT_EQ(far.error().code(), "SRC-240");
  EXPECT_NE(far.error().message().find("2026-01-15T19:00:00Z"), std::string::npos) << far.error().message();
}

TEST_F(BudgetTest, InNoSpanOfTimeAreMoreCallsThanAllowed) {
  BudgetLimits limits;
  limits.calls = 2;
  limits.per = std::chrono::minutes(15);
  limits.wait = std::chrono::seconds(1);
  const auto call = [&](const char* time) {
    clock_.Set(At(time));
    const auto given = Use(limits).Call(nullptr);
    return given.ok() ? FormatTime(*given) : given.error().code();
  };
  EXPECT_EQ(call("2026-01-15T12:00:00Z"), "2026-01-15T12:00:00Z");
  EXPECT_EQ(call("2026-01-15T12:01:00Z"), "2026-01-15T12:01:00Z");
  EXPECT_EQ(call("2026-01-15T12:02:00Z"), "SRC-240");
  const auto turn = budgets_.NextTurn("shop", limits);
  ASSERT_TRUE(turn.ok() && turn->has_value());
  EXPECT_EQ((*turn)->until, At("2026-01-15T12:15:00Z"));
  EXPECT_EQ(call("2026-01-15T12:15:00Z"), "2026-01-15T12:15:00Z");
  EXPECT_EQ(call("2026-01-15T12:15:59Z").substr(0, 4), "SRC-");
}

TEST_F(BudgetTest, QuietThatASourceAsksForHoldsForEverybody) {
  BudgetLimits limits = Connections(3);
  limits.wait = seconds(1);
  ASSERT_TRUE(Use(limits).QuietUntil(At("2026-01-15T12:10:00Z")).ok());
  Budgets others(*store_);
  const auto refused = others.For("shop", limits, {"2", "s", {}})->Connect(nullptr);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "SRC-240");
  EXPECT_TRUE(others.For("crm", limits, {"2", "s", {}})->Connect(nullptr).ok());
  clock_.Set(At("2026-01-15T12:10:00Z"));
  EXPECT_TRUE(others.For("shop", limits, {"2", "s", {}})->Connect(nullptr).ok());
}

TEST_F(BudgetTest, SlowStatementsHalveTheWidthAndGoodOnesWidenItAgain) {
  component::Budget& budget = Use(Connections(8));
  const auto note = [&](int times, milliseconds time) {
    for (int i = 0; i < times; ++i) budget.Note({time, 1000, 1 << 20});
  };
  note(5, milliseconds(200));
  EXPECT_EQ(budget.Width(8), 8);
  note(1, milliseconds(900));
  EXPECT_EQ(budget.Width(8), 4);
  EXPECT_EQ(Use(Connections(8), "2").Width(8), 4);  // whoever uses it
  note(2, milliseconds(900));
  EXPECT_EQ(budget.Width(8), 1);
  note(8, milliseconds(200));
  EXPECT_EQ(budget.Width(8), 2);
  note(48, milliseconds(200));
  EXPECT_EQ(budget.Width(8), 8);
  EXPECT_TRUE(store_->Read("SELECT width FROM budget")->IsNull(0, 0));
}

/// Four processes with a place for two, on both kinds of state store.
class BudgetProcesses : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(GetParam());
    url_ = GetParam() ? test::PostgresServer::Get().NewDatabase() : folder_.path() + "/state.db";
    const auto store = state::Store::Open(url_);
    ASSERT_TRUE(store.ok()) << store.error().ToString();
  }
  /// Runs `body` in so many processes; their exit codes are 0.
  void InProcesses(int count, const std::function<bool(state::Store&, int)>& body) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        auto store = state::Store::Open(url_);
        _exit(store.ok() && body(**store, i) ? 0 : 1);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = 0;
      waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
  }
  test::TempFolder folder_;
  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(Stores, BudgetProcesses, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

struct Counted {
  std::atomic<int> open{0}, most{0}, all{0};
  std::atomic<int64_t> bytes{0};
};
Counted& SharedCount() {
  void* memory = mmap(nullptr, sizeof(Counted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return *new (memory) Counted;
}

TEST_P(BudgetProcesses, NeverHaveMoreConnectionsThanAllowed) {
  Counted& count = SharedCount();
  InProcesses(4, [&](state::Store& store, int number) {
    Budgets budgets(store);
    for (int i = 0; i < 8; ++i) {
      auto slot = budgets.For("shop", Connections(2), {std::to_string(number), "s", {}})->Connect(nullptr);
      if (!slot.ok()) return false;
      const int open = ++count.open;
      int most = count.most;
      while (open > most && !count.most.compare_exchange_weak(most, open)) continue;
      std::this_thread::sleep_for(milliseconds(5));  // a statement
      --count.open;
      ++count.all;
    }
    return true;
  });
  EXPECT_EQ(count.all, 32);
  EXPECT_EQ(count.most, 2);
}

TEST_P(BudgetProcesses, APlaceOfAProcessThatDiedIsFreeAgain) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = state::Store::Open(url_);
    Budgets budgets(**store);
    auto slot = budgets.For("shop", Connections(1), {"1", "s", {}})->Connect(nullptr);
    _exit(slot.ok() ? 0 : 1);  // without giving it back
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  auto store = state::Store::Open(url_);
  ASSERT_EQ((*store)->Read("SELECT count(*) FROM lease")->Int(0, 0), 1);
  Budgets budgets(**store);
  BudgetLimits limits = Connections(1);
  limits.wait = seconds(5);  // its lease would last thirty
  EXPECT_TRUE(budgets.For("shop", limits, {"2", "s", {}})->Connect(nullptr).ok());
}

TEST_P(BudgetProcesses, TogetherReadNoFasterThanAllowed) {
  Counted& count = SharedCount();
  BudgetLimits limits;
  limits.bytes_per_second = 4'000'000;
  const auto began = std::chrono::steady_clock::now();
  InProcesses(3, [&](state::Store& store, int number) {
    Budgets budgets(store);
    component::Budget* budget = budgets.For("shop", limits, {std::to_string(number), "s", {}});
    for (int i = 0; i < 20; ++i) {
      if (!budget->Spend(100'000, nullptr).ok()) return false;
      count.bytes += 100'000;
    }
    return true;
  });
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  EXPECT_EQ(count.bytes, 6'000'000);
  // Half a second was saved up, and each process had a quarter of one ahead.
  EXPECT_GE(took, 6.0 / 4 - 0.5 - 3 * 0.25);
  EXPECT_LE(took, 20);
}

TEST_P(BudgetProcesses, ShareTheirCalls) {
  BudgetLimits limits;
  limits.calls = 3;
  limits.per = std::chrono::minutes(15);
  limits.wait = milliseconds(1);
  Counted& count = SharedCount();
  InProcesses(4, [&](state::Store& store, int number) {
    Budgets budgets(store);
    for (int i = 0; i < 3; ++i) {
      const auto given = budgets.For("api", limits, {std::to_string(number), "s", {}})->Call(nullptr);
      if (given.ok()) ++count.all;
      else if (given.error().code() != "SRC-240") return false;
    }
    return true;
  });
  EXPECT_EQ(count.all, 3);
}

}  // namespace
}  // namespace leat::run
