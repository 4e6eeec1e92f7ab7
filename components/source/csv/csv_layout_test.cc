#include "components/source/csv/csv_layout.h"

#include <gtest/gtest.h>

#include <fstream>

#include "test/support/temp_folder.h"

namespace leat::components::csv {
namespace {

using Names = std::vector<std::string>;

TEST(CsvLayout, HeaderOverRows) {
  LayoutRules rules;
  rules.header_rows = 2;
  rules.skip = 1;
  rules.comment = '#';
  const std::string text = "\xef\xbb\xbfTitle\n# c\nyear,2025,,x\r\n\n# c\n,sum,sum,\n1,2,3,4\n";
  const FileHead head = ReadHead(text, {}, rules);
  EXPECT_EQ(head.names, (Names{"year", "2025_sum", "sum", "x"}));
  EXPECT_EQ(text.substr(head.begin), "1,2,3,4\n");
  EXPECT_EQ(head.header_columns, 4U);
}

TEST(CsvLayout, NamesInsteadOfAHeader) {
  LayoutRules rules;
  rules.names = {"x", "y"};
  EXPECT_EQ(ReadHead("a,b\n1,2\n", {}, rules).names, rules.names);
  EXPECT_EQ(ReadHead("a,b\n1,2\n", {}, rules).begin, 4U);
  rules.header = false;
  EXPECT_EQ(ReadHead("1,2\n", {}, rules).names, rules.names);
  EXPECT_EQ(ReadHead("1,2\n", {}, rules).begin, 0U);
  rules.names.clear();
  EXPECT_EQ(ReadHead("1,2\n", {}, rules).names, (Names{"column1", "column2"}));
}

TEST(CsvLayout, EndOfRecords) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/a.csv";
  const std::string far =
      std::string(200'000, 'x') + "\n" + std::string(100'000, 'y');  // lines longer than what is read at once
  struct Case {
    std::string text;
    int footer;
    std::string records;
  };
  const std::vector<Case> cases = {
      {"1\n2\n3\n", 0, "1\n2\n3\n"},  {"1\n2\n3\n", 1, "1\n2\n"}, {"1\n2\n3", 1, "1\n2\n"},
      {"1\r\n2\r\n\r\n", 1, "1\r\n"}, {"1\r2\r3\r", 1, "1\r2\r"}, {"1\n2\n3\n", 2, "1\n"},
      {"1\n2\n3\n", 3, ""},           {"1\n2\n3\n", 9, ""},       {"\n\n", 1, ""},
      {"1\n\n3\n\n\n", 2, "1\n"},     {"1\n" + far, 2, "1\n"},    {"", 1, ""},
  };
  for (const Case& one : cases) {
    std::ofstream(path, std::ios::binary) << one.text;
    const auto end = EndOfRecords(path, "a.csv", static_cast<int64_t>(one.text.size()), one.footer);
    ASSERT_TRUE(end.ok());
    EXPECT_EQ(one.text.substr(0, static_cast<size_t>(*end)), one.records) << one.footer;
  }
  const auto missing = EndOfRecords(folder.path() + "/none.csv", "none.csv", 5, 1);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), "SRC-203");
}

}  // namespace
}  // namespace leat::components::csv
