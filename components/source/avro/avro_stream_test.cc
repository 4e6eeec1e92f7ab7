#include "components/source/avro/avro_stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "components/source/avro/avro_type.h"
#include "data/type_join.h"

namespace leat::components::avro {
namespace {

using data::AvroEncoder;
using data::TypeId;
using data::TypeName;

std::string LakeName(const std::string& schema) {
  auto parsed = data::ParseAvroSchema(schema);
  return parsed.ok() ? TypeName(*LakeType(**parsed)) : parsed.error().message();
}

std::string Joined(const std::string& a, const std::string& b, bool by_value = true) {
  const auto one = data::ParseAvroSchema(a), other = data::ParseAvroSchema(b);
  const data::TypePtr type = data::JoinTypes(LakeType(**one), LakeType(**other), by_value);
  return type == nullptr ? "none" : TypeName(*type);
}

std::string DecimalSchema(int precision, int scale) {
  return R"({"type":"bytes","logicalType":"decimal","precision":)" + std::to_string(precision) + R"(,"scale":)" +
         std::to_string(scale) + "}";
}

TEST(AvroType, UnionsAreOneTypeOrText) {
  EXPECT_EQ(LakeName(R"(["null","int"])"), "int");
  EXPECT_EQ(LakeName(R"(["int","null","long"])"), "long");
  EXPECT_EQ(LakeName(R"(["float","int"])"), "double");
  EXPECT_EQ(LakeName(R"(["null"])"), "string");
  for (const char* tagged :
       {R"(["long","double"])", R"(["string","bytes"])", R"([{"type":"array","items":"int"},"int"])",
        R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])"}) {
    EXPECT_EQ(LakeName(tagged), "string") << tagged;
    EXPECT_TRUE(IsTagged(**data::ParseAvroSchema(tagged))) << tagged;
  }
  EXPECT_FALSE(IsTagged(**data::ParseAvroSchema(R"([{"type":"enum","name":"e","symbols":["a"]},"string"])")));
  EXPECT_FALSE(IsTagged(**data::ParseAvroSchema(R"(["null",{"type":"array","items":"int"}])")));
}

TEST(AvroType, RecordsThatTheEngineHasNoStructForAreText) {
  const auto record = [](const std::string& fields) {
    return R"({"type":"record","name":"r","fields":[)" + fields + "]}";
  };
  EXPECT_EQ(LakeName(record("")), "string");
  EXPECT_EQ(LakeName(record(R"({"name":"a","type":"int"},{"name":"A","type":"int"})")), "string");
  EXPECT_EQ(LakeName(record(R"({"name":"a","type":["null","r"]})")), "string");
  EXPECT_EQ(LakeName(record(R"({"name":"a","type":"bytes"})")).substr(0, 6), "struct");
}

TEST(AvroType, JoinsWhatHoldsBoth) {
  EXPECT_EQ(Joined(R"("int")", R"("long")"), "long");
  EXPECT_EQ(Joined(R"("int")", R"("float")"), "double");
  EXPECT_EQ(Joined(R"("float")", R"("double")"), "double");
  EXPECT_EQ(Joined(R"("long")", R"("double")"), "double");
  EXPECT_EQ(Joined(R"("long")", R"("double")", false), "none");
  EXPECT_EQ(Joined(R"("long")", R"("string")"), "none");
  EXPECT_EQ(Joined(DecimalSchema(9, 2), DecimalSchema(12, 4)), "decimal(12,4)");
  EXPECT_EQ(Joined(DecimalSchema(38, 0), DecimalSchema(2, 2)), "none");
  EXPECT_EQ(Joined(R"({"type":"map","values":"int"})", R"({"type":"map","values":"long"})"),
            LakeName(R"({"type":"map","values":"long"})"));
}

struct Outcome {
  int64_t rows = 0;
  std::string error;  ///< its code
  std::string message;
};

void Release(ArrowArray& array, ArrowSchema& schema) {
  if (array.release != nullptr) array.release(&array);
  if (schema.release != nullptr) schema.release(&schema);
}

class AvroStreamTest : public testing::Test {
 protected:
  void SetUp() override { path_ = testing::TempDir() + "/avro_stream_" + std::to_string(getpid()) + ".avro"; }
  void TearDown() override { std::filesystem::remove(path_); }

  Outcome Read(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    component::InputFile file;
    file.path = path_;
    file.origin = "in/a.avro";
    file.size_bytes = static_cast<int64_t>(bytes.size());
    auto input = OpenInput("t", file, {});
    if (!input.ok()) return {0, input.error().code(), input.error().message()};
    std::vector<component::SourceColumn> columns;
    for (size_t i = 0; i < (*input)->fields.size(); ++i)
      columns.push_back({(*input)->names[i], LakeType(*(*input)->fields[i].schema), ""});
    auto stream = AvroStream::Make(
        std::make_shared<AvroBlocks>("t", std::move(columns), std::vector<component::InputFile>{file}, nullptr));
    if (!stream.ok()) return {0, stream.error().code(), stream.error().message()};
    while (true) {
      ArrowArray array{};
      ArrowSchema schema{};
      const auto more = (*stream)->Next(&array, &schema);
      if (!more.ok()) return {0, more.error().code(), more.error().message()};
      if (!*more) return {(*stream)->rows_read(), "", ""};
      Release(array, schema);
    }
  }

