#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace leat {
namespace {

TimeMicros At(const std::string& text) { return *ParseTime(text); }

std::string Offset(const TimeZone& zone, const std::string& time) {
  return fmt::format("{:+}", static_cast<double>(zone.OffsetSeconds(At(time))) / 3600);
}

TEST(TimeZoneTest, KnowsItsOffsetsThenAndLongAfterTheLastOneThatIsWrittenDown) {
  const auto berlin = TimeZone::Load("Europe/Berlin");
  ASSERT_TRUE(berlin.ok()) << berlin.error().ToString();
  EXPECT_EQ(Offset(*berlin, "2026-01-15T12:00:00Z"), "+1");
  EXPECT_EQ(Offset(*berlin, "2026-07-15T12:00:00Z"), "+2");
  EXPECT_EQ(Offset(*berlin, "2026-03-29T00:59:59Z"), "+1");
  EXPECT_EQ(Offset(*berlin, "2026-03-29T01:00:00Z"), "+2");
  EXPECT_EQ(Offset(*berlin, "2026-10-25T00:59:59Z"), "+2");
  EXPECT_EQ(Offset(*berlin, "2026-10-25T01:00:00Z"), "+1");
  EXPECT_EQ(Offset(*berlin, "2090-01-15T12:00:00Z"), "+1");  // by the rule
  EXPECT_EQ(Offset(*berlin, "2090-07-15T12:00:00Z"), "+2");
  EXPECT_EQ(Offset(*berlin, "2090-03-26T00:59:59Z"), "+1");  // the last Sunday
  EXPECT_EQ(Offset(*berlin, "2090-03-26T01:00:00Z"), "+2");

  const auto sydney = TimeZone::Load("Australia/Sydney");  // its summer lies over the new year
  ASSERT_TRUE(sydney.ok());
  EXPECT_EQ(Offset(*sydney, "2090-01-15T12:00:00Z"), "+11");
  EXPECT_EQ(Offset(*sydney, "2090-07-15T12:00:00Z"), "+10");

  EXPECT_EQ(Offset(*TimeZone::Load("Asia/Kathmandu"), "2026-01-01T00:00:00Z"), "+5.75");
  EXPECT_EQ(Offset(*TimeZone::Load("UTC"), "2026-07-01T00:00:00Z"), "+0");
}

TEST(TimeZoneTest, TurnsLocalTimesIntoInstants) {
  const auto berlin = TimeZone::Load("Europe/Berlin");
  ASSERT_TRUE(berlin.ok());
  const auto utc = [&](const std::string& local) { return FormatTime(berlin->ToUtc(At(local))); };
  EXPECT_EQ(utc("2026-01-15T20:00:00Z"), "2026-01-15T19:00:00Z");
  EXPECT_EQ(utc("2026-07-15T20:00:00Z"), "2026-07-15T18:00:00Z");
  EXPECT_EQ(utc("2026-03-29T02:30:00Z"), "2026-03-29T01:30:00Z");  // left out: clocks show 03:30 then
  EXPECT_EQ(utc("2026-10-25T02:30:00Z"), "2026-10-25T00:30:00Z");  // twice: the first
  EXPECT_EQ(utc("2026-10-25T03:30:00Z"), "2026-10-25T02:30:00Z");
}

TEST(TimeZoneTest, RefusesWhatIsNoZone) {
  for (const char* name : {"", "Europe/Nowhere", "/etc/passwd", "../../../etc/passwd"}) {
    const auto zone = TimeZone::Load(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_EQ(zone.error().code(), "BASE-111");
  }
  EXPECT_FALSE(TimeZone::Parse("x", "TZif2").ok());
  EXPECT_FALSE(TimeZone::Parse("x", std::string("TZif2") + std::string(39, '\xff')).ok());
}

}  // namespace
}  // namespace leat
