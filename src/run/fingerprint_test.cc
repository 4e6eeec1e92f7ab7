#include "run/fingerprint.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

TEST(Fingerprint, TextKeepsEveryPart) {
  const Fingerprint print{"c\"1", "s", "2026-01-01", "f", {{{"raw_a", "b"}, 7345678901234567890}, {{"x", "y"}, 0}}};
  const auto back = Fingerprint::Parse(print.ToText());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, print);
}

TEST(Fingerprint, OtherTextsAreNone) {
  for (const char* text : {"", "abc", "{}", "[1]", R"({"v":2})", R"({"v":1,"config":"x"})",
                           R"({"v":1,"config":1,"source":"","bookmark":"","files":"","inputs":[]})",
                           R"({"v":1,"config":"","source":"","bookmark":"","files":"","inputs":[[1]]})"}) {
    EXPECT_FALSE(Fingerprint::Parse(text).has_value()) << text;
  }
}

TEST(Fingerprint, SaysWhatChanged) {
  const Fingerprint before{"c", "s", "b", "f", {{{"raw", "t"}, 12}}};
  EXPECT_EQ(WhyChanged(before, before), "");
  Fingerprint now = before;
  now.inputs[{"raw", "t"}] = 15;
  EXPECT_EQ(WhyChanged(before, now), "input raw.t changed (snapshot 12 -> 15)");
  now = before;
  now.inputs[{"raw", "u"}] = 1;
  EXPECT_EQ(WhyChanged(before, now), "input raw.u is new");
  EXPECT_EQ(WhyChanged(now, before), "input raw.u is gone");
  now = before;
  now.config = "d";
  EXPECT_EQ(WhyChanged(before, now), "its SQL or configuration changed");
  now = before;
  now.source = "t";
  EXPECT_EQ(WhyChanged(before, now), "the source changed");
  now = before;
  now.bookmark = "9";
  EXPECT_EQ(WhyChanged(before, now), "the bookmark moved ('b' -> '9')");
  now = before;
  now.files = "9";
  EXPECT_EQ(WhyChanged(before, now), "its files changed");
}

TEST(Fingerprint, CompactionDoesNotChangeTheDataSnapshot) {
  lake::TableMetadata metadata;
  EXPECT_EQ(DataSnapshot(metadata), 0);
  lake::Snapshot first{1, std::nullopt, 1, 0, "", {{"operation", "append"}}, {}, {}, {}};
  lake::Snapshot second{2, 1, 2, 0, "", {{"operation", "replace"}}, {}, {}, {}};
  lake::Snapshot third{3, 2, 3, 0, "", {{"operation", "replace"}}, {}, {}, {}};
  metadata.snapshots = {first, second, third};
  metadata.current_snapshot_id = 3;
  EXPECT_EQ(DataSnapshot(metadata), 1);
  metadata.current_snapshot_id = 2;
  metadata.snapshots = {second};  // its parent has expired
  EXPECT_EQ(DataSnapshot(metadata), 2);
}

}  // namespace
}  // namespace leat::run
