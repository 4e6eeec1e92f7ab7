#include "run/owner.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace leat::run {
namespace {

TEST(Owner, ThisProcessIsAlive) {
  EXPECT_TRUE(ProcessOwner().starts_with("pid " + std::to_string(getpid()) + " since "));
  EXPECT_FALSE(OwnerIsDead(ProcessOwner()));
}

TEST(Owner, AnEndedChildIsDead) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ASSERT_GT(child, 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  std::string owner = ProcessOwner();
  const std::string own_pid = "pid " + std::to_string(getpid());
  owner.replace(0, own_pid.size(), "pid " + std::to_string(child));
  EXPECT_TRUE(OwnerIsDead(owner));
}

TEST(Owner, AReusedPidIsDead) {
  std::string owner = ProcessOwner();
  const size_t since = owner.find(" since ") + 7;
  owner.replace(since, owner.find(' ', since) - since, "1");
  EXPECT_TRUE(OwnerIsDead(owner));
}

TEST(Owner, OthersAreNotJudged) {
  for (const char* owner : {"", "somebody", "pid 0 since 1 on x", "pid 999999 since 1 on another-host:00000000:1"}) {
    EXPECT_FALSE(OwnerIsDead(owner)) << owner;
  }
}

}  // namespace
}  // namespace leat::run
