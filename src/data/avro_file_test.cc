#include "data/avro_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace leat::data {
namespace {

constexpr const char* kSchema = R"({"type":"record","name":"n.r","fields":[
  {"name":"id","type":"long"},{"name":"name","type":["null","string"],"aliases":["label"]},
  {"name":"tags","type":{"type":"array","items":"string"}},
  {"name":"more","type":{"type":"map","values":["null","double",{"type":"enum","name":"e","symbols":["a","b"]}]}},
  {"name":"next","type":["null","r"]},
  {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
  {"name":"raw","type":{"type":"fixed","name":"f","size":3}},{"name":"yes","type":"boolean"}]})";

void Row(AvroEncoder& out, int64_t id, bool last = true) {
  out.Long(id);
  out.Long(1);
  out.Bytes("name " + std::to_string(id));
  out.Long(2);
  out.Bytes("x");
  out.Bytes("");
  out.Long(0);
  out.Long(1);
  out.Bytes("key");
  out.Long(2);
  out.Long(1);
  out.Long(0);
  out.Long(last ? 0 : 1);
  if (!last) Row(out, id + 1);
  out.Bytes(std::string_view("\x01\x2c", 2));
  out.Raw("abc");
  out.Bool(true);
}

/// A file with blocks of rows as they are given: (rows, bytes).
std::string FileOf(std::string_view schema, const std::vector<std::pair<int64_t, std::string>>& blocks,
                   std::string_view codec = "null") {
  AvroEncoder out;
  out.Raw(std::string_view("Obj\1", 4));
  out.Long(2);
  for (const std::string_view part : {std::string_view("avro.schema"), schema, std::string_view("avro.codec"), codec})
    out.Bytes(part);
  out.Long(0);
  out.Raw("0123456789abcdef");
  for (const auto& [rows, bytes] : blocks) {
    out.Long(rows);
    out.Bytes(bytes);
    out.Raw("0123456789abcdef");
  }
  return out.bytes();
}

std::string Sample() {
  AvroEncoder rows;
  for (int i = 0; i < 40; ++i) Row(rows, i, i % 3 != 0);
  return WriteAvroFile(kSchema, {{"who", "test"}}, 40, rows.bytes());
}

TEST(AvroFile, ReadsWhatWasWritten) {
  const auto file = ReadAvroFile(Sample());
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_EQ(file->metadata.at("who"), "test");
  ASSERT_EQ(file->rows.size(), 40U);
  const AvroValue& row = file->rows[3];
  EXPECT_EQ(row.items[0].number, 3);
  EXPECT_EQ(row.items[1].bytes, "name 3");
  EXPECT_EQ(row.items[2].items.size(), 2U);
  EXPECT_EQ(row.items[3].items[1].number, 1);
  EXPECT_EQ(row.items[4].items[0].number, 4);  // a record of the same schema
  const AvroSchema& schema = *file->schema;
  EXPECT_EQ(schema.name, "n.r");
  EXPECT_EQ(schema.fields[1].aliases, std::vector<std::string>{"label"});
  EXPECT_EQ(schema.fields[4].schema->branches[1]->kind, AvroKind::kLink);
  EXPECT_EQ(schema.fields[5].schema->logical, AvroLogical::kDecimal);
  EXPECT_EQ(schema.fields[6].schema->name, "n.f");
  EXPECT_EQ(schema.least_bytes(), 10U);  // one byte each, three of "raw"
}

