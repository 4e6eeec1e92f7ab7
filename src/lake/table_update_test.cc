#include "lake/table_update.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lake/table_fixture.h"

namespace leat::lake {
namespace {

using nlohmann::json;
using test::TableFixture;

constexpr TimeMicros kNow = 1'800'000'000'000'000;

Result<TableMetadata> Try(const char* updates, const TableMetadata* base) {
  auto parsed = ParseUpdates(json::parse(updates));
  if (!parsed.ok()) return std::move(parsed).error();
  return ApplyUpdates(*parsed, base, kNow);
}

TableMetadata Apply(const char* updates, const TableMetadata* base) {
  auto result = Try(updates, base);
  EXPECT_TRUE(result.ok()) << result.error().ToString();
  return std::move(result).value();
}

std::string Code(const Result<TableMetadata>& result) { return result.ok() ? "" : result.error().code(); }

// What the Java client sends for CREATE TABLE AS: one commit that makes the table with its first snapshot.
TEST(TableUpdate, MakesATable) {
  const TableMetadata table = Apply(R"json([
    {"action": "assign-uuid", "uuid": "0190a0b0-0000-7000-8000-000000000009"},
    {"action": "upgrade-format-version", "format-version": 2},
    {"action": "add-schema", "last-column-id": 2, "schema": {"type": "struct", "schema-id": 0, "fields": [
      {"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "d", "required": false, "type": "date"}]}},
    {"action": "set-current-schema", "schema-id": -1},
    {"action": "add-spec", "spec": {"spec-id": 0, "fields": [
      {"source-id": 2, "name": "m", "transform": "month"}]}},
    {"action": "set-default-spec", "spec-id": -1},
    {"action": "add-sort-order", "sort-order": {"order-id": 1, "fields": [
      {"source-id": 1, "transform": "identity", "direction": "desc", "null-order": "nulls-last"}]}},
    {"action": "set-default-sort-order", "sort-order-id": -1},
    {"action": "set-location", "location": "/lake/t/"},
    {"action": "set-properties", "updates": {"owner": "x", "gc.enabled": "true"}},
    {"action": "add-snapshot", "snapshot": {"snapshot-id": 7, "sequence-number": 1, "timestamp-ms": 1700000000000,
      "manifest-list": "/lake/t/l.avro", "summary": {"operation": "append"}, "schema-id": 0}},
    {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 7}])json",
                                    nullptr);
  EXPECT_EQ(table.uuid, "0190a0b0-0000-7000-8000-000000000009");
  EXPECT_EQ(table.location, "/lake/t");
  EXPECT_EQ(table.last_column_id, 2);
  EXPECT_EQ(table.default_spec().fields[0].field_id, 1000);
  EXPECT_EQ(table.last_partition_id, 1000);
  EXPECT_FALSE(table.default_sort_order().fields[0].ascending);
  EXPECT_EQ(table.properties, (Properties{{"owner", "x"}, {"gc.enabled", "false"}}));
  EXPECT_EQ(table.current_snapshot()->id, 7);
  EXPECT_EQ(table.last_sequence_number, 1);
  EXPECT_EQ(table.snapshot_log.size(), 1U);
  EXPECT_EQ(table.last_updated_ms, kNow / 1000);
  const auto again = ParseTableMetadata(FormatTableMetadata(table));
  ASSERT_TRUE(again.ok()) << again.error().ToString();
}

TEST(TableUpdate, EvolvesATable) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  TableMetadata table = Apply(R"json([
    {"action": "add-schema", "schema": {"type": "struct", "fields": [
      {"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "area", "required": false, "type": "string"},
      {"id": 3, "name": "new", "required": false, "type": "int"}]}},
    {"action": "set-current-schema", "schema-id": -1},
    {"action": "add-spec", "spec": {"fields": [{"source-id": 3, "name": "p", "transform": "bucket[8]"}]}},
    {"action": "set-default-spec", "spec-id": -1},
    {"action": "set-statistics", "statistics": {"snapshot-id": 5, "statistics-path": "a", "file-size-in-bytes": 9,
      "file-footer-size-in-bytes": 4, "blob-metadata": []}},
    {"action": "set-statistics", "snapshot-id": 5, "statistics": {"snapshot-id": 5, "statistics-path": "b", "file-size-in-bytes": 9,
      "file-footer-size-in-bytes": 4, "blob-metadata": []}}])json",
                              &base);
  EXPECT_EQ(table.current_schema_id, 1);
  EXPECT_EQ(table.last_column_id, 3);
  EXPECT_EQ(table.default_spec_id, 1);
  EXPECT_EQ(table.default_spec().fields[0].field_id, 1000);
  ASSERT_EQ(json::parse(table.other_json.at("statistics")).size(), 1U);
  EXPECT_EQ(json::parse(table.other_json.at("statistics"))[0]["statistics-path"], "b");
  // The same schema and spec again are the ones that are there; a new spec keeps the id of a known field.
  table = Apply(R"json([
    {"action": "add-schema", "schema": {"type": "struct", "fields": [
      {"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "region", "required": false, "type": "string"}]}},
    {"action": "set-current-schema", "schema-id": -1},
    {"action": "add-spec", "spec": {"fields": []}},
    {"action": "set-default-spec", "spec-id": -1},
    {"action": "remove-partition-specs", "spec-ids": [1]},
    {"action": "remove-statistics", "snapshot-id": 5}])json",
                &table);
  EXPECT_EQ(table.schemas.size(), 2U);
  EXPECT_EQ(table.current_schema_id, 0);
  EXPECT_EQ(table.last_column_id, 3) << "ids are never used again";
  EXPECT_EQ(table.default_spec_id, 0);
  EXPECT_EQ(table.specs.size(), 1U);
  EXPECT_FALSE(table.other_json.contains("statistics"));
}

TEST(TableUpdate, MovesAndRemovesSnapshots) {
  TableFixture t;
  const TableMetadata one = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const TableMetadata two = t.Apply(one, Append{{t.File("b", 10, 10)}});
  const int64_t first = *one.current_snapshot_id;
  const int64_t second = *two.current_snapshot_id;
  const auto ref = [](const char* name, int64_t id, const char* type) {
    return json{{"action", "set-snapshot-ref"}, {"ref-name", name}, {"type", type}, {"snapshot-id", id}};
  };
  const auto apply = [&](json updates, const TableMetadata& base) { return Try(updates.dump().c_str(), &base); };
  const auto back = apply(json::array({ref("main", first, "branch"), ref("v1", first, "tag")}), two);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->current_snapshot()->id, first);
  EXPECT_EQ(back->snapshot_log.back().snapshot_id, first);
  EXPECT_EQ(back->snapshot_log.back().timestamp_ms, kNow / 1000);
  EXPECT_EQ(back->refs.at("v1").type, "tag");
  const json remove = json::array({{{"action", "remove-snapshots"}, {"snapshot-ids", {second}}}});
  const auto removed = apply(remove, *back);
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(removed->snapshots.size(), 1U);
  EXPECT_EQ(removed->snapshot_log.size(), 1U) << "nothing may stand before a gap";
  EXPECT_EQ(Code(apply(remove, two)), "LAKE-105") << "main still names it";
  EXPECT_EQ(Code(apply(json::array({ref("x", 99, "branch")}), two)), "LAKE-105");
  EXPECT_EQ(Code(apply(json::array({ref("main", first, "tag")}), two)), "LAKE-105");
}

TEST(TableUpdate, RefsAndStatisticsGo) {
  TableFixture t;
  const TableMetadata one = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const TableMetadata two = t.Apply(one, Append{{t.File("b", 10, 10)}});
  const int64_t first = *one.current_snapshot_id, second = *two.current_snapshot_id;
  json updates = json::array();
  for (const int64_t id : {first, second}) {
    updates.push_back({{"action", "set-statistics"},
                       {"statistics",
                        {{"snapshot-id", id},
                         {"statistics-path", "s"},
                         {"file-size-in-bytes", 9},
                         {"file-footer-size-in-bytes", 4},
                         {"blob-metadata", json::array()}}}});
    updates.push_back(
        {{"action", "set-partition-statistics"},
         {"partition-statistics", {{"snapshot-id", id}, {"statistics-path", "p"}, {"file-size-in-bytes", 9}}}});
  }
  updates.push_back({{"action", "set-snapshot-ref"}, {"ref-name", "b"}, {"type", "branch"}, {"snapshot-id", first}});
  const auto kept = Try(updates.dump().c_str(), &two);
  ASSERT_TRUE(kept.ok()) << kept.error().ToString();
  EXPECT_EQ(json::parse(kept->other_json.at("statistics")).size(), 2U);
  EXPECT_EQ(json::parse(kept->other_json.at("partition-statistics")).size(), 2U);
  const json expire = json::array({{{"action", "remove-snapshot-ref"}, {"ref-name", "b"}},
                                   {{"action", "remove-snapshots"}, {"snapshot-ids", {first}}}});
  const auto expired = Try(expire.dump().c_str(), &*kept);
  ASSERT_TRUE(expired.ok()) << expired.error().ToString();
  EXPECT_FALSE(expired->refs.contains("b"));
  EXPECT_EQ(json::parse(expired->other_json.at("statistics"))[0]["snapshot-id"], second);
  EXPECT_EQ(json::parse(expired->other_json.at("statistics")).size(), 1U);
  EXPECT_EQ(json::parse(expired->other_json.at("partition-statistics")).size(), 1U);
  const json last = json::array({{{"action", "remove-partition-statistics"}, {"snapshot-id", second}}});
  EXPECT_FALSE(Try(last.dump().c_str(), &*expired)->other_json.contains("partition-statistics"));
  // Without main the table is empty; its snapshots stay for other refs.
  const auto none = Try(R"([{"action": "remove-snapshot-ref", "ref-name": "main"}])", &two);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->current_snapshot_id);
}

TEST(TableUpdate, RefusesWhatBreaksTheTable) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const struct {
    const char* updates;
    const char* code;
  } cases[] = {
      {R"([{"action": "assign-uuid", "uuid": "0190a0b0-0000-7000-8000-00000000000f"}])", "LAKE-105"},
      {R"([{"action": "upgrade-format-version", "format-version": 1}])", "LAKE-105"},
      {R"([{"action": "upgrade-format-version", "format-version": 4}])", "LAKE-102"},
      {R"([{"action": "set-current-schema", "schema-id": 5}])", "LAKE-105"},
      {R"([{"action": "set-current-schema", "schema-id": -1}])", "LAKE-105"},
      {R"([{"action": "remove-schemas", "schema-ids": [0]}])", "LAKE-105"},
      {R"([{"action": "set-default-spec", "spec-id": 5}])", "LAKE-105"},
      {R"([{"action": "add-spec", "spec": {"fields": [{"source-id": 9, "name": "p", "transform": "identity"}]}}])",
       "LAKE-101"},
      {R"([{"action": "add-spec", "spec": {"fields": [{"source-id": 1, "name": "p", "transform": "day"}]}}])",
       "LAKE-103"},
      {R"([{"action": "set-default-sort-order", "sort-order-id": 5}])", "LAKE-105"},
      {R"([{"action": "set-properties", "updates": {"gc.enabled": "true"}}])", "LAKE-106"},
      {R"([{"action": "remove-properties", "removals": ["gc.enabled"]}])", "LAKE-106"},
      {R"([{"action": "add-encryption-key", "encryption-key": {"key-id": "a"}}])", "LAKE-115"},
      {R"([{"action": "fly"}])", "LAKE-104"},
      {R"([{"action": "set-location"}])", "LAKE-104"},
      {R"([{"updates": {}}])", "LAKE-104"},
      {R"([7])", "LAKE-104"},
      {R"({})", "LAKE-104"},
  };
  for (const auto& c : cases) EXPECT_EQ(Code(Try(c.updates, &base)), c.code) << c.updates;
  // A snapshot that was built on an older state.
  const json stale = json::array({{{"action", "add-snapshot"},
                                   {"snapshot",
                                    {{"snapshot-id", 7},
                                     {"parent-snapshot-id", *base.current_snapshot_id},
                                     {"sequence-number", 1},
                                     {"timestamp-ms", 1},
                                     {"manifest-list", "l"}}}}});
  const auto result = Try(stale.dump().c_str(), &base);
  EXPECT_EQ(Code(result), "LAKE-301");
  EXPECT_EQ(result.error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(Code(Try(R"([{"action": "set-location", "location": "/x"}])", nullptr)), "LAKE-105");
}

std::string WithColumn(const std::string& field) {
  return R"json([{"action": "add-schema", "schema": {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "region", "required": false, "type": "string"},
    {"id": 3, "name": "c", "required": false, )json" +
         field + R"json(}]}}, {"action": "set-current-schema", "schema-id": -1}])json";
}

TEST(TableUpdate, TypesAndDefaultsOfVersionThreeNeedIt) {
  TableFixture two;
  TableFixture three(false, 3);
  for (const char* field :
       {R"("type": "timestamp_ns")", R"("type": "timestamptz_ns")", R"("type": "variant")", R"("type": "unknown")",
        R"("type": "int", "initial-default": 5, "write-default": 6)",
        R"("type": "date", "write-default": "2024-02-29")",
        R"("type": "timestamp_ns", "initial-default": "2024-02-29T10:11:12.123456789")",
        R"("type": {"type": "struct", "fields": [{"id": 4, "name": "x", "required": false, "type": "variant"}]})"}) {
    const auto refused = Try(WithColumn(field).c_str(), &two.table());
    EXPECT_EQ(Code(refused), "LAKE-120") << field;
    EXPECT_NE(refused.error().message().find("column c"), std::string::npos) << refused.error().message();
    EXPECT_EQ(Code(Try(WithColumn(field).c_str(), &three.table())), "") << field;
  }
  for (
      const char* field :
      {R"("type": "int", "initial-default": "five")", R"("type": "date", "write-default": "2023-02-29")",
       R"json("type": "decimal(4,2)", "write-default": "123.45")json", R"("type": "variant", "write-default": "x")",
       R"("type": "unknown", "initial-default": 1)", R"("type": "uuid", "initial-default": "no")",
       R"("type": {"type": "list", "element-id": 4, "element-required": false, "element": "int"}, "initial-default": [1])"}) {
    EXPECT_EQ(Code(Try(WithColumn(field).c_str(), &three.table())), "LAKE-120") << field;
  }
  EXPECT_EQ(Code(Try(WithColumn(R"json("type": "geometry(OGC:CRS84)")json").c_str(), &three.table())), "DATA-101");
}

TEST(TableUpdate, OnlyAnotherCommentOrDefaultIsAnotherSchema) {
  TableFixture t(false, 3);
  const TableMetadata before = Apply(WithColumn(R"("type": "int")").c_str(), &t.table());
  const TableMetadata commented = Apply(WithColumn(R"("type": "int", "doc": "what it is")").c_str(), &before);
  EXPECT_EQ(commented.current_schema().FindColumn("c")->doc, "what it is");
  const TableMetadata after = Apply(WithColumn(R"("type": "int", "write-default": 6)").c_str(), &commented);
  EXPECT_EQ(after.current_schema().FindColumn("c")->write_default, "6");
  EXPECT_EQ(Apply(WithColumn(R"("type": "int")").c_str(), &after).current_schema_id, before.current_schema_id);
}

TEST(TableUpdate, TransformsOverSeveralColumnsAreRefused) {
  TableFixture t(false, 3);
  for (
      const char* update :
      {R"([{"action": "add-spec", "spec": {"spec-id": 1, "fields": [{"source-ids": [1, 2], "name": "x", "transform": "bucket[4]"}]}}])",
       R"([{"action": "add-sort-order", "sort-order": {"order-id": 1, "fields": [{"source-ids": [1, 2], "transform": "zorder", "direction": "asc", "null-order": "nulls-first"}]}}])"}) {
    const auto refused = Try(update, &t.table());
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message().find("source-ids"), std::string::npos) << refused.error().ToString();
  }
}

TEST(TableUpdate, UpgradesToVersionThree) {
  TableFixture t;
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  table = Apply(R"([{"action": "upgrade-format-version", "format-version": 3}])", &table);
  EXPECT_EQ(table.next_row_id, 0);
  table = t.Apply(table, Append{{t.File("b", 10, 5)}});
  // Files from before the upgrade get their row ids with the first snapshot after it.
  EXPECT_EQ(table.next_row_id, 15);
  std::set<int64_t> first_ids;
  for (const ScanFile& scan : t.Scan(table).files) first_ids.insert(scan.file.first_row_id.value_or(-1));
  EXPECT_EQ(first_ids, (std::set<int64_t>{0, 5}));
}

TEST(TableRequirement, EachIsChecked) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const auto code = [](const std::string& text, const TableMetadata* table) -> std::string {
    const auto parsed = ParseRequirements(json::parse("[" + text + "]"));
    if (!parsed.ok()) return parsed.error().code();
    const Status status = CheckRequirements(*parsed, table);
    return status.ok() ? "" : status.error().code();
  };
  const std::string main = std::to_string(*base.current_snapshot_id);
  const struct {
    std::string holds;
    std::string fails;
  } cases[] = {
      {R"({"type": "assert-table-uuid", "uuid": ")" + base.uuid + "\"}",
       R"({"type": "assert-table-uuid", "uuid": "x"})"},
      {R"({"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": )" + main + "}",
       R"({"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": null})"},
      {R"({"type": "assert-ref-snapshot-id", "ref": "other", "snapshot-id": null})",
       R"({"type": "assert-ref-snapshot-id", "ref": "other", "snapshot-id": 5})"},
      {R"({"type": "assert-last-assigned-field-id", "last-assigned-field-id": 2})",
       R"({"type": "assert-last-assigned-field-id", "last-assigned-field-id": 3})"},
      {R"({"type": "assert-current-schema-id", "current-schema-id": 0})",
       R"({"type": "assert-current-schema-id", "current-schema-id": 1})"},
      {R"({"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 999})",
       R"({"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 1000})"},
      {R"({"type": "assert-default-spec-id", "default-spec-id": 0})",
       R"({"type": "assert-default-spec-id", "default-spec-id": 1})"},
      {R"({"type": "assert-default-sort-order-id", "default-sort-order-id": 0})",
       R"({"type": "assert-default-sort-order-id", "default-sort-order-id": 1})"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(code(c.holds, &base), "") << c.holds;
    EXPECT_EQ(code(c.fails, &base), "LAKE-301") << c.fails;
    EXPECT_EQ(code(c.fails, nullptr), c.fails.find("null") == std::string::npos ? "LAKE-301" : "") << c.fails;
  }
  EXPECT_EQ(code(R"({"type": "assert-create"})", nullptr), "");
  EXPECT_EQ(code(R"({"type": "assert-create"})", &base), "LAKE-202");
  EXPECT_EQ(code(R"({"type": "assert-weather"})", &base), "LAKE-104");
}

