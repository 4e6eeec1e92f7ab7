// The table of cases (publish.h), row by row.
#include "lake/publish_cases.h"

#include <nlohmann/json.hpp>

#include "data/schema_json.h"
#include "lake/publish_fixture.h"

namespace leat::lake {
namespace {

TEST_F(PublishTest, UntouchedTargetIsAPointerMove) {
  Create("main", "t");
  AppendFile("main", "t", "a");
  Branch("run/1");
  OverwriteWith("run/1", "t", "b");
  const std::string location = Find("run/1", "t")->location;
  const auto result = Publish("run/1", {Item("t", Change::kOverwrite)});
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(Find("main", "t")->location, location);
  EXPECT_EQ(result->snapshot_after.at(Name("t")), SnapshotOf("main", "t"));
  EXPECT_EQ(result->commit, At("main").commit);
  EXPECT_EQ(Files("main", "t"), (Names{"b"}));
}

TEST_F(PublishTest, SeveralBranchSnapshotsBecomeOne) {
  Create("main", "t");
  AppendFile("main", "t", "a");
  const int64_t before = SnapshotOf("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "b", "7");
  AppendFile("run/1", "t", "c", "9");
  ASSERT_EQ(Outcome("run/1", Load("t", "")), "moved");
  const MetadataPtr after = MetadataOf("main", "t");
  EXPECT_EQ(after->snapshots.size(), 2u);
  EXPECT_EQ(after->current_snapshot()->parent_id, before);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b", "c"}));
  EXPECT_EQ(FindBookmark(*after, kKey), "9");
}

TEST_F(PublishTest, CreatedTablesBringTheirNamespaceAndOneSnapshot) {
  Branch("run/1");
  Must(catalog_->CreateNamespace("run/1", "new", {{"leat.zone", "raw"}}, {}));
  Create("run/1", "t");
  AppendFile("run/1", "t", "a");
  AppendFile("run/1", "t", "b");
  const auto entry = Find("run/1", "t");
  CommitRequest request;
  request.ref = "run/1";
  request.changes = {{ObjectKind::kTable, {"new", "u"}, entry->uuid, std::nullopt, entry->location}};
  Must(catalog_->Commit(request));
  PublishItem other = Item("t", Change::kCreate);
  other.table = {"new", "u"};
  ASSERT_TRUE(Publish("run/1", {Item("t", Change::kCreate), other}).ok());
  EXPECT_EQ(MetadataOf("main", "t")->snapshots.size(), 1u);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b"}));
  const auto properties = Must(catalog_->FindNamespace(At("main"), "new"));
  ASSERT_TRUE(properties.has_value());
  EXPECT_EQ(properties->at("leat.zone"), "raw");
}

TEST_F(PublishTest, AppendsAreRebasedOnAppendsDeltasAndCompaction) {
  const std::vector<std::pair<std::string, std::function<void()>>> cases = {
      {"append", [&] { AppendFile("main", "append", "x"); }},
      {"delta", [&] { DeleteRows("main", "delta", "a"); }},
      {"compaction", [&] { Compact("main", "compaction", "a", "a2"); }},
      {"several",
       [&] {
         AppendFile("main", "several", "x");
         DeleteRows("main", "several", "x");
         AppendFile("main", "several", "y");
       }},
      {"property", [&] { SetProperty("main", "property", "x"); }},
  };
  for (const auto& [table, on_main] : cases) {
    Create("main", table);
    AppendFile("main", table, "a", "5");
  }
  Branch("run/1");
  for (const auto& [table, on_main] : cases) {
    AppendFile("run/1", table, "b", "6");
    AppendFile("run/1", table, "c", "7");
    on_main();
    const MetadataPtr head = MetadataOf("main", table);
    Names expected = Files("main", table);
    expected.insert(expected.end(), {"b", "c"});
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(Outcome("run/1", Load(table, "5")), "rebased") << table;
    const MetadataPtr after = MetadataOf("main", table);
    EXPECT_EQ(Files("main", table), expected) << table;
    EXPECT_EQ(after->snapshots.size(), head->snapshots.size() + 1) << table;
    EXPECT_EQ(after->current_snapshot()->parent_id, head->current_snapshot_id) << table;
    EXPECT_EQ(after->current_snapshot()->sequence_number, head->last_sequence_number + 1) << table;
    EXPECT_GT(after->current_snapshot()->timestamp_ms, head->current_snapshot()->timestamp_ms) << table;
    EXPECT_EQ(after->properties, head->properties) << table;
    EXPECT_EQ(FindBookmark(*after, kKey), "7") << table;
  }
}

TEST_F(PublishTest, AnAppendWhoseBookmarkMovedIsPlannedAgain) {
  Create("main", "t");
  AppendFile("main", "t", "a", "5");
  Branch("run/1");
  AppendFile("run/1", "t", "b", "6");
  AppendFile("main", "t", "b-too", "6");
  const std::string outcome = Outcome("run/1", Load("t", "5"));
  EXPECT_TRUE(Replanned(outcome)) << outcome;
  EXPECT_NE(outcome.find("bookmark"), std::string::npos);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b-too"}));
}

TEST_F(PublishTest, AnAppendOntoAnOverwrittenOrRolledBackTableIsPlannedAgain) {
  for (const std::string table : {"overwritten", "back", "shape"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  const auto first = Find("main", "back")->location;
  AppendFile("main", "back", "b");
  Branch("run/1");
  for (const std::string table : {"overwritten", "back", "shape"}) AppendFile("run/1", table, "c");
  OverwriteWith("main", "overwritten", "o");
  Point("main", "back", "", first);
  AddColumn("main", "shape", "more");
  for (const std::string table : {"overwritten", "back", "shape"}) {
    EXPECT_TRUE(Replanned(Outcome("run/1", Item(table, Change::kAppend)))) << table;
  }
  EXPECT_EQ(Files("main", "overwritten"), (Names{"o"}));
  EXPECT_EQ(Files("main", "back"), (Names{"a"}));
}

TEST_F(PublishTest, OverwritesAndDeltasOntoATouchedTableArePlannedAgain) {
  for (const std::string table : {"overwrite", "delta", "first"}) Create("main", table);
  AppendFile("main", "overwrite", "a");
  AppendFile("main", "delta", "a");
  Branch("run/1");
  OverwriteWith("run/1", "overwrite", "o");
  DeleteRows("run/1", "delta", "a");
  // An overwrite of an empty table looks like an append in the metadata: what the step says counts.
  OverwriteWith("run/1", "first", "o");
  for (const std::string table : {"overwrite", "delta", "first"}) AppendFile("main", table, "x");
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("overwrite", Change::kOverwrite))));
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("delta", Change::kRowDelta))));
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("first", Change::kOverwrite))));
  EXPECT_EQ(Files("main", "first"), (Names{"x"}));
}

