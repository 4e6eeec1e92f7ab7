#include "lake/refresh.h"

#include "base/ids.h"
#include "lake/as_of.h"
#include "lake/lake_fixture.h"
#include "lake/table_change.h"

namespace leat::lake {
namespace {

using What = RefreshItem::What;

class RefreshTest : public LakeTest {
 protected:
  void SetUp() override {
    LakeTest::SetUp();
    ASSERT_NE(catalog_, nullptr);
    Save("main", "a", NewTable("a"));
    Must(catalog_->CreateBranch("env/dev", RefKind::kEnv, At("main")));
  }

  std::string LocationAt(const View& view, const std::string& table) {
    const auto entry = Must(catalog_->FindTable(view, {"s", table}));
    return entry ? entry->location : "";
  }
  std::string Location(const std::string& ref, const std::string& table) { return LocationAt(At(ref), table); }
  TableMetadata Metadata(const std::string& ref, const std::string& table) {
    return *Must(catalog_->LoadMetadata(Location(ref, table)));
  }

  TableMetadata NewTable(const std::string& table) {
    data::Schema schema;
    schema.fields = {{.id = 1, .name = "id", .type = data::Primitive(data::TypeId::kLong)}};
    const std::string uuid = NewUuidV7();
    return Must(NewTableMetadata(uuid, catalog_->NewTableLocation({"s", table}, uuid, {}), schema, {}, {}, {},
                                 SystemClock().Now()));
  }
  void Save(const std::string& ref, const std::string& table, TableMetadata metadata) {
    std::vector<std::string> written;
    const std::string before = Location(ref, table);
    CommitRequest request;
    request.ref = ref;
    request.changes.push_back({ObjectKind::kTable,
                               {"s", table},
                               metadata.uuid,
                               before.empty() ? std::nullopt : std::optional(before),
                               Must(WriteMetadata(*files_, metadata, before, written))});
    Must(catalog_->Commit(request));
  }
  void Append(const std::string& ref, const std::string& table, const std::string& name) {
    DataFile file;
    file.path = io::JoinUri(catalog_->options().warehouse_root, "data/" + name);
    file.record_count = 10;
    file.size_bytes = 1000;
    ChangeInfo info;
    info.now = SystemClock().Now();
    std::vector<std::string> written;
    Save(ref, table, Must(ApplyChange(*files_, Metadata(ref, table), lake::Append{{file}}, info, written)));
  }
  size_t Files(const std::string& ref, const std::string& table) {
    const TableMetadata metadata = Metadata(ref, table);
    return Must(PlanScan(*files_, metadata, metadata.current_snapshot())).files.size();
  }
  Result<RefreshResult> Refresh(bool give_up = false) {
    RefreshRequest request;
    request.branch = "env/dev";
    request.give_up = give_up;
    return RefreshBranch(*catalog_, request);
  }
};

TEST_F(RefreshTest, ThePastAndBranchesAboveKeepTheirBase) {
  Save("env/dev", "own", NewTable("own"));
  const View before = At("env/dev");
  const std::string old = Location("env/dev", "a");
  Must(catalog_->CreateBranch("run/above", RefKind::kRun, before));
  Append("main", "a", "one");
  const TimeMicros then = SystemClock().Now();

  const RefreshResult result = Must(Refresh());
  EXPECT_EQ(result.base, At("main").commit);
  EXPECT_EQ(Location("env/dev", "a"), Location("main", "a"));
  EXPECT_NE(Location("env/dev", "own"), "");
  EXPECT_EQ(LocationAt(before, "a"), old);
  EXPECT_EQ(Location("commit/" + std::to_string(before.commit), "a"), old);
  EXPECT_EQ(Location("run/above", "a"), old);
  EXPECT_EQ(LocationAt(Must(ViewAsOf(*catalog_, At("env/dev"), then)), "a"), old);

  // And once more: each commit its own base.
  Append("main", "a", "two");
  EXPECT_NE(Must(Refresh()).commit, 0);
  EXPECT_EQ(LocationAt(before, "a"), old);
  EXPECT_EQ(Must(Refresh()).commit, 0);
}

TEST_F(RefreshTest, AppendsOfBothSidesAreBothThere) {
  Append("env/dev", "a", "ours");
  Append("main", "a", "theirs");
  const RefreshResult result = Must(Refresh());
  ASSERT_EQ(result.items.size(), 1U);
  EXPECT_EQ(result.items[0].what, What::kRebased);
  EXPECT_EQ(Files("env/dev", "a"), 2U);
  EXPECT_EQ(Files("main", "a"), 1U);
}

TEST_F(RefreshTest, AConflictMovesNothingOrIsGivenUp) {
  Save("env/dev", "b", NewTable("b"));
  Save("main", "b", NewTable("b"));
  const View before = At("env/dev");
  const std::string ours = Location("env/dev", "b");
  const auto refused = Refresh();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "LAKE-305");
  EXPECT_EQ(At("env/dev").commit, before.commit);
  EXPECT_EQ(Location("env/dev", "b"), ours);
  EXPECT_EQ(Must(Refresh(true)).items[0].what, What::kTaken);
  EXPECT_EQ(Location("env/dev", "b"), Location("main", "b"));
  EXPECT_EQ(LocationAt(before, "b"), ours);
}

TEST_F(RefreshTest, WhatIsCommittedMeanwhileIsSeen) {
  Append("main", "a", "theirs");
  int calls = 0;
  RefreshRequest request;
  request.branch = "env/dev";
  request.conflicts = [&](CommitId, const View&) -> Result<std::map<TableName, std::string>> {
    if (++calls == 1) Append("env/dev", "a", "ours");
    return std::map<TableName, std::string>();
  };
  const RefreshResult result = Must(RefreshBranch(*catalog_, request));
  EXPECT_EQ(calls, 2);
  ASSERT_EQ(result.items.size(), 1U);
  EXPECT_EQ(Files("env/dev", "a"), 2U);
}

TEST_F(RefreshTest, OnlyEnvironmentsHaveABaseThatMoves) {
  Must(catalog_->CreateBranch("run/x", RefKind::kRun, At("main")));
  Must(catalog_->CreateTag("tag/x", At("main")));
  for (const std::string branch : {"main", "run/x", "tag/x"}) {
    RefreshRequest request;
    request.branch = branch;
    EXPECT_EQ(RefreshBranch(*catalog_, request).error().code(), "LAKE-203") << branch;
  }
  Must(catalog_->CloseBranch("env/dev"));
  EXPECT_EQ(Refresh().error().code(), "LAKE-204");
}

}  // namespace
}  // namespace leat::lake
