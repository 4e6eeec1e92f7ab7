#include "state/lease.h"

#include <gtest/gtest.h>

#include <thread>

#include "test/support/postgres.h"
#include "test/support/temp_folder.h"

namespace leat::state {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LeaseTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(GetParam());
    auto opened = Store::Open(GetParam() ? test::PostgresServer::Get().NewDatabase() : folder_ / "state.db");
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(*opened);
  }

  Result<std::unique_ptr<Lease>> Take(const std::string& owner, milliseconds wait = milliseconds(0),
                                      milliseconds life = seconds(30)) {
    return Lease::Take(*store_, "load:orders", owner, "loading orders", wait, life);
  }
  Status Check(const Fence& fence) {
    return store_->Write([&](Transaction& tx) { return CheckFence(tx, fence); });
  }
  /// As if the holder had slept past its time.
  void Expire() {
    ASSERT_TRUE(store_
                    ->Write([](Transaction& tx) -> Status {
                      LEAT_TRY(tx.Execute("UPDATE lease SET expires_at = 1"));
                      return Ok();
                    })
                    .ok());
  }

  test::TempFolder folder_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, LeaseTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(LeaseTest, IsHeldByOneAndNamesItsHolder) {
  auto first = Take("alice");
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_TRUE(*IsHeld(*store_, "load:orders"));
  const auto second = Take("bob");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), "STATE-401");
  EXPECT_EQ(second.error().retry(), Retry::kSafe);
  EXPECT_NE(second.error().message().find("alice for loading orders"), std::string::npos);
  ASSERT_TRUE((*first)->Release().ok());
  EXPECT_FALSE(*IsHeld(*store_, "load:orders"));
  EXPECT_TRUE(Take("bob").ok());
}

TEST_P(LeaseTest, WaitsForItsHolder) {
  auto first = Take("alice");
  ASSERT_TRUE(first.ok());
  std::jthread releaser([&] { EXPECT_TRUE((*first)->Release().ok()); });
  EXPECT_TRUE(Take("bob", seconds(20)).ok());
}

TEST_P(LeaseTest, TokensOnlyGrowAlsoWhenALeaseWasForgotten) {
  int64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    auto lease = Take("alice");
    ASSERT_TRUE(lease.ok());
    EXPECT_GT((*lease)->fence().token, last);
    last = (*lease)->fence().token;
  }
  EXPECT_TRUE(store_->Read("SELECT name FROM lease")->empty());
}

TEST_P(LeaseTest, AFenceHoldsOnlyWhileItsLeaseDoes) {
  auto first = Take("alice");
  ASSERT_TRUE(first.ok());
  const Fence fence = (*first)->fence();
  EXPECT_TRUE(Check(fence).ok());
  Expire();
  EXPECT_EQ(Check(fence).error().code(), "STATE-402");
  auto second = Take("bob");
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(Check(fence).error().code(), "STATE-402");
  EXPECT_TRUE(Check((*second)->fence()).ok());
  // The loser's release does not free what the winner holds.
  ASSERT_TRUE((*first)->Release().ok());
  EXPECT_TRUE(Check((*second)->fence()).ok());
  ASSERT_TRUE((*second)->Release().ok());
  EXPECT_EQ(Check((*second)->fence()).error().code(), "STATE-402");
}

TEST_P(LeaseTest, RenewsItselfAndNoticesWhenItWasTaken) {
  const auto life = milliseconds(600);
  auto lease = Take("alice", milliseconds(0), life);
  ASSERT_TRUE(lease.ok());
  const auto begun = std::chrono::steady_clock::now();
  // Outlives several times its life; the fence is good at every look.
  while (std::chrono::steady_clock::now() - begun < 3 * life) {
    ASSERT_TRUE(Check((*lease)->fence()).ok());
    ASSERT_FALSE((*lease)->lost());
  }
  ASSERT_TRUE(store_
                  ->Write([](Transaction& tx) -> Status {
                    LEAT_TRY(tx.Execute("DELETE FROM lease"));
                    return Ok();
                  })
                  .ok());
  while (!(*lease)->lost()) std::this_thread::yield();
  EXPECT_EQ(Check((*lease)->fence()).error().code(), "STATE-402");
}

}  // namespace
}  // namespace leat::state
