#include <gtest/gtest.h>

#include "components/source/delta/deleted_rows.h"
#include "components/source/delta/table_shape.h"

namespace leat::components::delta {
namespace {

TEST(DeltaActionTest, LinesOfALog) {
  const auto add = ParseAction(
      R"({"add":{"path":"a%20b.parquet","partitionValues":{"p":"1","q":null},"size":7,"dataChange":false,"stats":"{\"numRecords\":3}",)"
      R"("deletionVector":{"storageType":"u","pathOrInlineDv":"x","offset":1,"sizeInBytes":9,"cardinality":2}}})",
      "1.json:1");
  ASSERT_TRUE(add.ok());
  ASSERT_TRUE(add->add);
  EXPECT_EQ(add->add->path, "a%20b.parquet");
  EXPECT_EQ(add->add->partition.at("p"), "1");
  EXPECT_EQ(add->add->partition.at("q"), std::nullopt);
  EXPECT_EQ(add->add->rows, 3);
  EXPECT_FALSE(add->add->data_change);
  EXPECT_EQ(add->add->deleted->size_bytes, 9);
  EXPECT_FALSE(ParseAction(R"({"txn":{"appId":"x"}})", "w")->add);
  // Statistics are not trusted, not even to be JSON.
  EXPECT_EQ(ParseAction(R"({"add":{"path":"x","partitionValues":{},"size":1,"stats":"{"}})", "w")->add->rows, 0);
  for (const char* wrong :
       {"", "[]", "{", R"({"add":1})", R"({"add":{}})", R"({"add":{"path":1,"size":1}})",
        R"({"add":{"path":"x","size":"1"}})", R"({"add":{"path":"x","size":1,"partitionValues":{"p":1}}})",
        R"({"add":{"path":"x","size":1,"partitionValues":[]}})", R"({"remove":{}})", R"({"protocol":{}})",
        R"({"metaData":{"id":"x"}})", R"({"add":{"path":"x","size":1,"deletionVector":{"storageType":"i"}}})",
        R"({"add":{"path":"x","size":1,"dataChange":"yes"}})"}) {
    const auto parsed = ParseAction(wrong, "3.json:7");
    ASSERT_FALSE(parsed.ok()) << wrong;
    EXPECT_EQ(parsed.error().code(), "SRC-422") << wrong;
    EXPECT_NE(parsed.error().message().find("3.json:7"), std::string::npos) << wrong;
  }
}

TEST(DeltaDeletedRowsTest, Z85AndPaths) {
  EXPECT_EQ(DecodeZ85("HelloWorld"), std::string("\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B", 8));  // ZeroMQ RFC 32
  EXPECT_EQ(DecodeZ85(""), "");
  for (const char* wrong : {"Hell", "Hell\"", "#####",
                            "Hello\xff"
                            "orld"})
    EXPECT_EQ(DecodeZ85(wrong), std::nullopt) << wrong;
  EXPECT_EQ(PlaceOf("p=a%20b/x.parquet", "/t"), "/t/p=a b/x.parquet");
  EXPECT_EQ(PlaceOf("p=%2541/x", "/t"), "/t/p=%41/x");
  EXPECT_EQ(PlaceOf("x%", "/t"), "/t/x%");
  EXPECT_EQ(PlaceOf("x%zz%2", "/t"), "/t/x%zz%2");
  EXPECT_EQ(PlaceOf("s3://b/x%2Fy", "/t"), "s3://b/x/y");
}

TEST(DeltaShapeTest, PartitionValuesAreExact) {
  const auto value = [](data::TypePtr type, std::optional<std::string> text) {
    return PartitionValue(text, {.id = 1, .name = "p", .type = std::move(type)}, "table t");
  };
  const auto plain = [&](data::TypeId type, const char* text) { return value(data::Primitive(type), text); };
  EXPECT_EQ(plain(data::TypeId::kInt, "-2147483648").value(), data::Value(int32_t{-2147483647 - 1}));
  EXPECT_EQ(plain(data::TypeId::kDate, "1969-12-31").value(), data::Value(int32_t{-1}));
  EXPECT_EQ(plain(data::TypeId::kTimestamp, "1970-01-01 00:00:00.000001").value(), data::Value(int64_t{1}));
  EXPECT_EQ(plain(data::TypeId::kTimestampTz, "1970-01-01T00:00:00.000001Z").value(), data::Value(int64_t{1}));
  EXPECT_EQ(plain(data::TypeId::kTimestampTz, "1970-01-01 00:00:00").value(), data::Value(int64_t{0}));
  EXPECT_EQ(plain(data::TypeId::kString, "a b").value(), data::Value(std::string("a b")));
  EXPECT_EQ(plain(data::TypeId::kString, "").value(), data::Value());
  EXPECT_EQ(value(data::Primitive(data::TypeId::kInt), std::nullopt).value(), data::Value());
  EXPECT_FALSE(plain(data::TypeId::kInt, "2147483648").ok());
  EXPECT_FALSE(plain(data::TypeId::kInt, "1.0").ok());
  EXPECT_FALSE(plain(data::TypeId::kDate, "2023-02-29").ok());
  EXPECT_FALSE(plain(data::TypeId::kBoolean, "2").ok());
  EXPECT_FALSE(value(data::Decimal(4, 1), "1.25").ok());
  EXPECT_EQ(plain(data::TypeId::kLong, "x").error().code(), "SRC-427");
}

TEST(DeltaShapeTest, WhatIsNotKnownIsRefused) {
  TableDefinition table;
  table.id = "x";
  table.provider = "parquet";
  const auto code = [&](const std::string& schema, const Protocol& protocol) {
    table.schema = schema;
    const auto shape = ReadShape(table, protocol, "table t");
    return shape.ok() ? std::string() : std::string(shape.error().code());
  };
  const auto column = [](const std::string& type) {
    return R"({"type":"struct","fields":[{"name":"a","nullable":true,"metadata":1,"type":)" + type + "}]}";
  };
  const std::string plain = column("\"decimal(38,10)\"");
  EXPECT_EQ(code(plain, {}), "");
  EXPECT_EQ(code(plain, {3, {"deletionVectors", "v2Checkpoint"}}), "");
  EXPECT_EQ(code(plain, {3, {"catalogManaged"}}), "SRC-423");
  EXPECT_EQ(code(plain, {4, {}}), "SRC-423");
  constexpr int kDepth = 100'000;
  std::string deep;
  for (int i = 0; i < kDepth; ++i) deep += R"({"type":"array","elementType":)";
  deep += "\"long\"" + std::string(kDepth, '}');
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"fields":[{"name":"a"}]})"),
        column("\"decimal(39,1)\""), column("\"decimal(4,1)x\""), column(R"({"type":"array"})"), column("1"),
        column(deep)})
    EXPECT_EQ(code(wrong, {}), "SRC-424") << wrong.substr(0, 100);
  table.configuration["delta.columnMapping.mode"] = "name";
  EXPECT_EQ(code(plain, {}), "");  // a protocol that has no mapping
  EXPECT_EQ(code(plain, {2, {}}), "SRC-424");
  table.configuration["delta.columnMapping.mode"] = "odd";
  EXPECT_EQ(code(plain, {2, {}}), "SRC-424");
  table.configuration.clear();
  table.partition_columns = {"b"};
  EXPECT_EQ(code(plain, {}), "SRC-424");
}

}  // namespace
}  // namespace leat::components::delta
