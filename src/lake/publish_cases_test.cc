#include "lake/publish_cases.h"

#include <gtest/gtest.h>

#include "lake/table_change.h"

namespace leat::lake {
namespace {

PublishSide Side(const TableMetadata& metadata, const std::string& location) {
  PublishSide side;
  side.entry = Entry{ObjectKind::kTable, {"s", "t"}, metadata.uuid, location, 1};
  side.metadata = std::make_shared<const TableMetadata>(metadata);
  return side;
}

TableMetadata WithSnapshot(TableMetadata metadata, int64_t id, Properties summary) {
  Snapshot snapshot;
  snapshot.id = id;
  snapshot.parent_id = metadata.current_snapshot_id;
  snapshot.sequence_number = ++metadata.last_sequence_number;
  snapshot.summary = std::move(summary);
  metadata.snapshots.push_back(snapshot);
  metadata.current_snapshot_id = id;
  return metadata;
}

TEST(DecidePublish, AppendsThatHoldForOneStateAreNeverRebased) {
  data::Schema schema;
  schema.fields = {{.id = 1, .name = "id", .type = data::Primitive(data::TypeId::kLong)}};
  const auto made = NewTableMetadata("uuid", "file:///t", schema, {}, {}, {}, 0);
  ASSERT_TRUE(made.ok());
  const TableMetadata base = WithSnapshot(*made, 1, {{"operation", "append"}});
  const TableMetadata head = WithSnapshot(base, 3, {{"operation", "append"}});
  PublishItem item;
  item.table = {"s", "t"};
  for (const PublishItem::Change change : {PublishItem::Change::kAppend, PublishItem::Change::kSchema}) {
    item.change = change;
    for (const bool free : {true, false}) {
      Properties summary{{"operation", "append"}};
      if (!free) summary[kNoRebase] = "by key";
      const TableMetadata branch = WithSnapshot(base, 2, summary);
      const PublishSides sides{Side(base, "base"), Side(branch, "branch"), Side(head, "head")};
      EXPECT_EQ(DecidePublish(item, sides, "main").what, free ? PublishCase::kRebase : PublishCase::kReplan);
      // Where the target is untouched, both just move.
      const PublishSides untouched{Side(base, "base"), Side(branch, "branch"), Side(base, "base")};
      EXPECT_EQ(DecidePublish(item, untouched, "main").what, PublishCase::kMove);
    }
  }
}

}  // namespace
}  // namespace leat::lake
