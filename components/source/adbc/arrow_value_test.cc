#include "components/source/adbc/arrow_value.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace leat::components::adbc {
namespace {

/// A schema and an array with buffers of its own.
struct Made {
  std::string format, name;
  std::vector<std::string> bytes;  ///< one a buffer; "" is none
  std::vector<std::unique_ptr<Made>> children;
  std::unique_ptr<Made> dictionary;
  ArrowSchema schema{};
  ArrowArray array{};
  std::vector<const void*> buffers;
  std::vector<ArrowSchema*> child_schemas;
  std::vector<ArrowArray*> child_arrays;

  void Link(int64_t length, int64_t offset = 0) {
    schema.format = format.c_str();
    schema.name = name.c_str();
    for (const std::string& one : bytes) buffers.push_back(one.empty() ? nullptr : one.data());
    for (const auto& child : children) {
      child_schemas.push_back(&child->schema);
      child_arrays.push_back(&child->array);
    }
    schema.n_children = static_cast<int64_t>(children.size());
    schema.children = child_schemas.data();
    array.length = length;
    array.offset = offset;
    array.null_count = -1;
    array.n_buffers = static_cast<int64_t>(buffers.size());
    array.buffers = buffers.data();
    array.n_children = schema.n_children;
    array.children = child_arrays.data();
    if (dictionary == nullptr) return;
    schema.dictionary = &dictionary->schema;
    array.dictionary = &dictionary->array;
  }
};

template <typename T>
std::string Raw(std::initializer_list<T> values) {
  std::string bytes;
  for (const T& value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

std::unique_ptr<Made> Make(const std::string& format, std::vector<std::string> bytes, int64_t length,
                           int64_t offset = 0, const std::string& name = "v") {
  auto made = std::make_unique<Made>();
  made->format = format;
  made->name = name;
  made->bytes = std::move(bytes);
  made->Link(length, offset);
  return made;
}

std::string TextAt(const Made& made, int64_t row) {
  const auto type = ParseType(made.schema);
  if (!type.ok()) return type.error().code();
  const ArrowValue value(*type, made.array, row);
  return value.IsNull() ? "null" : value.Text();
}

std::string TypeOf(const std::string& format) {
  const auto made = Make(format, {}, 0);
  const auto type = ParseType(made->schema);
  return type.ok() ? data::TypeName(*LakeType(*type)) : type.error().code();
}

TEST(ArrowType, WhatTheLakeKeeps) {
  const std::pair<const char*, const char*> cases[] = {{"n", "string"},
                                                       {"b", "boolean"},
                                                       {"c", "int"},
                                                       {"C", "int"},
                                                       {"s", "int"},
                                                       {"S", "int"},
                                                       {"i", "int"},
                                                       {"I", "long"},
                                                       {"l", "long"},
                                                       {"L", "decimal(20,0)"},
                                                       {"e", "float"},
                                                       {"f", "float"},
                                                       {"g", "double"},
                                                       {"u", "string"},
                                                       {"U", "string"},
                                                       {"vu", "string"},
                                                       {"z", "binary"},
                                                       {"Z", "binary"},
                                                       {"vz", "binary"},
                                                       {"w:16", "binary"},
                                                       {"d:9,2", "decimal(9,2)"},
                                                       {"d:38,0,128", "decimal(38,0)"},
                                                       {"d:9,2,32", "decimal(9,2)"},
                                                       {"d:39,2,256", "string"},
                                                       {"d:5,-2", "decimal(7,0)"},
                                                       {"d:2,4", "decimal(4,4)"},
                                                       {"d:9,2,17", "SRC-318"},
                                                       {"tdD", "date"},
                                                       {"tdm", "date"},
                                                       {"tts", "time"},
                                                       {"ttn", "time"},
                                                       {"tss:", "timestamp"},
                                                       {"tsn:UTC", "timestamptz"},
                                                       {"tDn", "string"},
                                                       {"tiM", "string"},
                                                       {"tiD", "string"},
                                                       {"tin", "string"},
                                                       {"+vl", "SRC-318"},
                                                       {"+r", "SRC-318"},
                                                       {"+ud:0,1", "SRC-318"},
                                                       {"", "SRC-318"}};
  for (const auto& [format, expected] : cases) EXPECT_EQ(TypeOf(format), expected) << format;
}

TEST(ArrowValue, Numbers) {
  EXPECT_EQ(TextAt(*Make("c", {"", Raw<int8_t>({-128})}, 1), 0), "-128");
  EXPECT_EQ(TextAt(*Make("C", {"", Raw<uint8_t>({255})}, 1), 0), "255");
  EXPECT_EQ(TextAt(*Make("I", {"", Raw<uint32_t>({4294967295U})}, 1), 0), "4294967295");
  EXPECT_EQ(TextAt(*Make("L", {"", Raw<uint64_t>({18446744073709551615ULL})}, 1), 0), "18446744073709551615");
  EXPECT_EQ(TextAt(*Make("l", {Raw<uint8_t>({2}), Raw<int64_t>({1, 7})}, 1, 1), 0), "7") << "offset";
  EXPECT_EQ(TextAt(*Make("l", {Raw<uint8_t>({1}), Raw<int64_t>({1, 7})}, 1, 1), 0), "null") << "offset of validity";
  EXPECT_EQ(TextAt(*Make("b", {"", Raw<uint8_t>({4})}, 3), 2), "true");
  EXPECT_EQ(TextAt(*Make("b", {"", Raw<uint8_t>({4})}, 3), 1), "false");
  const std::pair<uint16_t, const char*> halves[] = {
      {0x3c00, "1"},   {0xc000, "-2"},   {0x7bff, "65504"}, {0x0001, "5.9604645e-08"},
      {0x7c00, "inf"}, {0xfc00, "-inf"}, {0x7e00, "nan"},   {0x8000, "-0"}};
  for (const auto& [bits, text] : halves) EXPECT_EQ(TextAt(*Make("e", {"", Raw<uint16_t>({bits})}, 1), 0), text);
}

TEST(ArrowValue, Decimals) {
  EXPECT_EQ(TextAt(*Make("d:9,2,32", {"", Raw<int32_t>({-1})}, 1), 0), "-0.01");
  EXPECT_EQ(TextAt(*Make("d:18,0,64", {"", Raw<int64_t>({-999999999999999999})}, 1), 0), "-999999999999999999");
  EXPECT_EQ(TextAt(*Make("d:38,3", {"", Raw<uint64_t>({0, 1})}, 1), 0), "18446744073709551.616");
  EXPECT_EQ(TextAt(*Make("d:38,0", {"", Raw<int64_t>({-1, -1})}, 1), 0), "-1");
  EXPECT_EQ(TextAt(*Make("d:5,-2", {"", Raw<int64_t>({12, 0, 0, 0})}, 2), 0), "1200");
  EXPECT_EQ(TextAt(*Make("d:5,-2", {"", Raw<int64_t>({12, 0, 0, 0})}, 2), 1), "0");
  EXPECT_EQ(TextAt(*Make("d:76,0,256", {"", Raw<uint64_t>({0, 0, 0, 1ULL << 62})}, 1), 0),
            "28948022309329048855892746252171976963317496166410141009864396001978282409984");
}

TEST(ArrowValue, TextAndBytes) {
  EXPECT_EQ(TextAt(*Make("u", {"", Raw<int32_t>({0, 2, 2, 5}), "abcde"}, 3), 2), "cde");
  EXPECT_EQ(TextAt(*Make("u", {"", Raw<int32_t>({0, 2, 2, 5}), "abcde"}, 3), 1), "");
  EXPECT_EQ(TextAt(*Make("U", {"", Raw<int64_t>({0, 3}), "äz"}, 1), 0), "äz");
  EXPECT_EQ(TextAt(*Make("z", {"", Raw<int32_t>({0, 2}), std::string("\x00\xff", 2)}, 1), 0), "00ff");
  EXPECT_EQ(TextAt(*Make("w:2", {"", "abcd"}, 2), 1), "6364");
  // A view of 5 bytes that lie in it, and one of 13 at 2 of the second buffer of data.
  std::string views = Raw<int32_t>({5});
  views += std::string("hello") + std::string(7, '\0') + Raw<int32_t>({13}) + "long" + Raw<int32_t>({1, 2});
  const auto made = Make("vu", {"", views, "unused", "__long enough!__"}, 2);
  EXPECT_EQ(TextAt(*made, 0), "hello");
  EXPECT_EQ(TextAt(*made, 1), "long enough!_");
}

TEST(ArrowValue, DatesAndTimes) {
  EXPECT_EQ(TextAt(*Make("tdD", {"", Raw<int32_t>({-719162, 2932896})}, 2), 0), "0001-01-01");
  EXPECT_EQ(TextAt(*Make("tdD", {"", Raw<int32_t>({-719162, 2932896})}, 2), 1), "9999-12-31");
  EXPECT_EQ(TextAt(*Make("tdD", {"", Raw<int32_t>({2932897})}, 1), 0), "2932897 days since 1970");
  EXPECT_EQ(TextAt(*Make("tdm", {"", Raw<int64_t>({86'400'000})}, 1), 0), "1970-01-02");
  EXPECT_EQ(TextAt(*Make("tdm", {"", Raw<int64_t>({86'400'001})}, 1), 0), "86400.001 s since 1970");
  EXPECT_EQ(TextAt(*Make("tts", {"", Raw<int32_t>({86'399})}, 1), 0), "23:59:59");
  EXPECT_EQ(TextAt(*Make("tts", {"", Raw<int32_t>({86'400})}, 1), 0), "86400 s since midnight");
  EXPECT_EQ(TextAt(*Make("ttn", {"", Raw<int64_t>({1'001})}, 1), 0), "0.000001001 s since midnight");
  EXPECT_EQ(TextAt(*Make("tss:", {"", Raw<int64_t>({-1})}, 1), 0), "1969-12-31T23:59:59");
  EXPECT_EQ(TextAt(*Make("tsm:UTC", {"", Raw<int64_t>({1'500})}, 1), 0), "1970-01-01T00:00:01.500000+00:00");
  EXPECT_EQ(TextAt(*Make("tsn:", {"", Raw<int64_t>({-1})}, 1), 0), "1969-12-31T23:59:59.999999999");
  EXPECT_EQ(TextAt(*Make("tss:", {"", Raw<int64_t>({253402300800})}, 1), 0), "253402300800 s since 1970");
  EXPECT_EQ(TextAt(*Make("tsu:", {"", Raw<int64_t>({INT64_MIN})}, 1), 0), "-9223372036854.775808 s since 1970");
  EXPECT_EQ(TextAt(*Make("tDm", {"", Raw<int64_t>({-1'500})}, 1), 0), "PT-1.5S");
  EXPECT_EQ(TextAt(*Make("tiM", {"", Raw<int32_t>({14})}, 1), 0), "P14M");
  EXPECT_EQ(TextAt(*Make("tiD", {"", Raw<int32_t>({0, 0, -3, 250})}, 2), 1), "P-3DT0.25S");
  EXPECT_EQ(TextAt(*Make("tin", {"", Raw<int32_t>({14, -3}) + Raw<int64_t>({1})}, 1), 0), "P14M-3DT0.000000001S");
}

TEST(ArrowValue, WholeIsExactOrNothing) {
  const auto whole = [](const Made& made) { return ArrowValue(*ParseType(made.schema), made.array, 0).Whole(); };
  EXPECT_EQ(whole(*Make("tsn:", {"", Raw<int64_t>({-1'000})}, 1)), -1);
  EXPECT_EQ(whole(*Make("tsn:", {"", Raw<int64_t>({-1'001})}, 1)), std::nullopt);
  EXPECT_EQ(whole(*Make("tss:", {"", Raw<int64_t>({253402300799})}, 1)), 253402300799'000'000);
  EXPECT_EQ(whole(*Make("tss:", {"", Raw<int64_t>({INT64_MAX})}, 1)), std::nullopt);
  EXPECT_EQ(whole(*Make("L", {"", Raw<uint64_t>({1ULL << 63})}, 1)), std::nullopt);
}

TEST(ArrowValue, NestedOnesAreJson) {
  auto list = std::make_unique<Made>();
  list->format = "+l";
  list->name = "items";
  list->bytes = {"", Raw<int32_t>({0, 1, 3})};
  list->children.push_back(Make("l", {Raw<uint8_t>({5}), Raw<int64_t>({1, 2, 3})}, 3));
  list->Link(2);
  EXPECT_EQ(TextAt(*list, 0), "[1]");
  EXPECT_EQ(TextAt(*list, 1), "[null,3]");
  auto outer = std::make_unique<Made>();
  outer->format = "+s";
  outer->bytes = {Raw<uint8_t>({2})};
  outer->children.push_back(std::move(list));
  outer->children.push_back(Make("g", {"", Raw<double>({0.5, NAN})}, 2, 0, "x\"y"));
  outer->Link(1, 1);  // its own offset counts for its members
  EXPECT_EQ(TextAt(*outer, 0), R"({"items":[null,3],"x\"y":"nan"})");
  auto fixed = std::make_unique<Made>();
  fixed->format = "+w:2";
  fixed->bytes = {""};
  fixed->children.push_back(Make("u", {"", Raw<int32_t>({0, 1, 2, 3, 4}), "abc\n"}, 4));
  fixed->Link(2);
  EXPECT_EQ(TextAt(*fixed, 1), R"(["c","\u000a"])");
}

TEST(ArrowValue, DictionariesAreLookedUp) {
  Made coded;
  coded.format = "C";
  coded.bytes = {Raw<uint8_t>({7}), Raw<uint8_t>({1, 0, 2, 9})};
  coded.dictionary = Make("u", {Raw<uint8_t>({3}), Raw<int32_t>({0, 1, 2, 2}), "ab"}, 3);
  coded.Link(4);
  EXPECT_EQ(TextAt(coded, 0), "b");
  EXPECT_EQ(TextAt(coded, 1), "a");
  EXPECT_EQ(TextAt(coded, 2), "null") << "a NULL of the dictionary";
  EXPECT_EQ(TextAt(coded, 3), "null") << "an index that is NULL";
}

}  // namespace
}  // namespace leat::components::adbc
