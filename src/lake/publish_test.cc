// What a publish does beside the table of cases (publish_cases_test.cc): groups, reads, planning again, lost answers, races.
#include "lake/publish.h"

#include <thread>

#include "lake/publish_cases.h"
#include "lake/publish_fixture.h"

namespace leat::lake {
namespace {

TEST_F(PublishTest, AllOrNothing) {
  for (const std::string table : {"good", "bad"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  OverwriteWith("run/1", "good", "g");
  OverwriteWith("run/1", "bad", "b");
  AppendFile("main", "bad", "x");
  const CommitId head = At("main").commit;
  const auto result = Publish("run/1", {Item("good", Change::kOverwrite), Item("bad", Change::kOverwrite)});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->replan.size(), 1u);
  EXPECT_EQ(result->replan[0].step, "bad");
  EXPECT_EQ(At("main").commit, head);
}

TEST_F(PublishTest, ReadsAreValidated) {
  for (const std::string table : {"raw", "model", "outside"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  const auto publish = [&](const std::string& branch, std::map<TableName, int64_t> reads, bool with_raw) {
    std::vector<PublishItem> items;
    if (with_raw) items.push_back(Item("raw", Change::kAppend));
    items.push_back(Item("model", Change::kOverwrite));
    items.back().reads = std::move(reads);
    auto result = Publish(branch, items);
    if (!result.ok()) return result.error().code();
    return result->replan.empty() ? std::string("ok")
                                  : result->replan.front().step + ": " + result->replan.front().reason;
  };
  // What is read outside must still be current; compaction is no change.
  Branch("run/1");
  OverwriteWith("run/1", "model", "m1");
  const int64_t outside = SnapshotOf("main", "outside");
  Compact("main", "outside", "a", "a2");
  EXPECT_EQ(publish("run/1", {{Name("outside"), outside}}, false), "ok");
  Branch("run/2");
  OverwriteWith("run/2", "model", "m2");
  EXPECT_TRUE(publish("run/2", {{Name("outside"), 42}}, false).starts_with("model: "));
  EXPECT_TRUE(publish("run/2", {{Name("none"), 42}}, false).starts_with("model: "));
  EXPECT_EQ(publish("run/2", {{Name("none"), 0}}, false), "ok");
  // What was read on the branch and moves along is right; an earlier snapshot of it is not.
  Branch("run/3");
  AppendFile("run/3", "raw", "r1");
  const int64_t early = SnapshotOf("run/3", "raw");
  AppendFile("run/3", "raw", "r2");
  OverwriteWith("run/3", "model", "m3");
  EXPECT_TRUE(publish("run/3", {{Name("raw"), early}}, true).starts_with("model: "));
  EXPECT_EQ(publish("run/3", {{Name("raw"), SnapshotOf("run/3", "raw")}}, true), "ok");
  // A re-based input sends what read it back, and nothing moves.
  Branch("run/4");
  AppendFile("run/4", "raw", "r3");
  OverwriteWith("run/4", "model", "m4");
  AppendFile("main", "raw", "x");
  const CommitId head = At("main").commit;
  EXPECT_TRUE(publish("run/4", {{Name("raw"), SnapshotOf("run/4", "raw")}}, true).starts_with("model: "));
  EXPECT_EQ(At("main").commit, head);
  EXPECT_EQ(Files("main", "model"), (Names{"m3"}));
  // An own table that was read (an incremental model) must be the one that is replaced.
  Branch("run/5");
  AppendFile("run/5", "model", "m5");
  EXPECT_EQ(publish("run/5", {{Name("model"), SnapshotOf("main", "model")}}, false), "ok");
}

TEST_F(PublishTest, ReplanGoesDownstream) {
  for (const std::string table : {"a", "b", "c"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"a", "b", "c"}) OverwriteWith("run/1", table, "n");
  AppendFile("main", "a", "x");
  PublishItem b = Item("b", Change::kOverwrite), c = Item("c", Change::kOverwrite);
  b.reads = {{Name("a"), SnapshotOf("run/1", "a")}};
  c.reads = {{Name("b"), SnapshotOf("run/1", "b")}};
  const auto result = Publish("run/1", {c, b, Item("a", Change::kOverwrite)});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->replan.size(), 3u);
}

TEST_F(PublishTest, PublishingAgainAfterALostAnswerChangesNothing) {
  Create("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "a");
  ASSERT_TRUE(Publish("run/1", {Item("t", Change::kAppend)}).ok());
  const CommitId head = At("main").commit;
  const auto again = Publish("run/1", {Item("t", Change::kAppend)});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replan.empty());
  EXPECT_EQ(At("main").commit, head);
  EXPECT_EQ(again->snapshot_after.at(Name("t")), SnapshotOf("main", "t"));
}

TEST_F(PublishTest, WhatGoesAlongIsInTheSameTransaction) {
  Create("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "a");
  PublishRequest request;
  request.branch = "run/1";
  request.items = {Item("t", Change::kAppend)};
  request.also = [&](state::Transaction& tx, const PublishResult& result) -> Status {
    EXPECT_GT(result.commit, 0);
    EXPECT_EQ(result.snapshot_after.count(Name("t")), 1u);
    LEAT_TRY(tx.Execute("INSERT INTO run_log VALUES ('r', 's', 0, 'x')"));
    return MakeError("TEST-001", ErrorKind::kConflict, "no");
  };
  EXPECT_EQ(lake::Publish(*catalog_, request).error().code(), "TEST-001");
  EXPECT_TRUE(Files("main", "t").empty());
  EXPECT_TRUE(store_->Read("SELECT * FROM run_log")->empty());
}

/// Two runs append to one table under different load keys, many times, at once: every file arrives once, no data is redone.
TEST_F(PublishTest, ConcurrentAppendsAllArrive) {
  Create("main", "t");
  constexpr int kRuns = 4, kRounds = 5;
  std::vector<std::string> problems(kRuns);
  {
    std::vector<std::jthread> threads;
    for (int run = 0; run < kRuns; ++run) {
      threads.emplace_back([&, run] {
        for (int round = 0; round < kRounds; ++round) {
          const std::string branch = fmt::format("run/{}-{}", run, round);
          Branch(branch);
          AppendFile(branch, "t", fmt::format("f{}-{}", run, round));
          const std::string outcome = Outcome(branch, Item("t", Change::kAppend));
          if (outcome != "moved" && outcome != "rebased") problems[static_cast<size_t>(run)] = outcome;
        }
      });
    }
  }
  for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  Names expected;
  for (int run = 0; run < kRuns; ++run) {
    for (int round = 0; round < kRounds; ++round) expected.push_back(fmt::format("f{}-{}", run, round));
  }
  EXPECT_EQ(Files("main", "t"), expected);
}

}  // namespace
}  // namespace leat::lake
