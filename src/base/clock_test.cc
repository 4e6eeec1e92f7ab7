#include "base/clock.h"

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(Clock, TimesThatAreReadAndWritten) {
  struct Case {
    const char* text;
    TimeMicros time;
    const char* written;
  };
  for (const Case& c : {
           Case{"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
           Case{"1970-01-01", 0, "1970-01-01T00:00:00Z"},
           Case{"1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"},
           Case{"2024-02-29T12:00:00.5Z", 1'709'208'000'500'000, "2024-02-29T12:00:00.500000Z"},
           Case{"2024-02-29 12:00:00+02:00", 1'709'200'800'000'000, "2024-02-29T10:00:00Z"},
           Case{"2000-02-29", 951'782'400'000'000, "2000-02-29T00:00:00Z"},
           Case{"1900-03-01", -2'203'891'200'000'000, "1900-03-01T00:00:00Z"},
       }) {
    const auto time = ParseTime(c.text);
    ASSERT_TRUE(time.ok()) << c.text << ": " << time.error().ToString();
    EXPECT_EQ(*time, c.time) << c.text;
    EXPECT_EQ(FormatTime(c.time), c.written);
  }
}

TEST(Clock, WhatIsNoTimeIsRefused) {
  for (const char* text : {"", "now", "2026-13-01", "2026-00-10", "2026-02-30", "1900-02-29", "2026-01-01T24:00:01Z",
                           "2026-01-01T10:60:00Z", "2026-01-01T-1:00:00Z", "2026-1-1", "2026-01-01T10:00:00.Z+",
                           "2026-01-01T10:00:00Zjunk", "2026-01-01x", "2026-01-01T10:00:00+25:00"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

}  // namespace
}  // namespace leat
