#include "data/schema_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leat::data {
namespace {

constexpr const char* kSchema = R"json({"type":"struct","schema-id":3,"identifier-field-ids":[1],"fields":[
  {"id":1,"name":"id","required":true,"type":"long","doc":"the key"},
  {"id":2,"name":"price","required":false,"type":"decimal(9,2)","initial-default":"1.50","write-default":"2.50"},
  {"id":3,"name":"tags","required":false,"type":{"type":"list","element-id":4,"element":"string","element-required":true}},
  {"id":5,"name":"attrs","required":false,"type":{"type":"map","key-id":6,"key":"string","value-id":7,
    "value":{"type":"struct","fields":[{"id":8,"name":"x","required":false,"type":"fixed[16]"}]},"value-required":false}}]})json";

TEST(SchemaJson, KeepsEverything) {
  const auto in = nlohmann::json::parse(kSchema);
  const auto schema = SchemaFromJson(in);
  ASSERT_TRUE(schema.ok()) << schema.error().ToString();
  EXPECT_EQ(SchemaToJson(*schema), in);
  EXPECT_EQ(schema->HighestId(), 8);
  EXPECT_EQ(schema->FindById(8)->name, "x");
  EXPECT_EQ(DuckDbTypeName(*schema->fields[3].type), "MAP(VARCHAR, STRUCT(\"x\" BLOB))");
}

TEST(SchemaJson, SaysWhatIsWrong) {
  const struct {
    const char* json;
    const char* code;
    const char* part;
  } cases[] = {
      {R"({"type":"struct"})", "DATA-102", "fields"},
      {R"({"fields":[{"name":"a","type":"int"}]})", "DATA-102", "id"},
      {R"({"fields":[{"id":"1","name":"a","type":"int"}]})", "DATA-102", "id"},
      {R"({"fields":[{"id":1,"name":"a","type":"integer"}]})", "DATA-101", "field 'a'"},
      {R"({"fields":[{"id":1,"name":"a","type":{"type":"set"}}]})", "DATA-102", "field 'a'"},
      {R"([])", "DATA-102", "fields"},
  };
  for (const auto& c : cases) {
    const auto schema = SchemaFromJson(nlohmann::json::parse(c.json));
    ASSERT_FALSE(schema.ok()) << c.json;
    EXPECT_EQ(schema.error().code(), c.code) << c.json;
    EXPECT_NE(schema.error().message().find(c.part), std::string::npos) << schema.error().ToString();
  }
}

TEST(Type, PrimitiveNamesRoundTrip) {
  for (const char* name :
       {"boolean", "int", "long", "float", "double", "decimal(38,10)", "date", "time", "timestamp", "timestamptz",
        "timestamp_ns", "timestamptz_ns", "string", "uuid", "fixed[7]", "binary", "variant", "unknown"}) {
    const auto type = ParsePrimitive(name);
    ASSERT_TRUE(type.ok()) << name;
    EXPECT_EQ(TypeName(**type), name);
  }
  EXPECT_EQ(TypeName(**ParsePrimitive("decimal(9, 2)")), "decimal(9,2)");
  for (const char* name : {"decimal(39,0)", "decimal(5,6)", "decimal(5)", "fixed", "fixed[x]", "Int", ""}) {
    EXPECT_EQ(ParsePrimitive(name).error().code(), "DATA-101") << name;
  }
}

TEST(Type, PromotionIsWhatTheSpecificationAllows) {
  const auto type = [](const char* name) { return *ParsePrimitive(name); };
  const struct {
    const char* from;
    const char* to;
    bool allowed;
  } cases[] = {{"int", "long", true},        {"long", "int", false},
               {"float", "double", true},    {"double", "float", false},
               {"int", "double", false},     {"decimal(9,2)", "decimal(12,2)", true},
               {"string", "string", true},   {"decimal(9,2)", "decimal(12,3)", false},
               {"date", "timestamp", false}, {"decimal(12,2)", "decimal(9,2)", false},
               {"unknown", "string", true},  {"fixed[4]", "fixed[5]", false}};
  for (const auto& c : cases) EXPECT_EQ(CanPromote(*type(c.from), *type(c.to)), c.allowed) << c.from << " " << c.to;
}

TEST(Schema, GivesIdsOnceAndKeepsThoseThatAre) {
  Schema schema;
  Field inner{.id = 0, .name = "x", .type = Primitive(TypeId::kInt)};
  schema.fields = {{.id = 4, .name = "kept", .type = Primitive(TypeId::kInt)},
                   {.id = 0, .name = "s", .type = Struct({inner, inner})},
                   {.id = 0, .name = "last", .type = Primitive(TypeId::kInt)}};
  EXPECT_EQ(AssignFieldIds(schema, 5), 9);
  EXPECT_EQ(schema.fields[0].id, 4);
  EXPECT_EQ(schema.fields[1].id, 5);
  EXPECT_EQ(schema.fields[2].id, 6);
  EXPECT_EQ(schema.fields[1].type->fields[0].id, 7);
  EXPECT_EQ(schema.fields[1].type->fields[1].id, 8);
  EXPECT_EQ(schema.FindColumn("LAST")->id, 6);
  EXPECT_EQ(schema.FindColumn("x"), nullptr);
}

}  // namespace
}  // namespace leat::data
