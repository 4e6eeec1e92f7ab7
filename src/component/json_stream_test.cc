#include "component/json_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <random>

#include "test/support/temp_folder.h"

namespace leat::component {
namespace {

using Row = std::vector<std::optional<std::string>>;  ///< number, text and list, reason code, payload, line

struct Answer {
  std::vector<Row> rows;
  int64_t read = 0;
};

bool IsNull(const ArrowArray& column, int64_t row) {
  auto* validity = static_cast<const uint8_t*>(column.buffers[0]);
  return validity != nullptr && (validity[row / 8] >> (row % 8) & 1) == 0;
}

std::optional<std::string> TextAt(const ArrowArray& column, int64_t row) {
  if (IsNull(column, row)) return std::nullopt;
  auto* offsets = static_cast<const int32_t*>(column.buffers[1]);
  auto* text = static_cast<const char*>(column.buffers[2]);
  return std::string(text + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row]));
}

std::optional<std::string> NumberAt(const ArrowArray& column, int64_t row) {
  if (IsNull(column, row)) return std::nullopt;
  return std::to_string(static_cast<const int64_t*>(column.buffers[1])[row]);
}

/// Reads `text` as a file of the members n (BIGINT), t (text) and, if wanted, l (a list), with `count` streams in turn.
Answer Read(const std::string& text, bool list = false, size_t piece_bytes = 1 << 20, size_t count = 1) {
  test::TempFolder folder;
  TextFile file;
  file.path = folder.path() + "/a.jsonl";
  file.origin = "a.jsonl";
  std::ofstream(file.path, std::ios::binary) << text;
  auto reading = std::make_shared<JsonReading>(std::vector<TextFile>{file}, nullptr, piece_bytes);
  reading->columns = {{"n", data::Primitive(data::TypeId::kLong), ""},
                      {"t", data::Primitive(data::TypeId::kString), ""}};
  reading->rules.reason = "bad";
  if (list) reading->columns.push_back({"l", data::List({0, "element", data::Primitive(data::TypeId::kLong)}), ""});
  const size_t width = reading->columns.size();
  std::vector<std::unique_ptr<ArrowStream>> streams;
  for (size_t i = 0; i < count; ++i) streams.push_back(std::move(JsonStream::Make(reading)).value());
  Answer answer;
  for (bool any = true; any;) {
    any = false;
    for (auto& stream : streams) {
      ArrowArray array{};
      ArrowSchema schema{};
      auto more = stream->Next(&array, &schema);
      EXPECT_TRUE(more.ok()) << more.error().message();
      if (!more.ok() || !*more) continue;
      any = true;
      for (int64_t row = 0; row < array.length; ++row) {
        const auto bad = TextAt(*array.children[width + 2], row);
        answer.rows.push_back({NumberAt(*array.children[0], row), TextAt(*array.children[1], row),
                               list ? TextAt(*array.children[2], row) : std::nullopt,
                               bad ? std::optional(SplitRefusedRow(*bad).reason_code) : std::nullopt,
                               TextAt(*array.children[width + 3], row), NumberAt(*array.children[width + 1], row)});
      }
      array.release(&array);
      schema.release(&schema);
    }
  }
  for (auto& stream : streams) answer.read += stream->rows_read();
  return answer;
}

constexpr std::nullopt_t kNull = std::nullopt;

TEST(JsonStream, GoodAndBadLines) {
  const Answer answer =
      Read("\xef\xbb\xbf{\"n\":1,\"t\":\"x\"}\r\n\n{\"n\":\"one\"}\r\n[1]\n{\"t\":\"J\xf6rg\"}\n{\"t\":{\"a\": 1}}");
  ASSERT_EQ(answer.rows.size(), 6U);
  EXPECT_EQ(answer.rows[0], (Row{"1", "x", kNull, kNull, kNull, "1"}));
  EXPECT_EQ(answer.rows[1], (Row{kNull, kNull, kNull, "blank_line", "", "2"}));
  EXPECT_EQ(answer.rows[2], (Row{kNull, kNull, kNull, "cast", "{\"n\":\"one\"}", "3"}));
  EXPECT_EQ(answer.rows[3], (Row{kNull, kNull, kNull, "bad", "[1]", "4"}));
  EXPECT_EQ(answer.rows[4], (Row{kNull, kNull, kNull, "bad", "{\"t\":\"J\xef\xbf\xbdrg\"}", "5"}));
  EXPECT_EQ(answer.rows[5], (Row{kNull, "{\"a\": 1}", kNull, kNull, kNull, "6"}));
  EXPECT_EQ(answer.read, 6);
}

