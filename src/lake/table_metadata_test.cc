#include "lake/table_metadata.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leat::lake {
namespace {

constexpr const char* kVersion2 = R"json({
  "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": "/lake/t",
  "last-sequence-number": 34, "last-updated-ms": 1602638573590, "last-column-id": 3, "current-schema-id": 1,
  "schemas": [
    {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "x", "required": true, "type": "long"}]},
    {"type": "struct", "schema-id": 1, "identifier-field-ids": [1], "fields": [
      {"id": 1, "name": "x", "required": true, "type": "long"},
      {"id": 2, "name": "y\"\\\n", "required": false, "type": "string", "doc": "comment"}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "fields": [{"name": "x", "transform": "identity", "source-id": 1, "field-id": 1000}]}],
  "last-partition-id": 1000, "default-sort-order-id": 3,
  "sort-orders": [{"order-id": 3, "fields": [
    {"transform": "identity", "source-id": 2, "direction": "asc", "null-order": "nulls-first"},
    {"transform": "bucket[4]", "source-id": 1, "direction": "desc", "null-order": "nulls-last"}]}],
  "properties": {"read.split.target.size": "134217728"}, "current-snapshot-id": 3055729675574597004,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0,
     "summary": {"operation": "append"}, "manifest-list": "/lake/t/metadata/1.avro"},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004, "timestamp-ms": 1555100955770,
     "sequence-number": 1, "summary": {"operation": "append", "leat.bookmark.a": "7"},
     "manifest-list": "/lake/t/metadata/2.avro", "schema-id": 1}],
  "snapshot-log": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770},
    {"snapshot-id": 3055729675574597004, "timestamp-ms": 1555100955770}],
  "metadata-log": [{"metadata-file": "/lake/t/metadata/v1.json", "timestamp-ms": 1515100}],
  "refs": {"main": {"snapshot-id": 3055729675574597004, "type": "branch"},
           "test": {"snapshot-id": 3051729675574597004, "type": "tag", "max-ref-age-ms": 10000000}},
  "statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "s.puffin"}]})json";

TEST(TableMetadata, KeepsEveryMember) {
  const auto metadata = ParseTableMetadata(kVersion2);
  ASSERT_TRUE(metadata.ok()) << metadata.error().ToString();
  EXPECT_EQ(nlohmann::json::parse(FormatTableMetadata(*metadata)), nlohmann::json::parse(kVersion2));
  EXPECT_EQ(metadata->current_snapshot()->summary.at("leat.bookmark.a"), "7");
  EXPECT_EQ(metadata->current_schema().fields.size(), 2U);
  EXPECT_EQ(metadata->default_sort_order().fields[1].transform, "bucket[4]");
  EXPECT_EQ(metadata->FindSnapshot(1), nullptr);
}

TEST(TableMetadata, ReadsVersionOne) {
  const auto metadata =
      ParseTableMetadata(R"json({"format-version": 1, "table-uuid": "d20125c8-7284-442c-9aea-15fee620737c",
    "location": "/lake/t", "last-updated-ms": 1602638573874, "last-column-id": 2,
    "schema": {"type": "struct", "fields": [{"id": 1, "name": "x", "required": true, "type": "long"},
                                            {"id": 2, "name": "d", "required": false, "type": "date"}]},
    "partition-spec": [{"name": "x", "transform": "identity", "source-id": 1, "field-id": 1000},
                       {"name": "m", "transform": "month", "source-id": 2}],
    "properties": {}, "current-snapshot-id": -1,
    "snapshots": [{"snapshot-id": 1925, "timestamp-ms": 1602638573822, "manifest-list": "/lake/t/1.avro"}]})json");
  ASSERT_TRUE(metadata.ok()) << metadata.error().ToString();
  EXPECT_EQ(metadata->current_snapshot(), nullptr);
  EXPECT_EQ(metadata->snapshots.size(), 1U);
  EXPECT_EQ(metadata->default_spec().fields[1].field_id, 1001);
  EXPECT_EQ(metadata->last_partition_id, 1001);
  // Written as version 1 again, with the members that its readers need.
  const auto again = nlohmann::json::parse(FormatTableMetadata(*metadata));
  EXPECT_EQ(again["format-version"], 1);
  EXPECT_EQ(again["schema"]["fields"].size(), 2U);
  EXPECT_EQ(again["partition-spec"].size(), 2U);
  EXPECT_FALSE(again.contains("last-sequence-number"));
}