TEST_F(PublishTest, WhateverHoldsOnTheSameRowsIsRebasedOnACompactionElsewhere) {
  const Names all = {"delta", "swap", "everything", "hit", "swap_hit", "by_key", "and_more"};
  for (const std::string& table : all) {
    Create("main", table);
    for (const char* file : {"a", "b", "c"}) AppendFile("main", table, file);
  }
  Branch("run/1");
  const auto replace_a = [&](const std::string& table) {
    Apply("run/1", table, RowDelta{{File(table, "a2")}, {}, {File(table, "a").path}});
  };
  for (const std::string table : {"delta", "hit", "and_more"}) DeleteRows("run/1", table, "a");
  for (const std::string table : {"swap", "swap_hit"}) replace_a(table);
  OverwriteWith("run/1", "everything", "o");
  AppendFile("run/1", "by_key", "k");
  for (const std::string table : {"delta", "swap", "everything", "by_key", "and_more"})
    Compact("main", table, "b", "b2");
  for (const std::string table : {"hit", "swap_hit"}) Compact("main", table, "a", "a3");
  AppendFile("main", "and_more", "x");

  EXPECT_EQ(Outcome("run/1", Item("delta", Change::kRowDelta)), "rebased");
  EXPECT_EQ(Files("main", "delta"), (Names{"a", "b2", "c"}));
  const MetadataPtr delta = MetadataOf("main", "delta");
  EXPECT_EQ(delta->current_snapshot()->summary.at("total-delete-files"), "1");
  EXPECT_EQ(delta->current_snapshot()->sequence_number, delta->last_sequence_number);
  EXPECT_EQ(Outcome("run/1", Item("swap", Change::kReplacePartitions)), "rebased");
  EXPECT_EQ(Files("main", "swap"), (Names{"a2", "b2", "c"}));
  EXPECT_EQ(Outcome("run/1", Item("everything", Change::kOverwrite)), "rebased");
  EXPECT_EQ(Files("main", "everything"), (Names{"o"}));
  EXPECT_EQ(Outcome("run/1", Item("by_key", Change::kRowDelta)), "rebased");
  EXPECT_EQ(Files("main", "by_key"), (Names{"a", "b2", "c", "k"}));
  for (const std::string table : {"hit", "swap_hit", "and_more"}) {
    EXPECT_TRUE(Replanned(Outcome("run/1", Item(table, Change::kRowDelta)))) << table;
  }
  EXPECT_EQ(Files("main", "hit"), (Names{"a3", "b", "c"}));
}

