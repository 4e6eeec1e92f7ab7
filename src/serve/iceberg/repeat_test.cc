// Commits that come twice, because their answer was lost, and commits that meet others whose changes do not matter to them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

class RepeatTest : public RestFixture {
 protected:
  json Metadata(const std::string& table = "orders") {
    return Call("GET", std::string(kTables) + "/" + table).body["metadata"];
  }

  /// A commit that adds snapshot `id` after the present one, with the requirements that engines send.
  json Append(int64_t id, const std::string& table = "orders") {
    const json now = Metadata(table);
    const json parent = now.value("current-snapshot-id", json());
    const bool first = parent.is_null() || parent == -1;
    json snapshot = {{"snapshot-id", id},
                     {"sequence-number", now["last-sequence-number"].get<int64_t>() + 1},
                     {"timestamp-ms", now["last-updated-ms"].get<int64_t>() + 1},
                     {"manifest-list", now["location"].get<std::string>() + "/metadata/snap-" + std::to_string(id)},
                     {"summary", {{"operation", "append"}}},
                     {"schema-id", 0}};
    if (!first) snapshot["parent-snapshot-id"] = parent;
    return {{"identifier", {{"namespace", {"shop"}}, {"name", table}}},
            {"requirements",
             json::array(
                 {{{"type", "assert-table-uuid"}, {"uuid", now["table-uuid"]}},
                  {{"type", "assert-ref-snapshot-id"}, {"ref", "main"}, {"snapshot-id", first ? json() : parent}}})},
            {"updates",
             json::array(
                 {{{"action", "add-snapshot"}, {"snapshot", snapshot}},
                  {{"action", "set-snapshot-ref"}, {"ref-name", "main"}, {"type", "branch"}, {"snapshot-id", id}}})}};
  }
};

TEST_F(RepeatTest, TheSameCommitAgainIsAnsweredWithThePresentState) {
  MakeOrders();
  const json append = Append(101);
  const Answer first = Call("POST", kOrders, append);
  ASSERT_EQ(first.status, 200) << first.body;
  const lake::CommitId commit = Main().commit;
  const Answer again = Call("POST", kOrders, append);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(Main().commit, commit);

  ASSERT_EQ(Call("POST", kOrders, Append(102)).status, 200);  // others went on since
  const Answer late = Call("POST", kOrders, append);
  ASSERT_EQ(late.status, 200) << late.body;
  EXPECT_EQ(late.body["metadata"]["current-snapshot-id"], 102);
  EXPECT_EQ(late.body["metadata"]["snapshots"].size(), 2u);
}

TEST_F(RepeatTest, AnotherCommitOnTheSameStateIsAConflict) {
  MakeOrders();
  const json mine = Append(101), other = Append(102);
  ASSERT_EQ(Call("POST", kOrders, mine).status, 200);
  EXPECT_EQ(Call("POST", kOrders, other).type(), "CommitFailedException");
  json same_id = other;  // a snapshot of the same number but another file is another snapshot
  same_id["updates"][0]["snapshot"]["snapshot-id"] = 101;
  same_id["updates"][1]["snapshot-id"] = 101;
  EXPECT_EQ(Call("POST", kOrders, same_id).type(), "CommitFailedException");
  EXPECT_EQ(Metadata()["snapshots"].size(), 1u);
}

TEST_F(RepeatTest, TransactionsRepeatAsAWhole) {
  MakeOrders();
  ASSERT_EQ(Call("POST", kTables, OrdersRequest("lines")).status, 200);
  const json both = {{"table-changes", {Append(1), Append(2, "lines")}}};
  ASSERT_EQ(Call("POST", "/v1/lake/transactions/commit", both).status, 204);
  const lake::CommitId commit = Main().commit;
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit", both).status, 204);
  EXPECT_EQ(Main().commit, commit);
  const json half = {{"table-changes", {both["table-changes"][0], Append(3, "lines")}}};
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit", half).status, 409);
  EXPECT_EQ(Main().commit, commit);
}

TEST_F(RepeatTest, RequirementsThatStillHoldAreCommittedAfterOthers) {
  MakeOrders();
  constexpr int kThreads = 8, kEach = 5;
  const std::string uuid = Metadata()["table-uuid"];
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          json commit = SetProperty("p" + std::to_string(thread) + "." + std::to_string(i), "x");
          commit["requirements"] = json::array({{{"type", "assert-table-uuid"}, {"uuid", uuid}},
                                                {{"type", "assert-current-schema-id"}, {"current-schema-id", 0}}});
          if (Call("POST", kOrders, commit).status != 200) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(Metadata()["properties"].size(), size_t{kThreads * kEach} + 2);  // and owner, gc.enabled
}

}  // namespace
}  // namespace leat::serve::iceberg