TEST(TableMetadata, SaysWhatIsWrong) {
  const struct {
    const char* path;
    nlohmann::json value;
    const char* part;
  } cases[] = {{"/format-version", 0, "format-version"},
               {"/format-version", "2", "format-version"},
               {"/table-uuid", nullptr, "table-uuid"},
               {"/location", 7, "location"},
               {"/schemas", nlohmann::json::object(), "schemas"},
               {"/current-schema-id", 9, "current-schema-id"},
               {"/default-spec-id", 9, "default-spec-id"},
               {"/current-snapshot-id", 9, "current-snapshot-id"},
               {"/schemas/0/fields/0/type", "lung", "field 'x'"},
               {"/snapshots/0/manifest-list", nullptr, "manifest-list"},
               {"/partition-specs/0/fields/0/source-id", nullptr, "source-id"}};
  for (const auto& c : cases) {
    auto json = nlohmann::json::parse(kVersion2);
    json[nlohmann::json::json_pointer(c.path)] = c.value;
    const auto metadata = ParseTableMetadata(json.dump());
    ASSERT_FALSE(metadata.ok()) << c.path;
    EXPECT_NE(metadata.error().message().find(c.part), std::string::npos) << metadata.error().ToString();
  }
  EXPECT_EQ(ParseTableMetadata("{").error().code(), "LAKE-101");
  EXPECT_EQ(ParseTableMetadata("[]").error().code(), "LAKE-101");
  auto newer = nlohmann::json::parse(kVersion2);
  newer["format-version"] = 4;
  EXPECT_EQ(ParseTableMetadata(newer.dump()).error().code(), "LAKE-102");
}

// Cutting the text anywhere must give an error, never a crash or half a table.
TEST(TableMetadata, RefusesEveryPrefix) {
  const std::string text(kVersion2);
  for (size_t size = 0; size < text.size(); size += 7) EXPECT_FALSE(ParseTableMetadata(text.substr(0, size)).ok());
}

data::Schema TwoColumns(int first_id, int second_id) {
  data::Schema schema;
  schema.fields = {{.id = first_id, .name = "a", .type = data::Primitive(data::TypeId::kLong)},
                   {.id = second_id, .name = "day", .type = data::Primitive(data::TypeId::kDate)}};
  return schema;
}

TEST(NewTableMetadata, GivesIds) {
  PartitionSpec spec;
  spec.fields = {{.source_id = 1, .field_id = 0, .name = "day_month", .transform = "month"}};
  SortOrder order;
  order.fields = {{.source_id = 0, .transform = "identity"}};
  // Engines that count columns from 0: column 1 is `day`, column 0 is `a`.
  const auto metadata =
      NewTableMetadata("u", "/lake/t/", TwoColumns(0, 1), spec, order, {{"gc.enabled", "true"}}, 5'000'000);
  ASSERT_TRUE(metadata.ok()) << metadata.error().ToString();
  EXPECT_EQ(metadata->location, "/lake/t");
  EXPECT_EQ(metadata->current_schema().fields[0].id, 1);
  EXPECT_EQ(metadata->default_spec().fields[0].source_id, 2);
  EXPECT_EQ(metadata->default_spec().fields[0].field_id, 1000);
  EXPECT_EQ(metadata->default_sort_order().fields[0].source_id, 1);
  EXPECT_EQ(metadata->default_sort_order_id, 1);
  EXPECT_EQ(metadata->last_column_id, 2);
  EXPECT_EQ(metadata->last_updated_ms, 5'000);
  EXPECT_EQ(metadata->properties.at("gc.enabled"), "false");
  EXPECT_TRUE(ParseTableMetadata(FormatTableMetadata(*metadata)).ok());
}

TEST(NewTableMetadata, RefusesWhatCannotBe) {
  PartitionSpec unknown;
  unknown.fields = {{.source_id = 9, .field_id = 0, .name = "x", .transform = "identity"}};
  EXPECT_EQ(NewTableMetadata("u", "/t", TwoColumns(1, 2), unknown, {}, {}, 0).error().code(), "LAKE-101");
  PartitionSpec misfit;
  misfit.fields = {{.source_id = 1, .field_id = 0, .name = "x", .transform = "month"}};
  EXPECT_EQ(NewTableMetadata("u", "/t", TwoColumns(1, 2), misfit, {}, {}, 0).error().code(), "LAKE-103");
  EXPECT_EQ(NewTableMetadata("u", "/t", TwoColumns(3, 3), {}, {}, {}, 0).error().code(), "LAKE-105");
  EXPECT_EQ(NewTableMetadata("u", "/t", TwoColumns(1, 2), {}, {}, {}, 0, 4).error().code(), "LAKE-102");
}

}  // namespace
}  // namespace leat::lake
