#include "component/date_pattern.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

std::string PeriodIn(const std::string& pattern, const std::string& path) {
  const auto parsed = DatePattern::Parse(pattern);
  if (!parsed.ok()) return parsed.error().code();
  const auto period = parsed->PeriodOf(path);
  return period ? FormatTime(*period) : "none";
}

TEST(DatePattern, ReadsTheDateOfAPath) {
  const struct {
    const char *pattern, *path, *period;
  } cases[] = {
      {"orders_{yyyy-MM-dd}_{HH}.csv", "orders_2026-11-20_07.csv", "2026-11-20T07:00:00Z"},
      {"orders_{yyyyMMddHHmmss}.csv", "orders_20261120070809.csv", "2026-11-20T07:08:09Z"},
      {"in/{yyyy}/{MM}/{dd}/*.csv", "in/2026/02/28/a.csv", "2026-02-28T00:00:00Z"},
      {"{yyyy}/*.csv", "2024/any.csv", "2024-01-01T00:00:00Z"},
      {"*_{yyyy-MM}_?[ab].csv", "a_b_2024-12_xa.csv", "2024-12-01T00:00:00Z"},
      {"x_{yyyy-MM-dd}.csv", "x_2026-02-29.csv", "none"},  // no leap year
      {"x_{yyyy-MM-dd}.csv", "x_2024-02-29.csv", "2024-02-29T00:00:00Z"},
      {"x_{yyyy-MM-dd}.csv", "x_2026-13-01.csv", "none"},
      {"x_{yyyy-MM-dd}.csv", "x_2026-1-01.csv", "none"},
      {"x_{yyyy-MM-dd}.csv", "y_2026-01-01.csv", "none"},
      {"*/{yyyy}.csv", "a/b/2026.csv", "none"},  // a wildcard ends at the folder
      {"x.csv", "x.csv", "none"},
      {"x_{yyyy", "x_2026", "SRC-206"},
      {"x_{year}", "x_2026", "SRC-206"},
      {"x_{yyyy}{yyyy}", "x_20262026", "SRC-206"},
      {"x_{dd}", "x_01", "SRC-206"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(PeriodIn(one.pattern, one.path), one.period) << one.pattern << " " << one.path;
}

TEST(DatePattern, FindsWhatItFillsIn) {
  const auto pattern = DatePattern::Parse("in/{yyyy}/{MM}/o_{dd}_{HH}.csv");
  ASSERT_TRUE(pattern.ok());
  EXPECT_EQ(pattern->glob(), "in/[0-9][0-9][0-9][0-9]/[0-9][0-9]/o_[0-9][0-9]_[0-9][0-9].csv");
  for (const char* time : {"2026-11-20T07:00:00Z", "1999-01-01T23:00:00Z"}) {
    const TimeMicros period = *ParseTime(time);
    EXPECT_EQ(FormatTime(*pattern->PeriodOf(pattern->Fill(period))), time);
  }
}

TEST(DatePattern, PeriodsFollowEachOther) {
  const struct {
    PeriodKind kind;
    const char *time, *begin, *next, *text;
  } cases[] = {
      {PeriodKind::kHour, "2026-11-20T07:30:00Z", "2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20 07:00"},
      {PeriodKind::kDay, "2026-12-31T07:30:00Z", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-31"},
      {PeriodKind::kWeek, "2026-11-22T07:30:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-16"},
      {PeriodKind::kMonth, "2026-12-22T07:30:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12"},
  };
  for (const auto& one : cases) {
    const TimeMicros begin = PeriodBegin(*ParseTime(one.time), one.kind);
    EXPECT_EQ(FormatTime(begin), one.begin);
    EXPECT_EQ(FormatTime(NextPeriod(begin, one.kind)), one.next);
    EXPECT_EQ(PeriodText(begin, one.kind), one.text);
  }
}

}  // namespace
}  // namespace leat::component
