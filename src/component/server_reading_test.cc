#include "component/server_reading.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

struct Column {
  std::string name;
  data::TypePtr type;
};

ReadRequest Asked(const char* bookmark, const char* upper) {
  ReadRequest request;
  request.update_key = "changed";
  request.bookmark = bookmark;
  request.upper = upper;
  return request;
}

Result<std::string> Quoted(const std::string& text) { return "'" + text + "'"; }

TEST(ServerReading, AskIsFilledInAtEachMark) {
  EXPECT_EQ(FilledIn("{0}", "\"a\""), "\"a\"");
  EXPECT_EQ(FilledIn("CASE typeof({0}) WHEN 'real' THEN quote({0}) ELSE {0} END", "x"),
            "CASE typeof(x) WHEN 'real' THEN quote(x) ELSE x END");
  EXPECT_EQ(FilledIn("CAST({0} AS text)", "\"{0}\""), "CAST(\"{0}\" AS text)");  // what is filled in is not looked at
  EXPECT_EQ(FilledIn("1", "x"), "1");
  EXPECT_EQ(FilledIn("", "x"), "");
}

TEST(ServerReading, ColumnsByName) {
  const std::vector<Column> columns = {
      {"id", data::Primitive(data::TypeId::kLong)}, {"name", nullptr}, {"id", nullptr}};
  EXPECT_EQ(NamesOf(columns), (std::vector<std::string>{"id", "name", "id"}));
  EXPECT_EQ(FindNamed(columns, "id"), columns.data());
  EXPECT_EQ(FindNamed(columns, "name"), &columns[1]);
  EXPECT_EQ(FindNamed(columns, "Name"), nullptr);
}

TEST(ServerReading, GoneColumnIsOneOfAlikeNameOrRenamed) {
  EXPECT_NE(GoneColumnHint("custmer", {"id", "customer"}).find("'customer'"), std::string::npos);
  EXPECT_NE(GoneColumnHint("custmer", {"id"}).find("renamed or dropped"), std::string::npos);
}

TEST(ServerReading, OnlyAKeyOfOneWholeNumberIsCut) {
  DescribedTable<Column> table;
  table.columns = {{"id", data::Primitive(data::TypeId::kLong)},
                   {"line", data::Primitive(data::TypeId::kInt)},
                   {"code", data::Primitive(data::TypeId::kString)},
                   {"big", data::Decimal(20, 0)}};
  EXPECT_EQ(table.WholeKey(), nullptr);
  for (const auto& [key, whole] :
       {std::pair("id", true), {"line", true}, {"code", false}, {"big", false}, {"?", false}}) {
    table.primary_key = {key};
    EXPECT_EQ(table.WholeKey(), whole ? table.Find(key) : nullptr) << key;
  }
  table.primary_key = {"id", "line"};
  EXPECT_EQ(table.WholeKey(), nullptr);
}

TEST(ServerReading, TableAsItIsRegisteredAndObserved) {
  DescribedTable<Column> table;
  table.columns = {{"id", data::Primitive(data::TypeId::kLong)}, {"name", data::Primitive(data::TypeId::kString)}};
  table.primary_key = {"id"};
  table.estimated_rows = 7;
  const SourceTable found = table.AsSourceTable("orders");
  EXPECT_EQ(found.name, "orders");
  EXPECT_EQ(found.estimated_rows, 7);
  EXPECT_EQ(found.columns[1].type->id, data::TypeId::kString);
  const std::vector<ObservedInput> inputs = Observed(found);
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(NamesOf(inputs[0].columns), (std::vector<std::string>{"id", "name"}));
  EXPECT_EQ(inputs[0].primary_key, std::vector<std::string>{"id"});
}

TEST(ServerReading, NumbersOfBookmarks) {
  for (const char* good : {"0", "-9007199254740993", "+1.5e-7", "2E10"}) EXPECT_TRUE(IsNumberText(good)) << good;
  for (const char* bad : {"", "1 OR 1=1", "0x10", "'1'", "1;", "nan"}) EXPECT_FALSE(IsNumberText(bad)) << bad;
  const Error error = NoValueOf("SRC-278", "abc", "id", "bigint");
  EXPECT_EQ(error.code(), "SRC-278");
  EXPECT_EQ(error.kind(), ErrorKind::kData);
}

TEST(ServerReading, ConditionsOfPartAndBookmark) {
  EXPECT_EQ(*WhereClause({}, "", "", Quoted), "");
  EXPECT_EQ(*WhereClause({}, "k >= 5", "", Quoted), " WHERE k >= 5");
  EXPECT_EQ(*WhereClause(Asked("", ""), "", "c", Quoted), "");
  EXPECT_EQ(*WhereClause(Asked("a", ""), "", "c", Quoted), " WHERE c > 'a'");
  EXPECT_EQ(*WhereClause(Asked("", "z"), "", "c", Quoted), " WHERE c <= 'z'");
  EXPECT_EQ(*WhereClause(Asked("a", "z"), "k >= 5", "c", Quoted), " WHERE k >= 5 AND c > 'a' AND c <= 'z'");
  ReadRequest range = Asked("a", "z");
  range.inclusive = true;
  EXPECT_EQ(*WhereClause(range, "", "c", Quoted), " WHERE c >= 'a' AND c <= 'z'");
  ReadRequest whole = Asked("a", "z");
  whole.update_key.clear();
  EXPECT_EQ(*WhereClause(whole, "k >= 5", "c", Quoted), " WHERE k >= 5");
  const auto refuse = [](const std::string& text) -> Result<std::string> {
    return NoValueOf("SRC-295", text, "c", "int");
  };
  EXPECT_EQ(WhereClause(Asked("a", ""), "", "c", refuse).error().code(), "SRC-295");
}

}  // namespace
}  // namespace leat::component