TEST(TrimHistory, KeepsRefsAndBookmarks) {
  TableFixture t(false, 2, {{"leat.metadata.max-snapshots", "3"}});
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 1)}});
  const int64_t tagged = *table.current_snapshot_id;
  table.refs["keep"].snapshot_id = tagged;
  table.refs["keep"].type = "tag";
  table = t.Apply(table, Append{}, {{"leat.bookmark.k", "7"}});
  // Another engine appends and knows nothing of bookmarks.
  for (int i = 0; i < 10; ++i) {
    Snapshot foreign = *table.current_snapshot();
    foreign.parent_id = foreign.id;
    foreign.id = 1000 + i;
    foreign.summary = {{"operation", "append"}};
    ++foreign.sequence_number;
    SetSnapshotRef main{"main", {}};
    main.ref.snapshot_id = foreign.id;
    const auto next = ApplyUpdates({AddSnapshot{foreign}, main}, &table, kNow);
    ASSERT_TRUE(next.ok()) << next.error().ToString();
    table = *next;
  }
  EXPECT_EQ(table.snapshots.size(), 3U);
  EXPECT_NE(table.FindSnapshot(tagged), nullptr);
  EXPECT_EQ(FindBookmark(table, "k"), "7");
  EXPECT_EQ(table.current_snapshot()->id, 1009);
}

}  // namespace
}  // namespace leat::lake
