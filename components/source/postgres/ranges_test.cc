#include "components/source/postgres/ranges.h"

#include <gtest/gtest.h>

namespace leat::components::postgres {
namespace {

using std::chrono::milliseconds;

/// Takes all pieces; checks that they follow each other without a gap, from no bound to no bound.
std::vector<UnitRange> TakeAll(Ranges& ranges, milliseconds per_unit = milliseconds(0)) {
  std::vector<UnitRange> pieces;
  while (const auto piece = ranges.Next()) {
    if (pieces.empty()) {
      EXPECT_FALSE(piece->range.begin.has_value());
    } else {
      EXPECT_TRUE(pieces.back().end.has_value());
      EXPECT_EQ(pieces.back().end, piece->range.begin);
    }
    pieces.push_back(piece->range);
    const int64_t units = piece->range.end.value_or(0) - piece->range.begin.value_or(0);
    ranges.Done(*piece, per_unit * std::max<int64_t>(1, units));
  }
  EXPECT_FALSE(pieces.empty() || pieces.back().end.has_value());
  return pieces;
}

TEST(Ranges, PiecesCoverEverythingAndGetSmallerToTheEnd) {
  Ranges ranges(Axis{Unit::kPage, "", 0, 100'000}, {UnitRange{}}, Pace{std::nullopt, 2});
  const std::vector<UnitRange> pieces = TakeAll(ranges);
  ASSERT_GT(pieces.size(), 8U);
  EXPECT_EQ(*pieces[0].end, 100'000 / 6);
  const UnitRange& last = pieces[pieces.size() - 2];
  EXPECT_LE(*last.end - *last.begin, 2048) << "8 MB";
}

TEST(Ranges, SizeFollowsTheTime) {
  Ranges ranges(Axis{Unit::kPage, "", 0, 100'000}, {UnitRange{}}, Pace{std::chrono::seconds(1), 1});
  const std::vector<UnitRange> pieces = TakeAll(ranges, milliseconds(2));
  EXPECT_EQ(*pieces[0].end, 128) << "begins small";
  EXPECT_EQ(*pieces[100].end - *pieces[100].begin, 250) << "half of a second";
}

TEST(Ranges, AnEmptyOrSmallTableIsOneStatement) {
  for (const int64_t pages : {0, 1, 900}) {
    Ranges ranges(Axis{Unit::kPage, "", 0, pages}, {UnitRange{}}, Pace{std::nullopt, 2});
    const auto piece = ranges.Next();
    ASSERT_TRUE(piece.has_value());
    EXPECT_EQ(piece->condition, "");
    EXPECT_FALSE(ranges.Next().has_value());
  }
}

TEST(Ranges, WhatWasStoppedComesAgainInSmallerPieces) {
  Ranges ranges(Axis{Unit::kInteger, "id", 0, 1000}, {UnitRange{}}, Pace{std::chrono::seconds(1), 1});
  int64_t read = 0;
  int stopped = 0;
  for (auto piece = ranges.Next(); piece; piece = ranges.Next()) {
    // Rows follow one after the other, each once, whatever was stopped.
    EXPECT_EQ(piece->range.begin.value_or(0), read);
    const int64_t end = piece->range.end.value_or(1000);
    const bool slow = read < 520 && end > 500;
    if (slow && end - read > 2) {
      ++stopped;
      ASSERT_TRUE(ranges.Stopped(*piece));
      continue;
    }
    read = end;
    ranges.Done(*piece, std::chrono::milliseconds(1));
  }
  EXPECT_EQ(read, 1000);
  EXPECT_GT(stopped, 1);
}

TEST(Ranges, WhatIsAlwaysStoppedIsGivenUp) {
  Ranges ranges(Axis{Unit::kInteger, "id", 0, 1000}, {UnitRange{}}, Pace{std::chrono::seconds(1), 1});
  int stopped = 0;
  for (auto piece = ranges.Next(); piece && ranges.Stopped(*piece); piece = ranges.Next()) ++stopped;
  EXPECT_EQ(stopped, 11);
}

TEST(Ranges, HeavyPiecesGetSmaller) {
  Ranges ranges(Axis{Unit::kInteger, "id", 0, 1 << 20}, {UnitRange{}}, Pace{std::chrono::seconds(1), 1});
  const auto first = ranges.Next();
  ASSERT_TRUE(first.has_value());
  ranges.Done(*first, std::chrono::milliseconds(1), 320 << 20);
  const auto second = ranges.Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->range.end.value_or(0) - second->range.begin.value_or(0), first->range.end.value_or(0) / 10);
}

TEST(Axis, CutAndBoundsGoThereAndBack) {
  const Axis axes[] = {{Unit::kPage, "", 0, 1000},
                       {Unit::kInteger, "\"a:b\"", INT64_MIN / 2, INT64_MAX / 2},
                       {Unit::kTimestamp, "\"at\"", -1, 1},
                       {Unit::kDate, "d", 5, 5}};
  for (const Axis& axis : axes) {
    for (const int64_t count : {1, 3, 7}) {
      const std::vector<UnitRange> ranges = axis.Cut(count);
      EXPECT_FALSE(ranges.front().begin.has_value());
      EXPECT_FALSE(ranges.back().end.has_value());
      for (size_t i = 0; i < ranges.size(); ++i) {
        if (i > 0) {
          EXPECT_EQ(ranges[i - 1].end, ranges[i].begin);
        }
        const auto back = Axis::ParseBounds(axis.Bounds(ranges[i]));
        ASSERT_TRUE(back.has_value());
        EXPECT_EQ(back->first.column, axis.column);
        EXPECT_EQ(back->first.Condition(back->second), axis.Condition(ranges[i]));
      }
    }
  }
  EXPECT_FALSE(Axis::ParseBounds("p:1:x:0:1:").has_value());
  EXPECT_FALSE(Axis::ParseBounds("q:1:2:0:1:").has_value());
  EXPECT_FALSE(Axis::ParseBounds("").has_value());
}

TEST(Axis, ConditionsAreSql) {
  EXPECT_EQ((Axis{Unit::kPage, "", 0, 9}.Condition({1, 5})),
            "ctid >= '(1,0)'::pg_catalog.tid AND ctid < '(5,0)'::pg_catalog.tid");
  EXPECT_EQ((Axis{Unit::kInteger, "\"id\"", 0, 9}.Condition({std::nullopt, -3})), "\"id\" < -3");
  EXPECT_EQ((Axis{Unit::kTimestamp, "\"at\"", 0, 9}.Condition({1, std::nullopt})),
            "\"at\" >= '1970-01-01 00:00:00.000001'");
  EXPECT_EQ((Axis{Unit::kDate, "\"d\"", 0, 9}.Condition({-719'163, std::nullopt})), "\"d\" >= '0001-12-31 BC'");
}

}  // namespace
}  // namespace leat::components::postgres