TEST(JsonStream, WhatTheEngineCastsComesAsTextWithItsLine) {
  const Answer answer = Read("{\"l\":[1, 2]}\r\n{\"l\":\"[3]\"}\n{\"l\":\"[x]\"}\n{\"n\":7}\n", true);
  ASSERT_EQ(answer.rows.size(), 4U);
  EXPECT_EQ(answer.rows[0], (Row{kNull, kNull, "[1, 2]", kNull, "{\"l\":[1, 2]}", "1"}));
  EXPECT_EQ(answer.rows[1], (Row{kNull, kNull, "[3]", kNull, "{\"l\":\"[3]\"}", "2"}));
  EXPECT_EQ(answer.rows[2], (Row{kNull, kNull, kNull, "cast", "{\"l\":\"[x]\"}", "3"}));
  EXPECT_EQ(answer.rows[3], (Row{"7", kNull, kNull, kNull, "{\"n\":7}", "4"}));
}

TEST(JsonStream, RefusalsOfAReaderBefore) {
  test::TempFolder folder;
  const std::string path = folder.path() + "/a.jsonl";
  std::ofstream(path) << "{\"n\":\"\",\"t\":\"\"}\n[\"odd\",\"n\",\"a \\\"word\\\"\",{\"n\":\"7\"}]\n[\"odd\",7]\n";
  auto reading = std::make_shared<JsonReading>(std::vector<TextFile>{{path, "a.xml"}}, nullptr);
  reading->columns = {{"n", data::Primitive(data::TypeId::kLong), ""},
                      {"t", data::Primitive(data::TypeId::kString), ""}};
  reading->rules = {"bad", true, true};
  auto stream = std::move(JsonStream::Make(reading)).value();
  ArrowArray array{};
  ArrowSchema schema{};
  for (int i = 0; i < 2; ++i) {
    if (i > 0) array.release(&array), schema.release(&schema);
    ASSERT_TRUE(stream->Next(&array, &schema).ok());
  }
  ASSERT_EQ(array.length, 3);
  const auto bad = [&](int64_t row) { return SplitRefusedRow(TextAt(*array.children[4], row).value_or("")); };
  EXPECT_EQ(NumberAt(*array.children[0], 0), kNull);
  EXPECT_EQ(TextAt(*array.children[1], 0), "");
  EXPECT_EQ(TextAt(*array.children[4], 0), kNull);
  EXPECT_EQ(bad(1).reason_code + "/" + bad(1).column + "/" + bad(1).message, "odd/n/a \"word\"");
  EXPECT_EQ(TextAt(*array.children[5], 1), "{\"n\":\"7\"}");
  EXPECT_EQ(bad(2).reason_code, "bad");
  array.release(&array);
  schema.release(&schema);
}

TEST(JsonStream, PiecesAndThreadsDoNotMatter) {
  std::mt19937 random(7);
  const char* const lines[] = {"{\"n\":%,\"t\":\"a\"}",
                               "{\"t\":\"\\u00e4 %\",\"n\":%}\r",
                               "",
                               "{\"x\":[1,{\"n\":2}],\"n\":%}",
                               "broken %",
                               "{\"n\":\"%x\"}",
                               "{\"t\":\"\xc3\xa4%\"}"};
  for (int round = 0; round < 40; ++round) {
    std::string text = round % 2 == 0 ? "" : "\xef\xbb\xbf";
    const size_t count = random() % 60;
    for (size_t i = 0; i < count; ++i) {
      for (const char c : std::string(lines[random() % 7])) text += c == '%' ? std::to_string(i) : std::string(1, c);
      text += '\n';
    }
    if (random() % 2 == 0 && text.ends_with('\n')) text.pop_back();
    const Answer whole = Read(text);
    Answer pieces = Read(text, false, 1 + random() % 200, 1 + random() % 3);
    EXPECT_EQ(pieces.read, whole.read);
    std::stable_sort(pieces.rows.begin(), pieces.rows.end(),
                     [](const Row& a, const Row& b) { return std::stoi(*a[5]) < std::stoi(*b[5]); });
    EXPECT_EQ(pieces.rows, whole.rows) << text;
  }
}

TEST(JsonStream, ManyRowsInManyBatches) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "{\"n\":" + std::to_string(i) + "}\n";
  const Answer answer = Read(text);
  ASSERT_EQ(answer.rows.size(), 10'000U);
  for (size_t i = 0; i < answer.rows.size(); ++i) ASSERT_EQ(answer.rows[i][0], std::to_string(i));
}

TEST(JsonStream, AFileThatIsGone) {
  auto reading = std::make_shared<JsonReading>(std::vector<TextFile>{{"/no/such/file.jsonl", "a.jsonl"}}, nullptr);
  reading->columns = {{"n", data::Primitive(data::TypeId::kLong), ""}};
  auto stream = std::move(JsonStream::Make(reading)).value();
  ArrowArray array{};
  ArrowSchema schema{};
  ASSERT_TRUE(stream->Next(&array, &schema).ok());
  array.release(&array);
  schema.release(&schema);
  const auto more = stream->Next(&array, &schema);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), "SRC-203");
}

}  // namespace
}  // namespace leat::component
