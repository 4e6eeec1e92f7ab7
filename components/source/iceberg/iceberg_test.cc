#include <gtest/gtest.h>

#include "components/source/iceberg/states.h"
#include "components/source/iceberg/table_place.h"

namespace leat::components::iceberg {
namespace {

lake::Snapshot State(int64_t id, std::optional<int64_t> parent, const char* operation) {
  lake::Snapshot snapshot;
  snapshot.id = id;
  snapshot.parent_id = parent;
  snapshot.timestamp_ms = id * 1'000;
  snapshot.summary["operation"] = operation;
  return snapshot;
}

lake::TableMetadata Table(std::vector<lake::Snapshot> snapshots) {
  lake::TableMetadata metadata;
  metadata.schemas.emplace_back();
  metadata.current_snapshot_id = snapshots.back().id;
  for (const lake::Snapshot& one : snapshots) metadata.snapshot_log.push_back({one.timestamp_ms, one.id});
  metadata.snapshots = std::move(snapshots);
  return metadata;
}

TEST(IcebergStatesTest, WhatHappenedBetweenTwoStates) {
  const auto look = [](const lake::TableMetadata& table, int64_t older) {
    return LookBetween(table, older, *table.current_snapshot());
  };
  const lake::TableMetadata appends = Table({State(1, {}, "append"), State(2, 1, "append"), State(3, 2, "replace")});
  EXPECT_EQ(look(appends, 1).why, "");
  EXPECT_EQ(look(appends, 3).why, "");
  EXPECT_TRUE(look(appends, 1).connected);
  const lake::TableMetadata rewritten =
      Table({State(1, {}, "append"), State(2, 1, "overwrite"), State(3, 2, "append")});
  EXPECT_NE(look(rewritten, 1).why.find("snapshot 2 is no append (overwrite)"), std::string::npos);
  EXPECT_TRUE(look(rewritten, 1).connected);
  EXPECT_EQ(look(rewritten, 2).why, "");  // the change lies before what was read
  const lake::TableMetadata expired = Table({State(5, 4, "append")});
  EXPECT_FALSE(look(expired, 1).connected);
  EXPECT_NE(look(expired, 1).why.find("no longer kept"), std::string::npos);
  // Rolled back to 1, then 3: what was read as 2 is no ancestor, though it is still kept.
  const lake::TableMetadata back = Table({State(1, {}, "append"), State(2, 1, "append"), State(3, 1, "append")});
  EXPECT_FALSE(look(back, 2).connected);
  EXPECT_NE(look(back, 2).why.find("no ancestor"), std::string::npos);
  // A state without an operation may be anything; parents that lead round in a circle end.
  lake::TableMetadata unknown = Table({State(1, {}, "append"), State(2, 1, "append")});
  unknown.snapshots[1].summary.clear();
  EXPECT_NE(look(unknown, 1).why, "");
  lake::TableMetadata circle = Table({State(1, 2, "append"), State(2, 1, "append")});
  EXPECT_NE(look(circle, 7).why, "");
  circle.snapshots.push_back(State(3, {}, "append"));
  EXPECT_FALSE(LookBetween(circle, 3, *circle.current_snapshot()).connected);
}

TEST(IcebergStatesTest, AsOfIsAnIdARefOrATime) {
  lake::TableMetadata table = Table({State(1, {}, "append"), State(2, 1, "append"), State(3, 2, "append")});
  table.schemas[0].schema_id = 0;
  table.schemas.emplace_back().schema_id = 1;
  table.current_schema_id = 1;
  table.snapshots[0].schema_id = 0;
  table.refs["closed"] = {1, "tag", {}, {}, {}};
  table.refs["main"] = {3, "branch", {}, {}, {}};
  table.refs["2"] = {1, "branch", {}, {}, {}};  // a name of digits is a name
  const auto id = [&](const char* as_of) {
    const auto chosen = ChooseState(table, as_of, "table t");
    return chosen.ok() ? chosen->snapshot->id * 10 + chosen->schema->schema_id : -1;
  };
  EXPECT_EQ(id(""), 31);
  EXPECT_EQ(id("1"), 10);
  EXPECT_EQ(id("closed"), 10);
  EXPECT_EQ(id("main"), 31);
  EXPECT_EQ(id("2"), 11);
  EXPECT_EQ(id("1970-01-01T00:00:02Z"), 21);
  EXPECT_EQ(id("1970-01-01T00:00:02.999Z"), 21);
  EXPECT_EQ(id("1970-01-01T00:00:00Z"), -1);
  EXPECT_EQ(id("99"), -1);
  EXPECT_EQ(id("nobody"), -1);
  EXPECT_EQ(ChooseState(table, "nobody", "table t").error().code(), "SRC-416");
}

TEST(IcebergPlaceTest, VersionsOfMetadataFiles) {
  EXPECT_EQ(MetadataVersion("00012-b3f4.metadata.json"), 12);
  EXPECT_EQ(MetadataVersion("v7.metadata.json"), 7);
  EXPECT_EQ(MetadataVersion("v7.gz.metadata.json"), 7);
  EXPECT_EQ(MetadataVersion("v7.metadata.json.gz"), 7);
  for (const char* name :
       {"snap-12.avro", "version-hint.text", "x.metadata.json", "v.metadata.json", "-3.metadata.json", ""})
    EXPECT_EQ(MetadataVersion(name), -1) << name;
}

}  // namespace
}  // namespace leat::components::iceberg
