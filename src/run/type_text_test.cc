#include "run/type_text.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

TEST(ParseTypeText, NamesOfIcebergAndSqlAtAnyDepth) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"bigint", "long"},
      {" Decimal(18, 2) ", "decimal(18,2)"},
      {"double precision", "double"},
      {"int[]", "list<int>"},
      {"list<string>", "list<string>"},
      {"ARRAY<decimal(9,2)>", "list<decimal(9,2)>"},
      {"map<string, list<bigint>>", "map<string, list<long>>"},
      {"struct<street: string, zip: int not null>", "struct<street: string, zip: int>"},
      {"struct<a: struct<b: map<int, struct<c: date>>>, d: int[]>",
       "struct<a: struct<b: map<int, struct<c: date>>>, d: list<int>>"},
  };
  for (const auto& [text, name] : cases) {
    const auto type = ParseTypeText(text);
    ASSERT_TRUE(type.ok()) << text << ": " << type.error().message();
    EXPECT_EQ(data::TypeName(**type), name) << text;
  }
  EXPECT_TRUE((*ParseTypeText("struct<zip: int not null>"))->fields[0].required);
}

TEST(ParseTypeText, SaysWhatItDoesNotUnderstand) {
  for (const char* text : {"", "numbr", "list<int", "list<int, int>", "map<int>", "set<int>", "struct<int>", "struct<>",
                           "struct<a: nothing>", "decimal(40,2)"}) {
    const auto type = ParseTypeText(text);
    ASSERT_FALSE(type.ok()) << text;
    EXPECT_EQ(type.error().code(), "RUN-512") << text;
  }
}

}  // namespace
}  // namespace leat::run
