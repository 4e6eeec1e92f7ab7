#include "data/exact_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

namespace leat::data {
namespace {

template <typename T>
std::optional<T> Number(std::string_view text) {
  T value{};
  return ParseExact(text, value) ? std::optional<T>(value) : std::nullopt;
}

TEST(ExactText, WholeNumbers) {
  EXPECT_EQ(Number<int64_t>("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(Number<int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(Number<int64_t>(" +12 "), 12);
  for (std::string_view bad :
       {"", " ", "+", "-", "+-1", "1.0", "1.5", "1e3", "9223372036854775808", "0x10", "1_000", "12a", "a"}) {
    EXPECT_EQ(Number<int64_t>(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Number<int32_t>("2147483648"), std::nullopt);
  EXPECT_EQ(Number<int32_t>("-2147483648"), INT32_MIN);
}

TEST(ExactText, Decimals) {
  struct Case {
    std::string_view text;
    int precision, scale;
    std::optional<int64_t> unscaled;
  };
  const Case cases[] = {
      {"12.34", 9, 2, 1234},
      {"12.3", 9, 2, 1230},
      {"12", 9, 2, 1200},
      {"-0.05", 9, 2, -5},
      {".5", 9, 2, 50},
      {"5.", 9, 2, 500},
      {"12.340", 9, 2, 1234},
      {"12.345", 9, 2, std::nullopt},
      {"1e2", 9, 2, 10000},
      {"1.5e1", 9, 2, 1500},
      {"125e-2", 9, 2, 125},
      {"125e-3", 9, 2, std::nullopt},
      {"0001.00", 3, 2, 100},
      {"9.99", 3, 2, 999},
      {"10.00", 3, 2, std::nullopt},
      {"0e999", 3, 2, 0},
      {"", 9, 2, std::nullopt},
      {".", 9, 2, std::nullopt},
      {"1.2.3", 9, 2, std::nullopt},
      {"1e", 9, 2, std::nullopt},
      {"nan", 9, 2, std::nullopt},
      {"1,5", 9, 2, std::nullopt},
      {"999999999999999999", 18, 0, 999999999999999999},
      {"1000000000000000000", 18, 0, std::nullopt},
  };
  for (const Case& c : cases) {
    int64_t narrow = 0;
    EXPECT_EQ(ParseExactDecimal(c.text, c.precision, c.scale, narrow) ? std::optional(narrow) : std::nullopt,
              c.unscaled)
        << c.text;
    Int128 wide;
    bool parsed = ParseExactDecimal(c.text, c.precision, c.scale, wide);
    ASSERT_EQ(parsed, c.unscaled.has_value()) << c.text;
    if (parsed) {
      EXPECT_EQ(static_cast<int64_t>(wide.low), *c.unscaled) << c.text;
      EXPECT_EQ(wide.high, *c.unscaled < 0 ? -1 : 0) << c.text;
    }
  }
  Int128 wide;
  ASSERT_TRUE(ParseExactDecimal("99999999999999999999999999999999999999", 38, 0, wide));
  EXPECT_EQ(ToText(wide, *Decimal(38, 0)), "99999999999999999999999999999999999999");
}

/// Whatever is taken is printed as the same number again.
TEST(ExactText, DecimalsRoundTrip) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    int scale = static_cast<int>(random() % 10);
    auto number = static_cast<int64_t>(random() % 1'000'000'000'000'000) * (random() % 2 ? 1 : -1);
    std::string text = ToText(Int128{number < 0 ? -1 : 0, static_cast<uint64_t>(number)}, *Decimal(18, scale));
    int64_t again = 0;
    ASSERT_TRUE(ParseExactDecimal(text, 18, scale, again)) << text;
    ASSERT_EQ(again, number) << text;
  }
}

TEST(ExactText, DatesAndTimes) {
  int32_t days = 0;
  ASSERT_TRUE(ParseExactDate("1970-01-01", days));
  EXPECT_EQ(days, 0);
  ASSERT_TRUE(ParseExactDate("2000-02-29", days));
  EXPECT_EQ(days, 11016);
  ASSERT_TRUE(ParseExactDate("0001-01-01", days));
  EXPECT_EQ(days, -719162);
  for (std::string_view bad : {"2001-02-29", "2020-1-1", "2020-01-01 10:00:00", "01/02/2020", "20200101", "2020-13-01",
                               "0000-01-01", "infinity"}) {
    EXPECT_FALSE(ParseExactDate(bad, days)) << bad;
  }
  int64_t micros = 0;
  ASSERT_TRUE(ParseExactTimestamp("1970-01-02T00:00:01.5", micros));
  EXPECT_EQ(micros, 86'401'500'000);
  ASSERT_TRUE(ParseExactTimestamp("1969-12-31 23:59:59.999999000", micros));
  EXPECT_EQ(micros, -1);
  for (std::string_view bad :
       {"2020-01-01 10:00:00.1234567", "2020-01-01 10:00:00Z", "2020-01-01 10:00:00+02:00", "2020-01-01 24:00:00",
        "2020-01-01 1:00", "2020-01-01 10:00:00.", "2020-01-01x", "2020-01-01 "}) {
    bool parsed = ParseExactTimestamp(bad, micros);
    EXPECT_EQ(parsed, bad == "2020-01-01 ") << bad;
  }
  for (auto [text, expected] : {std::pair<std::string_view, int64_t>{"1970-01-01T02:00:00+02:00", 0},
                                {"1970-01-01 00:00:00Z", 0},
                                {"1969-12-31 19:00:00-05", 0},
                                {"1970-01-01 05:30:00+0530", 0}}) {
    ASSERT_TRUE(ParseExactTimestampTz(text, micros)) << text;
    EXPECT_EQ(micros, expected) << text;
  }
  for (std::string_view bad : {"1970-01-01 00:00:00", "1970-01-01 00:00:00+", "1970-01-01 00:00:00+2",
                               "1970-01-01 00:00:00+02:", "1970-01-01 00:00:00 UTC"}) {
    EXPECT_FALSE(ParseExactTimestampTz(bad, micros)) << bad;
  }
}

TEST(ExactText, DoublesAndBooleans) {
  EXPECT_EQ(Number<double>("1e3"), 1000.0);
  EXPECT_EQ(Number<double>("-.5"), -0.5);
  EXPECT_EQ(Number<double>("1.5x"), std::nullopt);
  EXPECT_EQ(Number<double>("+-1"), std::nullopt);
  for (const std::string_view exact :
       {"0.1", "0.30000000000000004", "0.10000000000000001", "1.7976931348623157e308", "5e-324",
        "4.9406564584124654e-324", "-2.2250738585072014E-308", "9007199254740992", "9007199254740994.000",
        "18446744073709551616", "1e23", "-0.0", "0e999", "000.1000000000000000055511151231257827021181583404541015625",
        "nan", "-inf"})
    EXPECT_TRUE(Number<double>(exact)) << exact;
  for (const std::string_view other : {"9007199254740993", "0.1234567890123456789", "1e400", "1e-400", "1.234567e-320",
                                       "3.14159265358979323846", "99999999999999999999", "0.10000000000000000556"})
    EXPECT_EQ(Number<double>(other), std::nullopt) << other;
  for (const std::string_view exact : {"0.1", "16777216", "3.4028235e38", "1e-45", "0.100000001490116119384765625"})
    EXPECT_TRUE(Number<float>(exact)) << exact;
  for (const std::string_view other : {"16777217", "1e39", "0.123456789", "1e-46"})
    EXPECT_EQ(Number<float>(other), std::nullopt) << other;
  EXPECT_EQ(Number<bool>("TRUE"), true);
  EXPECT_EQ(Number<bool>("False"), false);
  EXPECT_EQ(Number<bool>("1"), std::nullopt);
  EXPECT_EQ(Number<bool>("t"), std::nullopt);
}

TEST(TextFacts, Cases) {
  constexpr int64_t kNumber = TextFacts::kDouble | TextFacts::kDecimal;
  const struct {
    std::string_view text;
    int64_t types;
    int scale, digits;
  } cases[] = {
      {"5", kNumber | TextFacts::kInteger, 0, 1},
      {"-120", kNumber | TextFacts::kInteger, 0, 3},
      {"12.340", kNumber, 3, 2},
      {"0.5", kNumber, 1, 1},
      {"99999999999999999999", TextFacts::kDecimal, 0, 20},
      {"9007199254740993", TextFacts::kDecimal | TextFacts::kInteger, 0, 16},
      {"0.1234567890123456789", TextFacts::kDecimal, 19, 1},
      {"1e400", 0, 0, 0},
      {"1.2345678901234567890e3", 0, 0, 0},
      {"1e3", TextFacts::kDouble, 0, 0},
      {".5", TextFacts::kDouble, 0, 0},
      {"5.", TextFacts::kDouble, 0, 0},
      {"007", 0, 0, 0},
      {"+5", 0, 0, 0},
      {" 5", 0, 0, 0},
      {"5 ", 0, 0, 0},
      {"2020-01-31", TextFacts::kDate | TextFacts::kTimestamp, 0, 0},
      {"2020-02-31", 0, 0, 0},
      {"2020-01-31 10:00", TextFacts::kTimestamp, 0, 0},
      {"2020-01-31T10:00:00.5Z", TextFacts::kTimestampTz, 0, 0},
      {"true", TextFacts::kBoolean, 0, 0},
      {"False", TextFacts::kBoolean, 0, 0},
      {"t", 0, 0, 0},
      {"", 0, 0, 0},
      {"-", 0, 0, 0},
      {"NA", 0, 0, 0},
  };
  for (const auto& c : cases) {
    TextFacts facts = FactsOf(c.text);
    EXPECT_EQ(facts.types, c.types) << c.text;
    EXPECT_EQ(facts.scale, c.scale) << c.text;
    EXPECT_EQ(facts.digits, c.digits) << c.text;
  }
}

}  // namespace
}  // namespace leat::data
