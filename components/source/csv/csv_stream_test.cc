#include "components/source/csv/csv_stream.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <random>

#include "test/support/temp_folder.h"

namespace leat::components::csv {
namespace {

using Row = std::vector<
    std::optional<std::string>>;  ///< values, then the reason code of a refused row (or NULL), then the line

struct Answer {
  std::vector<Row> rows;
  int64_t read = 0;
};

std::optional<std::string> TextAt(const ArrowArray& column, int64_t row) {
  auto* validity = static_cast<const uint8_t*>(column.buffers[0]);
  if (validity != nullptr && (validity[row / 8] >> (row % 8) & 1) == 0) return std::nullopt;
  auto* offsets = static_cast<const int32_t*>(column.buffers[1]);
  auto* text = static_cast<const char*>(column.buffers[2]);
  return std::string(text + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row]));
}

/// Reads `text` as a file of `width` text columns, in pieces of `piece_bytes`, with `streams` streams in turn.
Answer Read(const std::string& text, size_t width, const CsvFile& how, size_t piece_bytes, size_t streams = 1) {
  test::TempFolder folder;
  CsvFile file = how;
  file.path = folder.path() + "/a.csv";
  file.origin = "a.csv";
  std::ofstream(file.path, std::ios::binary) << text;
  auto reading = std::make_shared<CsvReading>(std::vector<CsvFile>{file}, nullptr, piece_bytes);
  reading->layouts.resize(1);
  reading->layouts[0].width = width;
  for (size_t i = 0; i < width; ++i) {
    reading->columns.push_back({"c" + std::to_string(i), data::Primitive(data::TypeId::kString), ""});
    reading->layouts[0].place.push_back(static_cast<int>(i));
  }
  std::vector<std::unique_ptr<component::ArrowStream>> readers;
  for (size_t i = 0; i < streams; ++i) readers.push_back(std::move(CsvStream::Make(reading)).value());
  Answer answer;
  for (bool any = true; any;) {
    any = false;
    for (auto& reader : readers) {
      ArrowArray array{};
      ArrowSchema schema{};
      auto more = reader->Next(&array, &schema);
      EXPECT_TRUE(more.ok()) << more.error().message();
      if (!more.ok() || !*more) continue;
      any = true;
      for (int64_t row = 0; row < array.length; ++row) {
        Row& out = answer.rows.emplace_back();
        for (size_t i = 0; i < width; ++i) out.push_back(TextAt(*array.children[i], row));
        auto bad = TextAt(*array.children[width + 2], row);
        out.push_back(bad ? std::optional(component::SplitRefusedRow(*bad).reason_code) : std::nullopt);
        out.push_back(std::to_string(static_cast<const int64_t*>(array.children[width + 1]->buffers[1])[row]));
      }
      array.release(&array);
      schema.release(&schema);
    }
  }
  for (auto& reader : readers) answer.read += reader->rows_read();
  return answer;
}

TEST(CsvStream, Quotes) {
  Answer answer = Read("1,\"a,b\"\n2,\"say \"\"hi\"\"\"\r\n3,\"two\nlines\"\n4,5\" pipe\n", 2, {}, 1 << 20);
  ASSERT_EQ(answer.rows.size(), 4U);
  EXPECT_EQ(answer.rows[0], (Row{"1", "a,b", std::nullopt, "1"}));
  EXPECT_EQ(answer.rows[1], (Row{"2", "say \"hi\"", std::nullopt, "2"}));
  EXPECT_EQ(answer.rows[2], (Row{"3", "two\nlines", std::nullopt, "3"}));
  EXPECT_EQ(answer.rows[3], (Row{"4", "5\" pipe", std::nullopt, "5"}));
}

TEST(CsvStream, RefusedRowsKeepTheOthers) {
  Answer answer = Read("1\n2,a,b\n\n3,\"x\"y\n4,d\n5,\"open\n6,f\n7,\xff\n8,h", 2, {}, 1 << 20);
  std::vector<std::string> codes;
  for (const Row& row : answer.rows) codes.push_back(row[3 - 1].value_or("good") + "@" + *row[3]);
  EXPECT_EQ(codes, (std::vector<std::string>{"csv.missing_columns@1", "csv.too_many_columns@2", "csv.unquoted_value@4",
                                             "good@5", "csv.unterminated_quote@6", "good@7", "csv.invalid_encoding@8",
                                             "good@9"}));
  EXPECT_EQ(answer.read, 8);
}

