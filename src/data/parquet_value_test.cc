#include "data/parquet_value.h"

#include <gtest/gtest.h>

#include <limits>

namespace leat::data {
namespace {

std::string Int96Bytes(int64_t nanos, int64_t julian_day) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(nanos >> (8 * i) & 255);
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(julian_day >> (8 * i) & 255);
  return bytes;
}

TEST(ParquetValue, Int96IsExactOrNot) {
  int64_t micros = 0;
  EXPECT_TRUE(ParseInt96(Int96Bytes(0, 2'440'588), micros));
  EXPECT_EQ(micros, 0);
  EXPECT_TRUE(ParseInt96(Int96Bytes(86'399'999'999'000, 2'440'587), micros));
  EXPECT_EQ(micros, -1);
  EXPECT_TRUE(ParseInt96(Int96Bytes(86'399'999'999'000, 5'373'484), micros));  // 9999-12-31
  EXPECT_EQ(micros, 253'402'300'799'999'999);
  EXPECT_FALSE(ParseInt96(Int96Bytes(1, 2'440'588), micros));
  EXPECT_FALSE(ParseInt96(Int96Bytes(999, 2'440'588), micros));
  EXPECT_FALSE(ParseInt96(Int96Bytes(0, std::numeric_limits<int32_t>::max()), micros));
  EXPECT_FALSE(ParseInt96("12345678901", micros));
}

TEST(ParquetValue, Int96TextHasAllDigits) {
  EXPECT_EQ(Int96Text(Int96Bytes(11'045'123'456'789, 2'461'043)), "2026-01-02 03:04:05.123456789");
  EXPECT_EQ(Int96Text(Int96Bytes(-1, 5)), "Julian day 5, nanosecond -1");
  EXPECT_EQ(Int96Text("x"), "1 bytes");
}

std::string Decimal(std::string_view bytes, int scale) {
  std::string text;
  return LongDecimalText(bytes, scale, text) ? text : "refused";
}

TEST(ParquetValue, LongDecimals) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Decimal("", 0), "0");
  EXPECT_EQ(Decimal("\0"sv, 2), "0.00");
  EXPECT_EQ(Decimal("\x01\x00"sv, 1), "25.6");
  EXPECT_EQ(Decimal("\xff", 0), "-1");
  EXPECT_EQ(Decimal("\xff", 3), "-0.001");
  EXPECT_EQ(Decimal("\x80\0"sv, 0), "-32768");
  EXPECT_EQ(Decimal(std::string(32, '\xff'), 0), "-1");
  EXPECT_EQ(Decimal("\x7f" + std::string(31, '\xff'), 0),
            "57896044618658097711785492504343953926634992332820282019728792003956564819967");
  EXPECT_EQ(Decimal("\x80" + std::string(31, '\0'), 0),
            "-57896044618658097711785492504343953926634992332820282019728792003956564819968");
  EXPECT_EQ(Decimal(std::string(65, '\0'), 0), "refused");
  EXPECT_EQ(Decimal("\1", -1), "refused");
}

}  // namespace
}  // namespace leat::data
