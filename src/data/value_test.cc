#include "data/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/int128.h"

namespace leat::data {
namespace {

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

// Examples of the specification, "Binary single-value serialization".
TEST(SingleValue, EncodesAsTheSpecificationSays) {
  const struct {
    Value value;
    TypePtr type;
    std::string bytes;
  } cases[] = {
      {true, Primitive(TypeId::kBoolean), Bytes({1})},
      {int32_t{1234}, Primitive(TypeId::kInt), Bytes({0xd2, 4, 0, 0})},
      {int64_t{1234}, Primitive(TypeId::kLong), Bytes({0xd2, 4, 0, 0, 0, 0, 0, 0})},
      {int32_t{-1}, Primitive(TypeId::kDate), Bytes({0xff, 0xff, 0xff, 0xff})},
      {1.0F, Primitive(TypeId::kFloat), Bytes({0, 0, 0x80, 0x3f})},
      {-2.0, Primitive(TypeId::kDouble), Bytes({0, 0, 0, 0, 0, 0, 0, 0xc0})},
      {FromInt64(1420), Decimal(9, 2), Bytes({5, 0x8c})},
      {FromInt64(-128), Decimal(9, 2), Bytes({0x80})},
      {FromInt64(128), Decimal(9, 2), Bytes({0, 0x80})},
      {FromInt64(0), Decimal(9, 2), Bytes({0})},
      {std::string("iceberg"), Primitive(TypeId::kString), "iceberg"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(EncodeSingleValue(c.value, *c.type), c.bytes) << TypeName(*c.type);
    const auto back = DecodeSingleValue(c.bytes, *c.type);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, c.value) << TypeName(*c.type);
  }
}

TEST(SingleValue, ReadsNarrowBoundsOfWidenedColumns) {
  EXPECT_EQ(*DecodeSingleValue(Bytes({0xfe, 0xff, 0xff, 0xff}), *Primitive(TypeId::kLong)), Value(int64_t{-2}));
  EXPECT_EQ(*DecodeSingleValue(Bytes({0, 0, 0x80, 0x3f}), *Primitive(TypeId::kDouble)), Value(1.0));
}

TEST(SingleValue, RefusesWrongLengths) {
  for (const TypeId id :
       {TypeId::kBoolean, TypeId::kInt, TypeId::kLong, TypeId::kFloat, TypeId::kDouble, TypeId::kUuid}) {
    EXPECT_EQ(DecodeSingleValue("abc", *Primitive(id)).error().code(), "DATA-103");
  }
  EXPECT_FALSE(DecodeSingleValue("", *Decimal(9, 2)).ok());
}

TEST(Value, OrdersAsIceberg) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> ascending = {-nan, -inf, -1.5, -0.0, 0.0, 1.5, inf, nan};
  const auto type = Primitive(TypeId::kDouble);
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(Compare(ascending[i], ascending[j], *type), i < j ? -1 : (i > j ? 1 : 0)) << i << " " << j;
    }
  }
  EXPECT_EQ(Compare(std::string("\x7f"), std::string("\x80"), *Primitive(TypeId::kBinary)), -1);
  EXPECT_EQ(Compare(FromInt64(-1), FromInt64(1), *Decimal(38, 0)), -1);
}

TEST(Value, IsShownAsPeopleReadIt) {
  const struct {
    Value value;
    TypePtr type;
    std::string text;
  } cases[] = {
      {std::monostate(), Primitive(TypeId::kInt), "null"},
      {int32_t{20758}, Primitive(TypeId::kDate), "2026-11-01"},
      {int32_t{-1}, Primitive(TypeId::kDate), "1969-12-31"},
      {FromInt64(-5), Decimal(9, 2), "-0.05"},
      {int64_t{-1}, Primitive(TypeId::kTimestamp), "1969-12-31T23:59:59.999999"},
      {int64_t{0}, Primitive(TypeId::kTimestampTz), "1970-01-01T00:00:00+00:00"},
      {int64_t{3'600'000'001}, Primitive(TypeId::kTime), "01:00:00.000001"},
      {std::string("\x12\x34", 2), Primitive(TypeId::kBinary), "1234"},
  };
  for (const auto& c : cases) EXPECT_EQ(ToText(c.value, *c.type), c.text);
}

TEST(Int128, RoundTripsAtEveryWidth) {
  for (int shift = 0; shift < 63; ++shift) {
    for (const int64_t delta : {-1, 0, 1}) {
      for (const int64_t sign : {-1, 1}) {
        const int64_t number = sign * ((int64_t{1} << shift) + delta);
        const Int128 value = FromInt64(number);
        EXPECT_EQ(FromBigEndian(BigEndianMinimal(value)), value);
        EXPECT_EQ(FromBigEndian(BigEndianFixed(value, 16)), value);
        EXPECT_EQ(*ParseDecimal(DecimalText(value, 3), 3), value);
      }
    }
  }
}

TEST(Int128, HoldsThirtyEightDigits) {
  const std::string nines(38, '9');
  const auto parsed = ParseDecimal(nines, 0);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(DecimalText(*parsed, 0), nines);
  EXPECT_EQ(BigEndianMinimal(*parsed).size(), 16U);
  EXPECT_EQ(ParseDecimal(nines + "9", 0).error().code(), "DATA-104");
  EXPECT_EQ(ParseDecimal("1.005", 2).error().code(), "DATA-104");
  EXPECT_EQ(DecimalText(*ParseDecimal("1.500", 2), 2), "1.50");
}

// Table of the specification: bytes for a decimal of precision P.
TEST(Int128, DecimalBytesHoldThePrecision) {
  EXPECT_EQ(DecimalBytes(1), 1);
  EXPECT_EQ(DecimalBytes(2), 1);
  EXPECT_EQ(DecimalBytes(3), 2);
  EXPECT_EQ(DecimalBytes(9), 4);
  EXPECT_EQ(DecimalBytes(18), 8);
  EXPECT_EQ(DecimalBytes(19), 9);
  EXPECT_EQ(DecimalBytes(38), 16);
}

}  // namespace
}  // namespace leat::data