TEST(AvroFile, SaysWhichBlockAndByteIsWrong) {
  const std::string schema = R"({"type":"record","name":"r","fields":[{"name":"a","type":"long"}]})";
  struct Case {
    std::string bytes;
    const char* words;
  };
  std::string cut = FileOf(schema, {{1, "\2"}, {1, "\4"}});
  const std::string header = FileOf(schema, {});
  const std::string second = " 2 at byte " + std::to_string(header.size() + 19);
  std::string mark = cut;
  mark.back() = 'X';
  const std::string huge = header + std::string("\2\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
  const std::vector<Case> cases = {
      {cut.substr(0, cut.size() - 1), second.c_str()},
      {cut.substr(0, cut.size() - 18), second.c_str()},
      {mark, "is not the one of the file"},
      {"", "Avro's mark"},
      {"Obj\2", "Avro's mark"},
      {header.substr(0, 30), "header is cut off"},
      {FileOf("{", {}), "not JSON"},
      {FileOf(R"({"type":"record","name":"r","fields":[{"name":"a","type":"lung"}]})", {}), "'lung'"},
      {FileOf(R"({"type":"fixed","name":"r","size":-1})", {}), "size that cannot be"},
      {FileOf(schema, {{2, "\2"}}), "to have 2 rows, in 1 bytes"},
      {FileOf(schema, {{1, "\2\2"}}), "more bytes behind"},
      {FileOf(schema, {{-1, "\2"}}), "-1 rows"},
      {FileOf(schema, {{1, "\xff"}}), "cut off"},
      {FileOf(schema, {{1, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"}}), "longer than 64 bits"},
      {huge, "are left of the file"},
      {FileOf(R"("null")", {{int64_t{1} << 60, ""}}), "1152921504606846976 rows"},
      {FileOf(R"({"type":"array","items":"null"})", {{1, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"}}), "more items"},
      {FileOf(R"({"type":"array","items":"long"})", {{1, "\xfe\xff\xff\x01"}}), "more items"},
      {FileOf(R"("string")", {{1, "\1"}}), "negative"},
      {FileOf(R"("string")", {{1, "\x20q"}}), "beyond the end"},
      {FileOf(R"("boolean")", {{1, "\2"}}), "neither 0 nor 1"},
      {FileOf(R"("int")", {{1, "\xff\xff\xff\xff\x7f"}}), "32 bits"},
      {FileOf(R"(["null","int"])", {{1, "\4"}}), "no such branch"},
      {FileOf(R"({"type":"record","name":"r","fields":[{"name":"n","type":"r"}]})", {{1, ""}}), "too deeply"},
      {FileOf(schema, {{1, "\2"}}, "deflate"), "unpack as deflate"},
  };
  for (const Case& one : cases) {
    const auto read = ReadAvroFile(one.bytes);
    ASSERT_FALSE(read.ok()) << one.words;
    EXPECT_EQ(read.error().code(), "DATA-106") << one.words;
    EXPECT_NE(read.error().message().find(one.words), std::string::npos) << read.error().message();
  }
  const auto codec = ReadAvroFile(FileOf(schema, {}, "lz4"));
  EXPECT_EQ(codec.error().code(), "DATA-107");
  EXPECT_NE(codec.error().message().find("lz4"), std::string::npos);
}

TEST(AvroFile, SchemasThatGrowWithoutEndAreRefused) {
  // Each type holds the one before twice: rows of no bytes with 2^40 parts.
  std::string schema = R"({"type":"record","name":"r0","fields":[]})";
  for (int i = 1; i <= 40; ++i)
    schema = fmt::format(
        R"({{"type":"record","name":"r{}","fields":[{{"name":"a","type":{}}},{{"name":"b","type":"r{}"}}]}})", i,
        schema, i - 1);
  const auto wide = ReadAvroFile(FileOf(schema, {{1, ""}}));
  ASSERT_FALSE(wide.ok());
  EXPECT_NE(wide.error().message().find("too large"), std::string::npos) << wide.error().message();
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"type":"array","items":)";
  deep.append(R"("int")").append(100'000, '}');
  const auto nested = ReadAvroFile(FileOf(deep, {}));
  ASSERT_FALSE(nested.ok());
  EXPECT_NE(nested.error().message().find("too deeply"), std::string::npos) << nested.error().message();
}

// Cut and flipped bytes: an error or other values, never a crash and never more memory than the file gives reason for.
TEST(AvroFile, NoBytesMakeItCrash) {
  AvroEncoder rows;
  for (int i = 0; i < 12; ++i) Row(rows, i, i % 3 != 0);
  for (const std::string& sound : {Sample(), FileOf(kSchema, {{12, rows.bytes()}, {12, rows.bytes()}})}) {
    ASSERT_TRUE(ReadAvroFile(sound).ok());
    for (size_t size = 0; size < sound.size(); ++size) {
      const auto read = ReadAvroFile(std::string_view(sound).substr(0, size));
      if (read.ok()) {
        EXPECT_EQ(read->rows.size() % 12, 0U) << size;  // cut between blocks
      }
    }
    std::mt19937 random(5);
    for (int i = 0; i < 20'000; ++i) {
      std::string broken = sound;
      for (int flips = 1 + i % 3; flips > 0; --flips) {
        char& byte = broken[random() % broken.size()];
        byte = i % 2 == 0 ? static_cast<char>(byte ^ (1 << (random() % 8))) : static_cast<char>(random());
      }
      const auto read = ReadAvroFile(broken);
      if (!read.ok()) {
        EXPECT_TRUE(read.error().code() == "DATA-106" || read.error().code() == "DATA-107") << read.error().ToString();
      }
    }
  }
}

}  // namespace
}  // namespace leat::data