TEST_F(PublishTest, SchemaChangesAreReappliedWhereOnlyDataMoved) {
  for (const std::string table : {"alone", "with_rows", "property", "both"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"alone", "with_rows", "both"}) AddColumn("run/1", table, "added");
  AppendFile("run/1", "with_rows", "b");
  SetProperty("run/1", "property", "mine");
  for (const std::string table : {"alone", "with_rows", "property"}) AppendFile("main", table, "x");
  AddColumn("main", "both", "other");
  EXPECT_EQ(Outcome("run/1", Item("alone", Change::kSchema)), "rebased");
  EXPECT_EQ(Outcome("run/1", Item("with_rows", Change::kAppend)), "rebased");
  EXPECT_EQ(Outcome("run/1", Item("property", Change::kSchema)), "rebased");
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("both", Change::kSchema))));
  EXPECT_NE(MetadataOf("main", "alone")->current_schema().FindColumn("added"), nullptr);
  EXPECT_EQ(Files("main", "alone"), (Names{"a", "x"}));
  EXPECT_NE(MetadataOf("main", "with_rows")->current_schema().FindColumn("added"), nullptr);
  EXPECT_EQ(Files("main", "with_rows"), (Names{"a", "b", "x"}));
  EXPECT_EQ(MetadataOf("main", "property")->properties.at("mine"), "run/1");
  EXPECT_EQ(Files("main", "property"), (Names{"a", "x"}));
}

TEST_F(PublishTest, TextsAndDefaultsOfColumnsAreChangesToo) {
  const std::map<std::string, std::function<void(data::Field&)>> changes = {
      {"doc", [](data::Field& field) { field.doc = "what it is"; }},
      {"default", [](data::Field& field) { field.write_default = "7"; }},
      {"nested", [](data::Field& field) {
         data::Field member = field.type->fields.front();
         member.write_default = "7";
         field.type = data::Struct({member});
       }}};
  for (const auto& [table, change] : changes) {
    TableMetadata metadata;
    Create("main", table);
    metadata = *MetadataOf("main", table);
    metadata.format_version = 3;
    data::Field member{++metadata.last_column_id, "member", data::Primitive(data::TypeId::kLong)};
    metadata.schemas.back().fields.push_back({++metadata.last_column_id, "parts", data::Struct({member})});
    Save("main", table, metadata);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const auto& [table, change] : changes) {
    TableMetadata metadata = *MetadataOf("run/1", table);
    data::Schema schema = metadata.current_schema();
    change(schema.fields.back());
    schema.schema_id = static_cast<int>(metadata.schemas.size());
    metadata.current_schema_id = schema.schema_id;
    metadata.schemas.push_back(schema);
    Save("run/1", table, metadata);
    AppendFile("main", table, "x");
  }
  for (const auto& [table, change] : changes) {
    EXPECT_EQ(Outcome("run/1", Item(table, Change::kSchema)), "rebased") << table;
    EXPECT_EQ(data::SchemaToJson(MetadataOf("main", table)->current_schema())["fields"],
              data::SchemaToJson(MetadataOf("run/1", table)->current_schema())["fields"])
        << table;
    EXPECT_EQ(Files("main", table), (Names{"a", "x"})) << table;
  }
}

