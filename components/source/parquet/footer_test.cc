#include "components/source/parquet/footer.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "components/source/parquet/thrift_struct.h"

namespace leat::components::parquet {
namespace {

template <typename T>
T Need(std::optional<T> value) {
  if (!value) throw std::runtime_error("nothing there");
  return *std::move(value);
}

/// `bytes` must outlive it.
ThriftStruct Made(std::string_view bytes) { return Need(ThriftStruct::Read(bytes)); }

/// An empty struct: more is set.
ThriftStruct Empty() {
  static const std::string kEnd(1, '\0');
  return Made(kEnd);
}

std::string Element(const std::string& name, int32_t type, int32_t children, bool nanos) {
  ThriftStruct one = Empty();
  if (children > 0) one.SetI32(5, children);
  if (children == 0) one.SetI32(1, type);
  one.SetText(4, name);
  if (nanos) {
    ThriftStruct timestamp = Empty(), logical = Empty();
    timestamp.SetFlag(1, true);
    timestamp.SetStruct(2, Empty());
    logical.SetStruct(8, timestamp);
    one.SetStruct(10, logical);
  }
  return one.Write();
}

std::string Chunk(int32_t type) {
  ThriftStruct metadata = Empty(), chunk = Empty();
  metadata.SetI32(1, type);
  metadata.SetStruct(12, Empty());
  chunk.SetI32(2, 4);
  chunk.SetStruct(3, metadata);
  chunk.SetI32(4, 77);
  return chunk.Write();
}

/// a INT96, b BYTE_ARRAY, c INT64 of nanoseconds in UTC; twenty row groups.
std::string Footer() {
  ThriftStruct footer = Empty(), group = Empty();
  footer.SetI32(1, 2);
  footer.SetStructs(2, {Element("schema", 0, 3, false), Element("a", 3, 0, false), Element("b", 6, 0, false),
                        Element("c", 2, 0, true)});
  group.SetStructs(1, {Chunk(3), Chunk(6), Chunk(2)});
  group.SetI32(3, 1000);
  footer.SetStructs(4, std::vector<std::string>(20, group.Write()));
  footer.SetText(1000, "far");
  return footer.Write();
}

TEST(ThriftStruct, IsWrittenAsItWasRead) {
  const std::string bytes = Footer();
  EXPECT_EQ(Made(bytes).Write(), bytes);
  EXPECT_EQ(Need(Made(bytes).Structs(4)).size(), 20U);
  EXPECT_FALSE(ThriftStruct::Read(bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(ThriftStruct::Read(""));
  EXPECT_FALSE(ThriftStruct::Read(std::string("\x1f", 1)));          // a type that there is not
  EXPECT_FALSE(ThriftStruct::Read(std::string("\x19\xff\xff", 3)));  // a list longer than the text
  EXPECT_FALSE(ThriftStruct::Read(std::string(200, '\x1c')));        // structs without an end
}

TEST(RetellFooter, TellsWhatIsStored) {
  const std::string footer = Footer();
  const std::string told = Need(RetellFooter(footer, {{Delicate::kInt96, Delicate::kNone, Delicate::kNanoUtc}, false}));
  const ThriftStruct whole = Made(told), before = Made(footer);
  const std::vector<std::string_view> elements = Need(whole.Structs(2));
  EXPECT_EQ(Made(elements[1]).Number(1), 7);
  EXPECT_EQ(Made(elements[1]).Number(2), 12);
  EXPECT_EQ(Made(elements[2]).Number(1), 6);
  EXPECT_TRUE(Need(Need(Made(elements[3]).Struct(10)).Struct(8)).Has(2));
  EXPECT_NE(elements[3], Need(before.Structs(2))[3]);
  const std::vector<std::string_view> groups = Need(whole.Structs(4));
  for (const std::string_view bytes : groups) {
    const std::vector<std::string_view> chunks = Need(Made(bytes).Structs(1));
    const ThriftStruct first = Made(chunks[0]), second = Made(chunks[1]);
    EXPECT_EQ(Need(first.Struct(3)).Number(1), 7);
    EXPECT_FALSE(Need(first.Struct(3)).Has(12) || first.Has(4));
    EXPECT_EQ(Need(second.Struct(3)).Number(1), 6);
    EXPECT_TRUE(Need(second.Struct(3)).Has(12) && second.Has(4));
  }
}

TEST(RetellFooter, RefusesWhatDoesNotFit) {
  const std::string footer = Footer();
  EXPECT_FALSE(RetellFooter(footer, {{Delicate::kInt96, Delicate::kNone}, false}));
  EXPECT_FALSE(RetellFooter(footer, {{Delicate::kNone, Delicate::kNone, Delicate::kNone, Delicate::kNone}, false}));
  EXPECT_FALSE(RetellFooter(footer, {{Delicate::kNanoUtc, Delicate::kNone, Delicate::kNone}, false}));
  ThriftStruct encrypted = Made(footer);
  encrypted.SetStruct(8, Empty());
  EXPECT_FALSE(RetellFooter(encrypted.Write(), {{Delicate::kNone, Delicate::kNone, Delicate::kNone}, false}));
}

TEST(RetellFooter, DamagedFootersAreRefusedOrTold) {
  const std::string sound = Footer();
  std::mt19937 random(5);
  size_t told = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string footer = sound;
    for (int i = 0; i < 3; ++i) footer[random() % footer.size()] = static_cast<char>(random());
    footer.resize(random() % 4 == 0 ? random() % footer.size() : footer.size());
    told += RetellFooter(footer, {{Delicate::kInt96, Delicate::kNone, Delicate::kNanoUtc}, true}) ? 1 : 0;
  }
  EXPECT_LT(told, 3000U);
}

}  // namespace
}  // namespace leat::components::parquet
