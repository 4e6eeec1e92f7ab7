#include "app/rows_text.h"

#include <gtest/gtest.h>

#include "app/console.h"
#include "app/json_text.h"

namespace leat::app {
namespace {

const std::vector<sql::Column> kColumns = {
    {"id", "BIGINT"}, {"note", "VARCHAR"}, {"price", "DECIMAL(9,2)"}, {"ok", "BOOLEAN"}, {"x", "DOUBLE"}};

sql::TextRows Sample() {
  sql::TextRows rows;
  rows.columns = kColumns;
  rows.rows = {{"1", "a,\"b\"\nc|", "1.50", "true", "nan"}, {std::nullopt, "", std::nullopt, std::nullopt, "1e+300"}};
  return rows;
}

std::string Written(RowsForm form, const sql::TextRows& rows) {
  RowsWriter writer({form, false, 0, 0}, rows.columns);
  const std::string text = writer.Add(rows);
  return text + writer.End();
}

TEST(RowsText, CsvTellsNullAndEmptyApart) {
  EXPECT_EQ(Written(RowsForm::kCsv, Sample()),
            "id,note,price,ok,x\n1,\"a,\"\"b\"\"\nc|\",1.50,true,nan\n,\"\",,,1e+300\n");
}

TEST(RowsText, JsonKeepsDigitsAndQuotesWhatIsNoNumber) {
  EXPECT_EQ(Written(RowsForm::kJson, Sample()),
            "[\n{\"id\": 1, \"note\": \"a,\\\"b\\\"\\nc|\", \"price\": 1.50, \"ok\": true, \"x\": \"nan\"},\n"
            "{\"id\": null, \"note\": \"\", \"price\": null, \"ok\": null, \"x\": 1e+300}\n]\n");
}

TEST(RowsText, MarkdownEscapes) {
  EXPECT_EQ(
      Written(RowsForm::kMarkdown, Sample()),
      "| id | note | price | ok | x |\n| --- | --- | --- | --- | --- |\n| 1 | a,\"b\"<br>c\\| | 1.50 | true | nan |\n"
      "| NULL |  | NULL | NULL | 1e+300 |\n");
}

TEST(RowsText, NoRowsStillHaveAHeader) {
  sql::TextRows none;
  none.columns = {{"a", "BIGINT"}};
  EXPECT_EQ(Written(RowsForm::kCsv, none), "a\n");
  EXPECT_EQ(Written(RowsForm::kJson, none), "[]\n");
  EXPECT_EQ(Written(RowsForm::kTable, none), "a\n");
  RowsWriter never({RowsForm::kJson, false, 0, 0}, none.columns);
  EXPECT_EQ(never.End(), "[]\n");
}

TEST(RowsText, TablesAlignAndSayWhatTheyLeaveOut) {
  sql::TextRows rows;
  rows.columns = {{"n", "BIGINT"}, {"name", "VARCHAR"}};
  rows.rows = {{"5", "日本"}, {"1234", "x\ty"}, {"7", "z"}};
  RowsWriter writer({RowsForm::kTable, false, 0, 2}, rows.columns);
  EXPECT_EQ(writer.Add(rows), "");
  EXPECT_EQ(writer.End(), "   n  name\n   5  日本\n1234  x\\ty\n… 1 more rows\n");
  EXPECT_EQ(writer.rows(), 3);
}

TEST(Console, Numbers) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(-1234567), "-1,234,567");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Size(1023), "1023 B");
  EXPECT_EQ(Size(1536), "1.5 KiB");
  EXPECT_EQ(Duration(0.5), "0.50 s");
  EXPECT_EQ(Duration(75), "1 min 15 s");
  EXPECT_EQ(Duration(3700), "1 h 1 min");
}

TEST(Console, WidthsCountColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("é"), 1U);
  EXPECT_EQ(DisplayWidth("日本"), 4U);
  EXPECT_EQ(FitWidth("abcdef", 4), "abc…");
  EXPECT_EQ(FitWidth("日本語", 4), "日…");
  EXPECT_EQ(FitWidth("ab", 2), "ab");
}

TEST(JsonText, ReplacesWhatIsNotUtf8) {
  const struct {
    std::string text, json;
  } cases[] = {
      {"a\"\\\n\x01", "\"a\\\"\\\\\\n\\u0001\""},
      {"é日", "\"é日\""},
      {"\xff", "\"\xEF\xBF\xBD\""},
      {"\xc0\xaf", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                  // overlong
      {"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},  // surrogate
      {"\xe6\x97", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                  // cut
  };
  for (const auto& c : cases) EXPECT_EQ(JsonString(c.text), c.json);
}

}  // namespace
}  // namespace leat::app
