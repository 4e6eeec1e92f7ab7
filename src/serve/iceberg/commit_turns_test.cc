#include "serve/iceberg/commit_turns.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace leat::serve::iceberg {
namespace {

TEST(CommitTurns, OneAtATimeOnATableAndNoDeadlockBetweenSets) {
  CommitTurns turns;
  const std::vector<lake::TableName> names = {{"s", "a"}, {"s", "b"}, {"s", "c"}};
  std::array<std::atomic<int>, 3> inside{};
  std::array<int, 3> done{};  // guarded by the turns themselves
  std::atomic<bool> overlapped{false};
  std::vector<std::jthread> threads;
  for (size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 500; ++i) {
        const std::set<size_t> mine = {(t + i) % 3, (t * i) % 3};
        std::set<lake::TableName> tables;
        for (const size_t n : mine) tables.insert(names[n]);
        const auto turn = turns.Take(std::move(tables));
        for (const size_t n : mine) {
          if (++inside[n] != 1) overlapped = true;
          ++done[n];
        }
        for (const size_t n : mine) --inside[n];
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(overlapped);
  int total = 0;
  for (const int count : done) total += count;
  EXPECT_GE(total, 6 * 500);
}

TEST(CommitTurns, OthersAreNotWaitedFor) {
  CommitTurns turns;
  const auto first = turns.Take({{"s", "a"}});
  const auto second = turns.Take({{"s", "b"}});
  EXPECT_FALSE(first.waited());
  EXPECT_FALSE(second.waited());
}

}  // namespace
}  // namespace leat::serve::iceberg
