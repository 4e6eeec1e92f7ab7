#include "run/look_back.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

struct Case {
  const char* bookmark;
  const char* look_back;
  const char* earlier;
};

TEST(LookBack, WritesTheEarlierBookmarkAsTheLaterOneIsWritten) {
  for (const Case& each : {Case{"2026-01-31 12:00:00", "2h", "2026-01-31 10:00:00"},
                           Case{"2026-01-31T01:00:00", "90m", "2026-01-30T23:30:00"},
                           Case{"2026-01-31 00:30:00.5", "1h", "2026-01-30 23:30:00.5"},
                           Case{"2026-01-31 12:00:00.123456", "1s", "2026-01-31 11:59:59.123456"},
                           Case{"2026-01-31 12:00:00.123456789", "1s", "2026-01-31 11:59:59.123456789"},
                           Case{"2026-01-31 12:00:00.000", "1s", "2026-01-31 11:59:59.000"},
                           Case{"2026-01-31 12:00:00+01", "2h", "2026-01-31 10:00:00+01"},
                           Case{"2026-01-31T00:00:00Z", "1d", "2026-01-30T00:00:00Z"},
                           Case{"2026-01-31 12:00:00.25-03:30", "2h", "2026-01-31 10:00:00.25-03:30"},
                           Case{"2026-03-01 12:00", "2d", "2026-02-27 12:00"}, Case{"2026-03-01", "1h", "2026-02-28"},
                           Case{"2026-03-01", "2d", "2026-02-27"}, Case{"1000", "100", "900"}, Case{"5", "10", "-5"},
                           Case{"2026-01-31 12:00:00", "0", "2026-01-31 12:00:00"}}) {
    const auto earlier = EarlierBookmark(each.bookmark, each.look_back);
    ASSERT_TRUE(earlier.ok()) << each.bookmark << ": " << earlier.error().ToString();
    EXPECT_EQ(*earlier, each.earlier) << each.bookmark << " - " << each.look_back;
  }
}

TEST(LookBack, RefusesWhatDoesNotGoTogether) {
  for (const Case& each : {Case{"1000", "2h", ""}, Case{"2026-01-31", "100", ""}, Case{"abc", "2h", ""},
                           Case{"-9223372036854775808", "1", ""}, Case{"2026-01-31 12:00:00", "often", ""}}) {
    const auto earlier = EarlierBookmark(each.bookmark, each.look_back);
    ASSERT_FALSE(earlier.ok()) << each.bookmark;
    EXPECT_EQ(earlier.error().code(), "RUN-547");
  }
}

}  // namespace
}  // namespace leat::run
