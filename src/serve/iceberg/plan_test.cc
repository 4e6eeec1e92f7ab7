// Scan planning: long plans come in pieces that go on where the one before ended, on the same snapshot.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "lake/table_change.h"
#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

constexpr int kFiles = 4'500;

class PlanTest : public RestFixture {
 protected:
  /// Commits `count` described data files of ids from 10 * `first` on, ten ids each.
  void Append(int first, int count) {
    const lake::Entry entry = **catalog_->FindTable(Main(), {"shop", "orders"});
    const lake::MetadataPtr base = *catalog_->LoadMetadata(entry.location);
    lake::Append append;
    for (int i = first; i < first + count; ++i) {
      lake::DataFile file;
      file.path = base->location + "/data/" + std::to_string(i) + ".parquet";
      file.record_count = 10;
      file.size_bytes = 100;
      const auto type = data::Primitive(data::TypeId::kLong);
      file.lower_bounds = {{1, data::EncodeSingleValue(int64_t{10} * i, *type)}};
      file.upper_bounds = {{1, data::EncodeSingleValue(int64_t{10} * i + 9, *type)}};
      file.value_counts = {{1, 10}};
      append.files.push_back(std::move(file));
    }
    lake::ChangeInfo info;
    info.now = SystemClock().Now();
    std::vector<std::string> written;
    auto after = lake::ApplyChange(*files_, *base, append, info, written);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    const auto location = lake::WriteMetadata(*files_, *after, entry.location, written);
    ASSERT_TRUE(location.ok()) << location.error().ToString();
    lake::CommitRequest request;
    request.ref = "main";
    request.changes = {{lake::ObjectKind::kTable, {"shop", "orders"}, entry.uuid, entry.location, *location}};
    ASSERT_TRUE(catalog_->Commit(request).ok());
  }

  static void Collect(const Answer& answer, std::set<std::string>& paths) {
    for (const json& task : answer.body["file-scan-tasks"]) {
      EXPECT_TRUE(paths.insert(task["data-file"]["file-path"].get<std::string>()).second) << "told twice";
    }
  }
};

TEST_F(PlanTest, LongPlansComeInPieces) {
  MakeOrders();
  Append(0, kFiles);
  const std::string target = std::string(kOrders) + "/plan";
  Answer answer = Call("POST", target, json::object());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["status"], "completed");
  std::set<std::string> paths;
  Collect(answer, paths);
  EXPECT_LT(paths.size(), size_t{kFiles});
  Append(kFiles, 7);  // somebody writes meanwhile: the plan goes on with its snapshot
  int pieces = 1;
  while (answer.body.contains("plan-tasks")) {
    ASSERT_EQ(answer.body["plan-tasks"].size(), 1u);
    answer = Call("POST", std::string(kOrders) + "/tasks", {{"plan-task", answer.body["plan-tasks"][0]}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    Collect(answer, paths);
    ASSERT_LT(++pieces, 10);
  }
  EXPECT_EQ(paths.size(), size_t{kFiles});
  EXPECT_EQ(pieces, 3);
}

TEST_F(PlanTest, FiltersAreAppliedToEveryPiece) {
  MakeOrders();
  Append(0, kFiles);
  const json filter = {{"type", "gt-eq"}, {"term", "id"}, {"value", 20'000}};
  Answer answer = Call("POST", std::string(kOrders) + "/plan", {{"filter", filter}, {"stats-fields", {"id"}}});
  std::set<std::string> paths;
  Collect(answer, paths);
  EXPECT_EQ(answer.body["file-scan-tasks"][0]["residual-filter"], filter);
  EXPECT_EQ(answer.body["file-scan-tasks"][0]["data-file"]["lower-bounds"],
            json({{"keys", {1}}, {"values", {20'000}}}));
  answer = Call("POST", std::string(kOrders) + "/tasks", {{"plan-task", answer.body["plan-tasks"][0]}});
  Collect(answer, paths);
  EXPECT_FALSE(answer.body.contains("plan-tasks"));
  EXPECT_EQ(paths.size(), size_t{kFiles - 2'000});
}

TEST_F(PlanTest, TasksThatNoPlanNamed) {
  MakeOrders();
  const std::string target = std::string(kOrders) + "/tasks";
  for (const char* task : {"", "x", "{}", R"({"from":-1,"scan":{}})", R"({"from":0,"scan":1})", "[1]"})
    EXPECT_EQ(Call("POST", target, {{"plan-task", task}}).type(), "NoSuchPlanTaskException") << task;
  EXPECT_EQ(Call("POST", target, json::object()).status, 400);
  EXPECT_EQ(Call("POST", std::string(kTables) + "/none/plan", json::object()).type(), "NoSuchTableException");
  // A table without snapshots is an empty plan.
  const Answer empty = Call("POST", std::string(kOrders) + "/plan", {{"filter", {{"type", "true"}}}});
  EXPECT_EQ(empty.body["status"], "completed");
  EXPECT_EQ(empty.body["file-scan-tasks"].size(), 0u);
}

}  // namespace
}  // namespace leat::serve::iceberg
