#include "data/json_row.h"

#include <gtest/gtest.h>

#include <optional>

namespace leat::data {
namespace {

using Kind = JsonCell::Kind;

/// The values of a, b and "ä c" in a line as texts, "null" in angle brackets; nullopt: it is no object.
std::optional<std::vector<std::string>> Values(JsonRowScanner& scanner, std::string line) {
  const size_t size = line.size();
  line += '\n';
  line.append(JsonRowScanner::kSlack, '"');  // what stands behind the line must not matter
  JsonCell cells[3];
  if (!scanner.Scan(line.data(), size, cells)) return std::nullopt;
  std::vector<std::string> values;
  for (const JsonCell& cell : cells) {
    values.push_back(cell.kind == Kind::kAbsent ? "-" : cell.kind == Kind::kNull ? "<null>" : std::string(cell.view()));
  }
  return values;
}

std::optional<std::vector<std::string>> Values(const std::string& line) {
  JsonRowScanner scanner({"a", "b", "\xc3\xa4 c"});
  return Values(scanner, line);
}

using Row = std::vector<std::string>;

TEST(JsonRowScanner, ValuesAsTheyStand) {
  EXPECT_EQ(Values(R"({"a":1,"b":"x"})"), (Row{"1", "x", "-"}));
  EXPECT_EQ(Values(" \t{ \"b\" : -0.10e+5 , \"a\" : true }\t\r"), (Row{"true", "-0.10e+5", "-"}));
  EXPECT_EQ(Values(R"({"a":12345678901234567890.123456789012345678901,"b":false})"),
            (Row{"12345678901234567890.123456789012345678901", "false", "-"}));
  EXPECT_EQ(Values(R"({"a":null,"b":"null"})"), (Row{"<null>", "null", "-"}));
  EXPECT_EQ(Values("{}"), (Row{"-", "-", "-"}));
  EXPECT_EQ(Values(R"({"a":{"x":[1,{"y":"}"}]},"b":[ ]})"), (Row{R"({"x":[1,{"y":"}"}]})", "[ ]", "-"}));
  EXPECT_EQ(
      Values(R"({"a":"","b":"a long text, longer than one register of sixteen bytes, and one more: 0123456789"})"),
      (Row{"", "a long text, longer than one register of sixteen bytes, and one more: 0123456789", "-"}));
}

TEST(JsonRowScanner, Escapes) {
  EXPECT_EQ(Values(R"({"a":"say \"hi\"\\","b":"\u00e4\ud83d\ude00\n"})"),
            (Row{"say \"hi\"\\", "\xc3\xa4\xf0\x9f\x98\x80\n", "-"}));
  EXPECT_EQ(Values(R"({"\u0061":1,"\u00e4 c":2})"), (Row{"1", "-", "2"}));
  EXPECT_EQ(Values("{\"\xc3\xa4 c\":3}"), (Row{"-", "-", "3"}));
  EXPECT_EQ(Values(R"({"a":"\u0000"})"), (Row{std::string(1, '\0'), "-", "-"}));
}

TEST(JsonRowScanner, OfTwoMembersTheFirstCounts) {
  EXPECT_EQ(Values(R"({"a":1,"a":2,"b":null,"b":3})"), (Row{"1", "<null>", "-"}));
  EXPECT_EQ(Values(R"({"a":1,"\u0061":2})"), (Row{"1", "-", "-"}));
}

TEST(JsonRowScanner, WhatTheEngineTakesBesides) {
  EXPECT_EQ(Values(R"({"a":NaN,"b":-Infinity,})"), (Row{"NaN", "-Infinity", "-"}));
  EXPECT_EQ(Values(R"({"a":inf,"b":[1,nan,],"c":{"x":-INF,}})"), (Row{"inf", "[1,nan,]", "-"}));
}