  std::string path_;
};

constexpr const char* kSchema = R"({"type":"record","name":"r","fields":[
  {"name":"id","type":"long"},{"name":"name","type":["null","string"]},{"name":"day","type":{"type":"int","logicalType":"date"}},
  {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":2}},
  {"name":"big","type":{"type":"bytes","logicalType":"big-decimal"}},
  {"name":"key","type":{"type":"string","logicalType":"uuid"}},
  {"name":"e","type":{"type":"enum","name":"e","symbols":["a","b"]}},
  {"name":"in","type":{"type":"record","name":"q","fields":[{"name":"x","type":"double"},{"name":"y","type":["null","bytes"]}]}},
  {"name":"tags","type":{"type":"array","items":["null","string"]}},{"name":"m","type":{"type":"map","values":["int","string"]}},
  {"name":"any","type":["null","r","long",{"type":"fixed","name":"dur","size":12,"logicalType":"duration"}]}]})";

std::string Rows(int count) {
  AvroEncoder out;
  for (int i = 0; i < count; ++i) {
    out.Long(i);
    out.Long(1);
    out.Bytes("name");
    out.Long(19'000 + i);
    out.Bytes(std::string_view("\x01\x2c", 2));
    out.Bytes(std::string_view("\x02\x07\x04", 3));
    out.Bytes("123e4567-e89b-12d3-a456-426614174000");
    out.Long(1);
    out.Double(0.5);
    out.Long(1);
    out.Bytes("yy");
    out.Long(2);
    out.Long(0);
    out.Long(1);
    out.Bytes("t");
    out.Long(0);
    out.Long(1);
    out.Bytes("k");
    out.Long(1);
    out.Bytes("v");
    out.Long(0);
    out.Long(3);
    out.Raw("abcdefghijkl");
  }
  return out.bytes();
}

/// Not packed: flipped bytes reach the values.
std::string Plain(int rows) {
  AvroEncoder out;
  out.Raw(std::string_view("Obj\1", 4));
  out.Long(1);
  out.Bytes("avro.schema");
  out.Bytes(kSchema);
  out.Long(0);
  out.Raw("0123456789abcdef");
  for (int i = 0; i < 2; ++i) {
    out.Long(rows);
    out.Bytes(Rows(rows));
    out.Raw("0123456789abcdef");
  }
  return out.bytes();
}

TEST_F(AvroStreamTest, ReadsEveryRowOnce) {
  EXPECT_EQ(Read(Plain(5000)).rows, 10'000);
  EXPECT_EQ(Read(data::WriteAvroFile(kSchema, {}, 100, Rows(100))).rows, 100);
}

TEST_F(AvroStreamTest, EveryRowOfABlockIsAccountedFor) {
  const Outcome more = Read(data::WriteAvroFile(kSchema, {}, 99, Rows(100)));
  EXPECT_EQ(more.error, "SRC-223");
  EXPECT_NE(more.message.find("in/a.avro is no sound Avro file: block 1 at byte"), std::string::npos) << more.message;
  EXPECT_NE(more.message.find("99 rows"), std::string::npos) << more.message;
  const Outcome fewer = Read(data::WriteAvroFile(kSchema, {}, 101, Rows(100)));
  EXPECT_EQ(fewer.error, "SRC-223");
  EXPECT_NE(fewer.message.find("row 101"), std::string::npos) << fewer.message;
  EXPECT_EQ(Read("").error, "SRC-223");
}

TEST_F(AvroStreamTest, NoBytesMakeItCrash) {
  const std::string sound = Plain(3);
  ASSERT_EQ(Read(sound).rows, 6);
  const size_t header = sound.find("0123456789abcdef");
  for (size_t size = 0; size < sound.size(); size += size < header ? 37 : 1) {
    const Outcome outcome = Read(sound.substr(0, size));
    EXPECT_TRUE(outcome.error == "SRC-223" || outcome.rows % 3 == 0) << size << ": " << outcome.message;
  }
  std::mt19937 random(23);
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string broken = sound;
    for (int flips = 1 + i % 3; flips > 0; --flips) {
      // The rows more often than the schema.
      const size_t from = i % 4 == 0 ? 0 : header;
      char& byte = broken[from + random() % (broken.size() - from)];
      byte = i % 2 == 0 ? static_cast<char>(byte ^ (1 << (random() % 8))) : static_cast<char>(random());
    }
    const Outcome outcome = Read(broken);
    refused += outcome.error.empty() ? 0 : 1;
    EXPECT_TRUE(outcome.error.empty() || outcome.error.starts_with("SRC-22") || outcome.error == "DATA-103")
        << outcome.error << ": " << outcome.message;
  }
  EXPECT_GT(refused, 400);
}

}  // namespace
}  // namespace leat::components::avro
