#include "sql/exact_functions.h"

#include <gtest/gtest.h>

#include "sql/test_engine.h"

namespace leat::sql {
namespace {

using ExactFunctions = EngineTest;

TEST_F(ExactFunctions, ValuesAndNulls) {
  const std::pair<const char*, const char*> cases[] = {
      {"leat_bigint('42')", "42"},
      {"leat_bigint('1.5')", "NULL"},
      {"leat_bigint(NULL)", "NULL"},
      {"leat_integer('3000000000')", "NULL"},
      {"leat_decimal_18_2('12.34', 9)", "12.34"},
      {"leat_decimal_18_2('12.345', 9)", "NULL"},
      {"leat_decimal_18_2('12345678.00', 9)", "NULL"},
      {"leat_decimal_38_10('-1234567890123456789012345678.0123456789', 38)",
       "-1234567890123456789012345678.0123456789"},
      {"leat_boolean('TRUE')", "true"},
      {"leat_double('1e3')", "1000.0"},
      {"leat_double('9007199254740993')", "NULL"},
      {"leat_float('0.1')", "0.1"},
      {"leat_float('16777217')", "NULL"},
      {"leat_date('2020-02-29')", "2020-02-29"},
      {"leat_date('2020-02-29 10:00:00')", "NULL"},
      {"leat_time('23:59:59.5')", "23:59:59.5"},
      {"leat_timestamp('2020-01-01T10:00:00.123456')", "2020-01-01 10:00:00.123456"},
      {"leat_timestamp('2020-01-01 10:00:00.1234567')", "NULL"},
      {"leat_timestamp('2020-01-01 10:00:00+02:00')", "NULL"},
      {"leat_timestamptz('2020-01-01 10:00:00+02:00') = TIMESTAMPTZ '2020-01-01 08:00:00Z'", "true"},
      {"leat_int96(unhex('E803000000000000') || unhex('8C3D2500'))", "1970-01-01 00:00:00.000001"},
      {"leat_int96(unhex('E903000000000000') || unhex('8C3D2500'))", "NULL"},
      {"leat_int96_text(unhex('E903000000000000') || unhex('8C3D2500'))", "1970-01-01 00:00:00.000001001"},
      {"leat_int96(NULL)", "NULL"},
      {"leat_long_decimal(unhex('FF'), 2)", "-0.01"},
      {"leat_long_decimal(NULL, 2)", "NULL"},
      {"typeof(leat_decimal_38_3('1', 38))", "DECIMAL(38,3)"},
  };
  for (auto [expression, expected] : cases)
    EXPECT_EQ(Rows(std::string("SELECT ") + expression), expected) << expression;
}

/// Every function agrees with its text on many rows, with NULLs between them, over several vectors.
TEST_F(ExactFunctions, ManyRows) {
  EXPECT_EQ(Rows("SELECT count(*) FILTER (n IS NOT DISTINCT FROM (CASE WHEN i % 7 = 0 THEN NULL WHEN i % 11 = 0 THEN "
                 "NULL ELSE i END)) "
                 "FROM (SELECT i, leat_bigint(CASE WHEN i % 7 = 0 THEN NULL WHEN i % 11 = 0 THEN i || '.5' ELSE "
                 "i::VARCHAR END) AS n "
                 "FROM range(100000) t(i))"),
            "100000");
}

}  // namespace
}  // namespace leat::sql
