#include "base/day_hours.h"

#include <gtest/gtest.h>

namespace leat {
namespace {

std::string Next(const std::string& hours, const std::string& time) {
  const auto parsed = DayHours::Parse(hours);
  if (!parsed.ok()) return parsed.error().code();
  return FormatTime(parsed->NextWithin(*ParseTime(time)));
}

TEST(DayHoursTest, SaysWhenTheyBeginNext) {
  const std::string night = "20:00-06:00 Europe/Berlin";
  EXPECT_EQ(Next(night, "2026-01-15T12:00:00Z"), "2026-01-15T19:00:00Z");
  EXPECT_EQ(Next(night, "2026-01-15T19:00:00Z"), "2026-01-15T19:00:00Z");
  EXPECT_EQ(Next(night, "2026-01-15T04:59:59Z"), "2026-01-15T04:59:59Z");
  EXPECT_EQ(Next(night, "2026-01-15T05:00:00Z"), "2026-01-15T19:00:00Z");
  EXPECT_EQ(Next(night, "2026-07-15T12:00:00Z"), "2026-07-15T18:00:00Z");
  EXPECT_EQ(Next("09:00-09:30", "2026-01-15T09:30:00Z"), "2026-01-16T09:00:00Z");
  EXPECT_EQ(Next("00:00-24:00", "2026-01-15T23:59:59Z"), "2026-01-15T23:59:59Z");
  // 02:30 is left out that night: the span begins with the hour that takes its place.
  EXPECT_EQ(Next("02:30-03:45 Europe/Berlin", "2026-03-29T00:00:00Z"), "2026-03-29T01:30:00Z");
  EXPECT_EQ(Next("01:00-02:00 America/New_York", "2026-01-15T12:00:00Z"), "2026-01-16T06:00:00Z");
}

TEST(DayHoursTest, RefusesWhatIsNoSpan) {
  for (const char* text :
       {"", "20:00", "20-06", "20:00-20:00", "25:00-26:00", "20:60-21:00", "-1:00-02:00", "8:00-9:0x"})
    EXPECT_EQ(Next(text, "2026-01-15T12:00:00Z"), "BASE-112") << text;
  EXPECT_EQ(Next("20:00-06:00 Mars/Olympus", "2026-01-15T12:00:00Z"), "BASE-111");
}

}  // namespace
}  // namespace leat
