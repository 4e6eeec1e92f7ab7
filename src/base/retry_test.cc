#include "base/retry.h"

#include <gtest/gtest.h>

namespace leat {
namespace {

RetryPolicy Quick() {
  RetryPolicy policy;
  policy.attempts = 4;
  policy.first_wait = std::chrono::milliseconds(1);
  policy.longest_wait = std::chrono::milliseconds(2);
  return policy;
}

Status Busy(Retry retry) { return MakeError("TEST-1", ErrorKind::kConflict, "busy").WithRetry(retry); }

TEST(RunWithRetry, TriesAgainOnlyWhatIsSafe) {
  struct Case {
    Retry retry;
    int succeeds_at;
    int attempts;
    bool ok;
  };
  for (const Case& c : {Case{Retry::kSafe, 1, 1, true}, Case{Retry::kSafe, 3, 3, true}, Case{Retry::kSafe, 9, 4, false},
                        Case{Retry::kNever, 3, 1, false}, Case{Retry::kUnknownOutcome, 3, 1, false}}) {
    int attempts = 0;
    const Status status =
        RunWithRetry(Quick(), nullptr, [&]() -> Status { return ++attempts == c.succeeds_at ? Ok() : Busy(c.retry); });
    EXPECT_EQ(status.ok(), c.ok);
    EXPECT_EQ(attempts, c.attempts);
    EXPECT_EQ(status.ok() ? "" : status.error().code(), c.ok ? "" : "TEST-1") << "the last error comes back";
  }
}

TEST(RunWithRetry, StaysWithinItsBudget) {
  RetryPolicy policy = Quick();
  policy.first_wait = std::chrono::minutes(1);
  policy.budget = std::chrono::milliseconds(10);
  int attempts = 0;
  EXPECT_FALSE(RunWithRetry(policy, nullptr, [&] {
                 ++attempts;
                 return Busy(Retry::kSafe);
               }).ok());
  EXPECT_EQ(attempts, 1) << "a wait that would end after the budget is not begun";
}

}  // namespace
}  // namespace leat
