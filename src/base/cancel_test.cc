#include "base/cancel.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/retry.h"

namespace leat {
namespace {

TEST(CancelToken, ChecksAndCallsOnce) {
  CancelToken token;
  int calls = 0;
  int removed_calls = 0;
  token.AddCallback([&] { ++calls; });
  token.RemoveCallback(token.AddCallback([&] { ++removed_calls; }));
  EXPECT_TRUE(token.Check().ok());
  token.Cancel();
  token.Cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(removed_calls, 0);
  ASSERT_FALSE(token.Check().ok());
  EXPECT_EQ(token.Check().error().code(), "RUN-900");
  EXPECT_EQ(token.Check().error().kind(), ErrorKind::kCancelled);
  token.AddCallback([&] { ++calls; });
  EXPECT_EQ(calls, 2) << "who comes too late is told at once";
}

TEST(CancelToken, EveryCallbackIsCalledOnceWhoeverComesFirst) {
  for (int round = 0; round < 50; ++round) {
    CancelToken token;
    std::atomic<int> calls{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
          for (int k = 0; k < 10; ++k) token.AddCallback([&] { ++calls; });
        });
      }
      threads.emplace_back([&] { token.Cancel(); });
      threads.emplace_back([&] { token.Cancel(); });
      threads.emplace_back([&] {
        while (!token.cancelled()) std::this_thread::yield();
        EXPECT_FALSE(token.Check().ok());
      });
    }
    EXPECT_EQ(calls, 30);
  }
}

TEST(CancelToken, EndsTheWaitOfARetry) {
  CancelToken token;
  RetryPolicy patient;
  patient.first_wait = std::chrono::minutes(1);
  patient.longest_wait = std::chrono::minutes(1);
  patient.budget = std::chrono::minutes(10);
  std::atomic<int> attempts{0};
  const auto begin = std::chrono::steady_clock::now();
  std::jthread stopper([&] {
    while (attempts == 0) std::this_thread::yield();
    token.Cancel();
  });
  const Status status = RunWithRetry(patient, &token, [&]() -> Status {
    ++attempts;
    return MakeError("TEST-1", ErrorKind::kConflict, "busy").WithRetry(Retry::kSafe);
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(attempts, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace leat