TEST(JsonRowScanner, NoObjects) {
  for (const char* line : {"",
                           " ",
                           "x",
                           "1",
                           "null",
                           "[1]",
                           "\"a\"",
                           "{",
                           "}",
                           "{]",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{,}",
                           "{\"a\":,}",
                           "{\"a\":1,,}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":1}x",
                           "{\"a\":1} {\"b\":2}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":-}",
                           "{\"a\":1e}",
                           "{\"a\":1e+}",
                           "{\"a\":0x1}",
                           "{\"a\":1a}",
                           "{\"a\":True}",
                           "{\"a\":tru}",
                           "{\"a\":nul}",
                           "{\"a\":nullx}",
                           "{\"a\":\"x}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\",
                           "{\"a\":\"\\\"",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\\ud800\\u0041\"}",
                           "{\"a\":\"\\udc00\"}",
                           "{\"a\":\"\\u12g4\"}",
                           "{\"a\":\"tab\there\"}",
                           "{\"a\":\"\x01\"}",
                           "{\"a\":[}",
                           "{\"a\":[1 2]}",
                           "{\"a\":{\"x\"}}",
                           "{\"a\":[\"\\ud800\"]}",
                           "{\"a\":[\"\x02\"]}",
                           "{\"z\":\"\\ud800\"}",
                           "{\"\\ud800\":1}",
                           "{\"a\":[1,,]}",
                           "{\"a\":[,]}",
                           "{\"a\":infinit}",
                           "{\"a\":1}\x0c"})
    EXPECT_EQ(Values(line), std::nullopt) << line;
  EXPECT_EQ(Values(std::string("{\"a\":1}\0", 8)), std::nullopt);
  EXPECT_EQ(Values(std::string("{\"a\":\"\0\"}", 9)), std::nullopt);
  EXPECT_EQ(Values("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}"), std::nullopt) << "too deep";
}

TEST(JsonRowScanner, AnyOrderOfMembersAndUnknownOnes) {
  JsonRowScanner scanner({"a", "b", "\xc3\xa4 c"});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(Values(scanner, R"({"a":1,"x":7,"b":2})"), (Row{"1", "2", "-"}));
    EXPECT_EQ(Values(scanner, R"({"b":2,"a":1})"), (Row{"1", "2", "-"}));
    EXPECT_EQ(Values(scanner, R"({"b": 2})"), (Row{"-", "2", "-"}));
    EXPECT_EQ(Values(scanner, R"({"ab":5,"a" :1,"x":{"b":9}})"), (Row{"1", "-", "-"}));
    EXPECT_EQ(Values(scanner, "{\"a\""), std::nullopt) << "a name that is known, at the end of the line";
  }
}

TEST(JsonRowScanner, AMillionNamesAreNotKept) {
  JsonRowScanner scanner({"a", "b", "c"});
  for (int i = 0; i < 20'000; ++i)
    ASSERT_EQ(Values(scanner, "{\"n" + std::to_string(i) + "\":1,\"a\":" + std::to_string(i) + "}"),
              (Row{std::to_string(i), "-", "-"}));
}

TEST(JsonRowScanner, MembersThatNobodyExpects) {
  using Names = std::vector<std::string>;
  JsonRowScanner scanner({"a", "b", "c"}, {{"known"}}, 5);
  ASSERT_TRUE(Values(scanner, R"({"a":1,"known":2,"new":3,"A":4,"none":null})"));
  EXPECT_EQ(scanner.strangers(), (Names{"new", "A"}));
  ASSERT_TRUE(Values(scanner, R"({"a":1,"known":2})"));
  EXPECT_TRUE(scanner.strangers().empty());
  ASSERT_TRUE(Values(scanner, R"({"none":5,"\u006eew":6,"b":7,"one too many":8})"));
  EXPECT_EQ(scanner.strangers(),
            (Names{"none", "\\u006eew", "one too many"}));  // no room for their names: as they stand
  EXPECT_EQ(scanner.seen(), (Names{"a", "known", "new", "A", "none", "b"}));
  JsonRowScanner any({"a", "b", "c"});
  ASSERT_TRUE(Values(any, R"({"x":1})"));
  EXPECT_TRUE(any.strangers().empty());
}

}  // namespace
}  // namespace leat::data