TEST_F(PublishTest, PropertiesOfBothSidesStayUnlessTheyAreTheSame) {
  for (const std::string table : {"apart", "clash", "removed"}) {
    Create("main", table);
    SetProperty("main", table, "old");
  }
  Branch("run/1");
  SetProperty("run/1", "apart", "mine");
  AppendFile("run/1", "apart", "b");
  SetProperty("run/1", "clash", "shared");
  TableMetadata without = *MetadataOf("run/1", "removed");
  without.properties.erase("old");
  Save("run/1", "removed", without);
  SetProperty("main", "apart", "theirs");
  AppendFile("main", "apart", "x");
  SetProperty("main", "clash", "shared");
  SetProperty("main", "removed", "theirs");
  EXPECT_EQ(Outcome("run/1", Item("apart", Change::kAppend)), "rebased");
  const Properties both = MetadataOf("main", "apart")->properties;
  EXPECT_EQ(both.at("mine"), "run/1");
  EXPECT_EQ(both.at("theirs"), "main");
  EXPECT_EQ(Files("main", "apart"), (Names{"b", "x"}));
  const std::string refused = Outcome("run/1", Item("clash", Change::kSchema));
  EXPECT_TRUE(Replanned(refused));
  EXPECT_NE(refused.find("the property shared of"), std::string::npos) << refused;
  EXPECT_EQ(Outcome("run/1", Item("removed", Change::kSchema)), "rebased");
  EXPECT_FALSE(MetadataOf("main", "removed")->properties.contains("old"));
  EXPECT_EQ(MetadataOf("main", "removed")->properties.at("theirs"), "main");
}

TEST_F(PublishTest, TablesMadeOnBothSides) {
  Branch("run/1");
  for (const std::string table : {"same", "different"}) {
    Create("run/1", table);
    AppendFile("run/1", table, "a");
  }
  Create("main", "same");
  Create("main", "different", {"id", "other"});
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("same", Change::kCreate))));
  const auto refused = Publish("run/1", {Item("different", Change::kCreate)});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "LAKE-305");
  EXPECT_NE(refused.error().message().find("run run/1"), std::string::npos) << refused.error().message();
}

TEST_F(PublishTest, Drops) {
  for (const std::string table : {"dropped", "touched", "gone", "wanted", "both"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"dropped", "touched", "both"}) Point("run/1", table, "", std::nullopt);
  for (const std::string table : {"gone", "wanted"}) AppendFile("run/1", table, "b");
  AppendFile("main", "touched", "x");
  for (const std::string table : {"gone", "wanted", "both"}) Point("main", table, "", std::nullopt);
  EXPECT_EQ(Outcome("run/1", Item("dropped", Change::kDrop)), "moved");
  EXPECT_FALSE(Find("main", "dropped").has_value());
  EXPECT_EQ(Outcome("run/1", Item("touched", Change::kDrop)), "LAKE-305");
  EXPECT_TRUE(Find("main", "touched").has_value());
  EXPECT_EQ(Outcome("run/1", Item("both", Change::kDrop)), "moved");
  EXPECT_EQ(Outcome("run/1", Item("gone", Change::kAppend)), "LAKE-305");
  PublishItem recreate = Item("wanted", Change::kAppend);
  recreate.recreate_dropped = true;
  EXPECT_EQ(Outcome("run/1", recreate), "moved");
  EXPECT_EQ(Files("main", "wanted"), (Names{"a", "b"}));
}

TEST_F(PublishTest, Views) {
  for (const std::string view : {"untouched", "equal", "clash"}) MakeView("main", view, "select 1");
  Branch("run/1");
  for (const std::string view : {"untouched", "equal", "clash", "new"}) MakeView("run/1", view, "select 2");
  MakeView("main", "equal", "select 2");
  MakeView("main", "clash", "select 3");
  EXPECT_EQ(Outcome("run/1", Item("untouched", Change::kView)), "moved");
  EXPECT_EQ(Outcome("run/1", Item("new", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "untouched")->location, Find("run/1", "untouched")->location);
  const std::string before = Find("main", "equal")->location;
  EXPECT_EQ(Outcome("run/1", Item("equal", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "equal")->location, before);
  EXPECT_EQ(Outcome("run/1", Item("clash", Change::kView)), "LAKE-305");
}

TEST_F(PublishTest, ATableMayBecomeAView) {
  Create("main", "t");
  Branch("run/1");
  Point("run/1", "t", "", std::nullopt);
  MakeView("run/1", "t", "select 1");
  ASSERT_EQ(Outcome("run/1", Item("t", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "t")->kind, ObjectKind::kView);
}

}  // namespace
}  // namespace leat::lake
