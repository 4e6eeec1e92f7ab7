#include "components/source/csv/csv_dialect.h"

#include <gtest/gtest.h>

namespace leat::components::csv {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records ReadAll(std::string_view text, Dialect dialect = {}) {
  Records records;
  std::vector<std::string> fields;
  size_t at = 0;
  while (NextRecord(text, dialect, at, fields)) records.push_back(fields);
  return records;
}

TEST(NextRecord, Cases) {
  struct Case {
    std::string_view text;
    Dialect dialect;
    Records expected;
  };
  const std::vector<Case> cases = {
      {"", {}, {}},
      {"a,b\n1,2\n", {}, {{"a", "b"}, {"1", "2"}}},
      {"a,b\r\n1,", {}, {{"a", "b"}, {"1", ""}}},
      {"\"a,\"\"x\",b\n", {}, {{"a,\"x", "b"}}},
      {"\"line\nbreak\",2\n3,4", {}, {{"line\nbreak", "2"}, {"3", "4"}}},
      {"a\"b,c\n", {}, {{"a\"b", "c"}}},
      {"'it\\'s';2\n", {';', '\'', '\\'}, {{"it's", "2"}}},
      {"a|\"b\n", {'|', 0, 0}, {{"a", "\"b"}}},
  };
  for (const Case& c : cases) EXPECT_EQ(ReadAll(c.text, c.dialect), c.expected) << c.text;
}

TEST(DetectDelimiter, Cases) {
  const std::vector<std::pair<std::string_view, char>> cases = {
      {"a,b\n1,2\n", ','},
      {"a;b\n1,5;2\n3,5;4\n", ';'},
      {"a\tb\tc\n1\t2\t3\n", '\t'},
      {"a|b\n\"x|y\"|2\n", '|'},
      {"only\none\ncolumn\n", ','},
      {"name;note, long\nx;a, b, c\ny;d\n", ';'},
      {"a,b,c\n1,2\n1,2,3\n1,2,3,4\n", ','},
      {"", ','},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(DetectDelimiter(text, '"', '"'), expected) << text;
}

TEST(HasQuotedLineEnd, OnlyInsideQuotes) {
  EXPECT_FALSE(HasQuotedLineEnd("a,b\n\"c\",d\n", {}));
  EXPECT_TRUE(HasQuotedLineEnd("a,b\n\"c\nd\",e\n", {}));
}

TEST(SkipLines, StopsAtTheEnd) {
  EXPECT_EQ(SkipLines("a\nb\nc", 0), 0u);
  EXPECT_EQ(SkipLines("a\nb\nc", 2), 4u);
  EXPECT_EQ(SkipLines("a\nb", 5), 3u);
}

}  // namespace
}  // namespace leat::components::csv
