#include "run/load_schema.h"

#include <gtest/gtest.h>

#include "run/load_target.h"

namespace leat::run {
namespace {

data::Schema SomeSchema() {
  data::Schema schema;
  int id = 0;
  for (auto [name, type] :
       {std::pair{"id", data::TypeId::kLong}, {"Day", data::TypeId::kDate}, {"note", data::TypeId::kString}}) {
    data::Field field;
    field.id = ++id;
    field.name = name;
    field.type = data::Primitive(type);
    schema.fields.push_back(field);
  }
  return schema;
}

TEST(ParseDeclaredType, Cases) {
  const std::pair<const char*, const char*> cases[] = {
      {"bigint", "long"},
      {"INTEGER", "int"},
      {"decimal(9,2)", "decimal(9,2)"},
      {"NUMERIC(20, 0)", "decimal(20,0)"},
      {"numeric(5)", "decimal(5,0)"},
      {"varchar(20)", "string"},
      {"text", "string"},
      {"timestamptz", "timestamptz"},
      {"date", "date"},
      {"double precision", "double"},
      {"uuid", "uuid"},
  };
  for (auto [declared, expected] : cases) {
    auto type = ParseDeclaredType(declared);
    ASSERT_TRUE(type.ok()) << declared;
    EXPECT_EQ(data::TypeName(**type), expected) << declared;
  }
  for (const char* bad : {"", "money", "decimal(39,0)", "decimal(2,3)", "decimal(9,2)x"}) {
    auto type = ParseDeclaredType(bad);
    ASSERT_FALSE(type.ok()) << bad;
    EXPECT_EQ(type.error().code(), "RUN-512") << bad;
  }
}

TEST(RawColumnNames, NamesThatDifferOnlyInCaseAreTakenApart) {
  std::vector<component::SourceColumn> columns;
  for (const char* name : {"ID", "id", "name", "Id", "_batch_id"}) columns.push_back({name, nullptr, ""});
  EXPECT_EQ(RawColumnNames(columns), (std::vector<std::string>{"ID", "id_2", "name", "Id_3", "_batch_id_2"}));
}

TEST(RegisteredTable, ComesBackAsItWas) {
  RegisteredTable registered;
  registered.table.name = "orders";
  registered.table.primary_key = {"id"};
  registered.table.settings["delimiter"] = ";";
  registered.table.columns = {{"id", data::Primitive(data::TypeId::kLong), ""}, {"ID", data::Decimal(18, 3), ""}};
  registered.names = RawColumnNames(registered.table.columns);
  auto again = RegisteredFromJson(RegisteredToJson(registered));
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again->names, (std::vector<std::string>{"id", "ID_2"}));
  EXPECT_EQ(data::TypeName(*again->table.columns[1].type), "decimal(18,3)");
  EXPECT_EQ(again->table.settings.at("delimiter"), ";");
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(RegisteredFromJson("{}").error().code(), "RUN-502");
}

TEST(ParsePartition, Cases) {
  const struct {
    const char* text;
    int source_id;
    const char* transform;
    const char* name;
  } cases[] = {
      {"note", 3, "identity", "note"},
      {"month(day)", 2, "month", "Day_month"},
      {"bucket(16, id)", 1, "bucket[16]", "id_bucket"},
      {"bucket(id, 16)", 1, "bucket[16]", "id_bucket"},
      {"truncate(4, note)", 3, "truncate[4]", "note_truncate"},
      {" year( Day ) ", 2, "year", "Day_year"},
  };
  for (const auto& c : cases) {
    auto field = ParsePartition(c.text, SomeSchema());
    ASSERT_TRUE(field.ok()) << c.text << field.error().ToString();
    EXPECT_EQ(field->source_id, c.source_id) << c.text;
    EXPECT_EQ(field->transform, c.transform) << c.text;
    EXPECT_EQ(field->name, c.name) << c.text;
  }
  for (const char* bad :
       {"nowhere", "month(nowhere)", "week(day)", "bucket(id)", "bucket(0, id)", "month(day", "day(2, day)"}) {
    auto field = ParsePartition(bad, SomeSchema());
    ASSERT_FALSE(field.ok()) << bad;
    EXPECT_EQ(field.error().code(), "RUN-511") << bad;
  }
}

TEST(ParseSort, Directions) {
  auto field = ParseSort("day DESC", SomeSchema());
  ASSERT_TRUE(field.ok());
  EXPECT_EQ(field->source_id, 2);
  EXPECT_FALSE(field->ascending);
  EXPECT_FALSE(field->nulls_first);
  EXPECT_TRUE(ParseSort("id", SomeSchema())->ascending);
  EXPECT_EQ(ParseSort("nowhere", SomeSchema()).error().code(), "RUN-511");
}

}  // namespace
}  // namespace leat::run
