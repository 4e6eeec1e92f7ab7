#include "serve/iceberg/fresh_ids.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

TEST(FreshIds, NumbersColumnsFirstThenMembers) {
  json schema = json::parse(R"({"type":"struct","schema-id":7,"identifier-field-ids":[0],"fields":[
    {"id":0,"name":"a","type":"long","required":true},
    {"id":1,"name":"s","required":false,"type":{"type":"struct","fields":[
      {"id":5,"name":"x","type":"int","required":false},
      {"id":6,"name":"l","required":false,"type":{"type":"list","element-id":9,"element":"string","element-required":false}}]}},
    {"id":2,"name":"m","required":false,"type":{"type":"map","key-id":3,"key":"string","value-id":4,"value":"long",
      "value-required":false}}]})");
  json spec =
      json::parse(R"({"spec-id":3,"fields":[{"source-id":0,"field-id":7,"name":"a_bucket","transform":"bucket[4]"},
    {"source-id":2,"name":"m","transform":"void"}]})");
  json order = json::parse(R"({"order-id":9,"fields":[{"source-id":5,"transform":"identity","direction":"asc",
    "null-order":"nulls-first"}]})");
  ASSERT_TRUE(AssignFreshIds(schema, spec, order).ok());
  EXPECT_EQ(schema["schema-id"], 0);
  EXPECT_EQ(schema["identifier-field-ids"], json::array({1}));
  EXPECT_EQ(schema["fields"][0]["id"], 1);
  EXPECT_EQ(schema["fields"][1]["id"], 2);
  EXPECT_EQ(schema["fields"][2]["id"], 3);
  const json& members = schema["fields"][1]["type"]["fields"];
  EXPECT_EQ(members[0]["id"], 4);
  EXPECT_EQ(members[1]["id"], 5);
  EXPECT_EQ(members[1]["type"]["element-id"], 6);
  EXPECT_EQ(schema["fields"][2]["type"]["key-id"], 7);
  EXPECT_EQ(schema["fields"][2]["type"]["value-id"], 8);
  EXPECT_EQ(spec["fields"][0]["source-id"], 1);
  EXPECT_EQ(spec["fields"][0]["field-id"], 1000);
  EXPECT_EQ(spec["fields"][1]["source-id"], 3);
  EXPECT_EQ(spec["fields"][1]["field-id"], 1001);
  EXPECT_EQ(order["fields"][0]["source-id"], 4);
  EXPECT_EQ(order["order-id"], 1);
}

TEST(FreshIds, RefusesWhatIsNoSchema) {
  const char* const kEmptySpec = R"({"fields":[]})";
  const struct {
    const char* schema;
    const char* spec;
  } cases[] = {
      {"null", kEmptySpec},
      {R"({"type":"struct"})", kEmptySpec},
      {R"({"type":"struct","fields":[{"name":"a","type":"int"}]})", kEmptySpec},
      {R"({"type":"struct","fields":[{"id":1,"name":"a","type":"int"},{"id":1,"name":"b","type":"int"}]})", kEmptySpec},
      {R"({"type":"struct","fields":[{"id":1,"name":"a","type":{"type":"tuple"}}]})", kEmptySpec},
      {R"({"type":"struct","fields":[1]})", kEmptySpec},
      {R"({"type":"struct","fields":[{"id":1,"name":"a","type":"int"}]})", R"({"fields":[{"source-id":2}]})"},
      {R"({"type":"struct","fields":[{"id":1,"name":"a","type":"int"}],"identifier-field-ids":[3]})", kEmptySpec},
  };
  for (const auto& c : cases) {
    json schema = json::parse(c.schema), spec = json::parse(c.spec), order = json::parse(kEmptySpec);
    const Status status = AssignFreshIds(schema, spec, order);
    ASSERT_FALSE(status.ok()) << c.schema << c.spec;
    EXPECT_EQ(status.error().code(), "SERVE-303") << c.schema;
  }
}

}  // namespace
}  // namespace leat::serve::iceberg