TEST(CsvStream, BytesInLongQuotedValuesAreLookedAt) {
  std::string many(300, 'x');
  Answer answer = Read("1,\"" + many + "\xff" + many + "\"\n2,\"" + many + "ü" + many + "\"\n", 2, {}, 1 << 20);
  ASSERT_EQ(answer.rows.size(), 2U);
  EXPECT_EQ(answer.rows[0][2], "csv.invalid_encoding");
  EXPECT_EQ(answer.rows[1][2], std::nullopt);
}

TEST(CsvStream, CommentsBackslashesAndOldLineEnds) {
  CsvFile how;
  how.comment = '#';
  how.dialect.escape = '\\';
  how.dialect.delimiter = ';';
  Answer answer = Read("# a \"comment;\n1;\"a\\\"b\"\n#\n2;\"c\\\\\"\n", 2, how, 1 << 20);
  ASSERT_EQ(answer.rows.size(), 2U);
  EXPECT_EQ(answer.rows[0], (Row{"1", "a\"b", std::nullopt, "2"}));
  EXPECT_EQ(answer.rows[1], (Row{"2", "c\\", std::nullopt, "4"}));
  CsvFile old;
  old.line_end = '\r';
  answer = Read("1,a\r2,b\r", 2, old, 1 << 20);
  ASSERT_EQ(answer.rows.size(), 2U);
  EXPECT_EQ(answer.rows[1], (Row{"2", "b", std::nullopt, "2"}));
}

/// Where the pieces are cut and how many streams read them changes nothing: the invariant that parallel reading rests on.
TEST(CsvStreamProperty, PiecesDoNotMatter) {
  std::mt19937 random(20261121);
  const std::vector<std::string> parts{
      "a",     "bc",
      "\"",    "\"\"",
      ",",     ",",
      "\n",    "\r\n",
      " ",     "é",
      "\"x\"", "\"y,\nz\"",
      "#",     "0123456789012345678901234567890123456789012345678901234567890123456789"};
  for (int round = 0; round < 120; ++round) {
    std::string text;
    size_t length = 1 + random() % 300;
    for (size_t i = 0; i < length; ++i) text += parts[random() % parts.size()];
    CsvFile how;
    if (round % 3 == 0) how.comment = '#';
    Answer whole = Read(text, 3, how, 1 << 20);
    std::sort(whole.rows.begin(), whole.rows.end());
    for (size_t piece : {16, 61, 64, 128, 200}) {
      for (size_t streams : {1, 3}) {
        Answer cut = Read(text, 3, how, piece, streams);
        std::sort(cut.rows.begin(), cut.rows.end());
        ASSERT_EQ(cut.rows, whole.rows) << "piece " << piece << " of:\n" << text;
        ASSERT_EQ(cut.read, whole.read);
      }
    }
  }
}

/// Good records read as NextRecord reads them, which shares no code with the stream.
TEST(CsvStreamProperty, AsTheReference) {
  std::mt19937 random(7);
  const std::vector<std::string> values{"",         "a",          "12.5",  "\"q\"", "\"a,b\"",
                                        "\"l\nm\"", "\"d\"\"d\"", "5\" x", "ü",     "  "};
  for (int round = 0; round < 150; ++round) {
    std::string text;
    for (size_t i = 0, rows = random() % 40; i < rows; ++i) {
      text += values[1 + random() % (values.size() - 1)] + "," + values[random() % values.size()] + "," +
              values[random() % values.size()] + (random() % 2 == 0 ? "\n" : "\r\n");
    }
    std::vector<Row> expected;
    std::vector<std::string> fields;
    for (size_t at = 0; NextRecord(text, {}, at, fields);) {
      Row& row = expected.emplace_back();
      for (const std::string& field : fields) row.push_back(field.empty() ? std::nullopt : std::optional(field));
    }
    Answer answer = Read(text, 3, {}, 64, 2);
    std::sort(answer.rows.begin(), answer.rows.end(),
              [](const Row& a, const Row& b) { return std::stoll(*a[4]) < std::stoll(*b[4]); });
    for (Row& row : answer.rows) row.resize(3);
    ASSERT_EQ(answer.rows, expected) << text;
  }
}

TEST(CsvStructure, ScannerAgreesWithALoop) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text(random() % 400, ' ');
    for (char& c : text) c = ",\"\nabc\xc3"[random() % 7];
    size_t size = text.size();
    text.resize(size + StructureScanner::kSlack, ',');
    StructureScanner scanner(text.data(), size, ',', '"', '\n');
    for (size_t at = 0; at < size; ++at) {
      if (random() % 50 == 0) scanner.SkipTo(at);
      if (text[at] == ',' || text[at] == '"' || text[at] == '\n') {
        ASSERT_EQ(scanner.Next(), at);
      }
    }
    ASSERT_EQ(scanner.Next(), size);
  }
}

}  // namespace
}  // namespace leat::components::csv
