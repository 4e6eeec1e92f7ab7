#include "run/source_profile.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

TimeMicros At(const char* text) { return ParseTime(text).value(); }

const TimeMicros kNow = At("2026-11-22T12:00:00Z");

TEST(SourceProfile, MomentsTellChangesStepsAndHours) {
  std::vector<std::string> values;
  for (int day = 2; day < 22; ++day) {
    for (int hour = 9; hour < 17; ++hour) values.push_back(fmt::format("2026-11-{:02} {:02}:30:00", day, hour));
  }
  const MomentProfile moment = ProfileMoments("updated_at", values, kNow);
  EXPECT_EQ(moment.seen, 160);
  EXPECT_EQ(moment.newest, At("2026-11-21T16:30:00Z"));
  EXPECT_EQ(moment.oldest, At("2026-11-02T09:30:00Z"));
  EXPECT_EQ(moment.step, 60'000'000);
  EXPECT_EQ(moment.same, 1);
  EXPECT_NEAR(moment.per_day.value_or(0), 160 / 20.104, 0.01);
  EXPECT_EQ(moment.hours[9], 20);
  EXPECT_EQ(moment.hours[8], 0);
  TableProfile profile;
  profile.moments = {moment};
  const auto quiet = FindQuietHours({profile});
  ASSERT_TRUE(quiet.has_value());
  EXPECT_EQ(quiet->from, 0);
  EXPECT_EQ(quiet->share, 0);
}

TEST(SourceProfile, WhatTellsNothingIsNotSaid) {
  EXPECT_FALSE(ProfileMoments("a", {}, kNow).newest.has_value());
  // All of the last hours: neither a rate nor hours.
  const MomentProfile young = ProfileMoments("a", {"2026-11-22 11:00:00.5", "2026-11-22 10:00:00"}, kNow);
  EXPECT_FALSE(young.per_day.has_value());
  EXPECT_EQ(young.hours, (std::array<int64_t, 24>{}));
  EXPECT_EQ(young.step, 1'000);
  // Whole days have no hours.
  const MomentProfile days = ProfileMoments("a", {"2026-11-20", "2026-11-10"}, kNow);
  EXPECT_EQ(days.step, TimeMicros{86'400} * 1'000'000);
  EXPECT_EQ(days.hours, (std::array<int64_t, 24>{}));
  // An even spread has no quiet hours.
  std::vector<std::string> even;
  for (int hour = 0; hour < 24; ++hour) even.push_back(fmt::format("2026-11-10 {:02}:00:01", hour));
  TableProfile profile;
  profile.moments = {ProfileMoments("a", even, kNow)};
  EXPECT_FALSE(FindQuietHours({profile}).has_value());
}

TEST(SourceProfile, WhatIsNoMomentOrLaterThanNowIsCounted) {
  const MomentProfile moment =
      ProfileMoments("a", {"infinity", "2999-01-01 00:00:00", "2026-11-01 10:00:00", "2026-11-01 10:00:00+00"}, kNow);
  EXPECT_EQ(moment.unreadable, 1);
  EXPECT_EQ(moment.ahead, 1);
  EXPECT_EQ(moment.same, 2);
  EXPECT_EQ(moment.hours[10], 2);
}

TEST(SourceProfile, IsReadBackAsItWas) {
  TableProfile profile;
  profile.at = kNow;
  profile.rows = 7;
  profile.counted = true;
  profile.bytes = 8192;
  profile.key = KeyProfile{{"a", "b"}, false, 1, 2};
  profile.moments = {ProfileMoments("m", {"2026-11-01 10:00:00", "2026-11-05"}, kNow)};
  profile.moments[0].nulls = 3;
  profile.writes = component::WriteCounters{1, 2, 3, kNow};
  profile.read = ReadProfile{50, 4096, std::chrono::microseconds(1'234'567), std::chrono::microseconds(89), true};
  profile.not_measured = {"key: \"no\""};
  const std::string text = ProfileToJson(profile);
  const auto read = ProfileFromJson(text);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(ProfileToJson(*read), text);
  EXPECT_EQ(read->read->time.count(), 1'234'567);
  const auto damaged = ProfileFromJson("{\"version\": 1}");
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code(), "RUN-554");
}

TEST(SourceProfile, TimeOfTheWholeIsByTheRowsRead) {
  TableProfile profile;
  EXPECT_FALSE(TimeToReadAll(profile).has_value());
  profile.rows = 1000;
  profile.read = ReadProfile{100, 0, std::chrono::seconds(2), {}, false};
  EXPECT_EQ(TimeToReadAll(profile), std::chrono::seconds(20));
  profile.read->all = true;
  EXPECT_EQ(TimeToReadAll(profile), std::chrono::seconds(2));
}

}  // namespace
}  // namespace leat::run
