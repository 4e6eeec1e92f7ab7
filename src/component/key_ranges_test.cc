#include "component/key_ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <set>

namespace leat::component {
namespace {

struct Bounds {
  std::optional<int64_t> begin, end;  ///< behind the first, up to the second

  bool Hold(int64_t key) const { return (!begin || key > begin.value_or(0)) && (!end || key <= end.value_or(0)); }
};

/// "k > 4 AND k <= 9" and parts of it.
Bounds ReadBounds(const std::string& text) {
  Bounds bounds;
  if (const size_t at = text.find("k > "); at != std::string::npos) bounds.begin = std::stoll(text.substr(at + 4));
  if (const size_t at = text.find("k <= "); at != std::string::npos) bounds.end = std::stoll(text.substr(at + 5));
  return bounds;
}

TEST(CutKeyRange, EveryKeyIsInOneRange) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  const std::pair<int64_t, int64_t> keys[] = {{0, 0},          {1, 2}, {-7, 100}, {kLeast, kMost}, {kMost - 3, kMost},
                                              {kLeast, kLeast}};
  for (const auto& [low, high] : keys) {
    for (const int64_t rows : {0, 1, 10, 1'000, 1'000'000'000}) {
      const std::vector<TablePart> parts = CutKeyRange("k", low, high, rows, 3);
      ASSERT_FALSE(parts.empty());
      EXPECT_LE(parts.size(), 10'000U);
      std::optional<int64_t> before;  // the end of the range before
      for (size_t i = 0; i < parts.size(); ++i) {
        const Bounds bounds = ReadBounds(parts[i].bounds);
        EXPECT_EQ(bounds.begin.has_value(), i > 0) << parts[i].bounds;
        EXPECT_EQ(bounds.end.has_value(), i + 1 < parts.size()) << parts[i].bounds;
        if (before && bounds.begin) {
          EXPECT_EQ(*bounds.begin, *before) << parts[i].bounds;
        }
        before = bounds.end;
      }
    }
  }
}

TEST(CutKeyRange, SoManyPartsAsRowsAskFor) {
  EXPECT_EQ(CutKeyRange("k", 1, 1'000, 99, 10).size(), 10U);
  EXPECT_EQ(CutKeyRange("k", 1, 3, 99, 10).size(), 3U);  // no more than there are keys
  EXPECT_EQ(CutKeyRange("k", 1, 1'000, 5, 10).front().shown, "all rows");
}

TEST(LieClose, HalfOfTheRangeOrMore) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  EXPECT_TRUE(LieClose(1, 100, 100));
  EXPECT_TRUE(LieClose(1, 199, 100));
  EXPECT_FALSE(LieClose(1, 201, 100));
  EXPECT_TRUE(LieClose(7, 7, 1));
  EXPECT_FALSE(LieClose(7, 7, 0));
  EXPECT_FALSE(LieClose(kLeast, kMost, 1'000'000));
}

TEST(RowsPerPart, FollowsTheStreams) {
  EXPECT_EQ(RowsPerPart({77, 4}, 4, 1'000'000), 77);
  EXPECT_EQ(RowsPerPart({0, 1}, 1, 1'000'000), 200'000);
  EXPECT_EQ(RowsPerPart({0, 2}, 2, 600'000), 100'001);  // three parts for each
  EXPECT_EQ(RowsPerPart({0, 2}, 2, 1'000), 10'000);
  EXPECT_EQ(RowsPerPart({0, 2}, 2, 1'000'000'000), 200'000);
}

/// Keys as a server has them: WalkKey's question, answered from an ordered set.
struct Keys {
  std::set<int64_t> values;
  int questions = 0;

  NextBound Next() {
    return [this](const std::string& after, int64_t skip) -> Result<std::optional<std::string>> {
      ++questions;
      auto at = after.empty() ? values.begin() : values.upper_bound(std::stoll(after));
      for (; skip > 0 && at != values.end(); --skip) ++at;
      return at == values.end() ? std::nullopt : std::optional(std::to_string(*at));
    };
  }
};

/// Whole numbers of very different distances: from 1 to 2^58.
Keys SkewedKeys(std::mt19937_64& random) {
  Keys keys;
  const int clusters = static_cast<int>(random() % 5) + 1;
  for (int i = 0; i < clusters; ++i) {
    const auto begin = static_cast<int64_t>(random());
    const int64_t step = int64_t{1} << (random() % 58);
    int64_t value = begin;
    for (int64_t n = static_cast<int64_t>(random() % 700); n > 0; --n) {
      keys.values.insert(value);
      if (__builtin_add_overflow(value, static_cast<int64_t>(random() % static_cast<uint64_t>(step)) + 1, &value))
        break;
    }
  }
  return keys;
}

TEST(WalkKey, PartsHoldEveryKeyOnceAndTheLargestIsNoTwiceTheMean) {
  std::mt19937_64 random(20261122);  // NOLINT(bugprone-random-generator-seed): the same keys each time
  for (int round = 0; round < 100; ++round) {
    Keys keys = SkewedKeys(random);
    const auto rows = static_cast<int64_t>(keys.values.size());
    const auto rows_per_part = static_cast<int64_t>(random() % 90) + 1;
    const auto bounds = WalkKey(rows_per_part, keys.Next());
    ASSERT_TRUE(bounds.ok());
    const std::vector<TablePart> parts = CutAtBounds("k", *bounds, rows, rows_per_part, false);
    std::vector<int64_t> counts(parts.size());
    std::set<std::string> ids;
    for (const TablePart& part : parts) ids.insert(part.id);
    EXPECT_EQ(ids.size(), parts.size());
    int64_t estimated = 0;
    for (const TablePart& part : parts) estimated += part.estimated_rows;
    EXPECT_EQ(estimated, rows);
    std::vector<Bounds> ranges;
    ranges.reserve(parts.size());
    for (const TablePart& part : parts) ranges.push_back(ReadBounds(part.bounds));
    for (const int64_t key : keys.values) {
      int in = 0;
      for (size_t i = 0; i < ranges.size(); ++i) {
        if (ranges[i].Hold(key)) {
          ++in;
          ++counts[i];
        }
      }
      ASSERT_EQ(in, 1) << key;
    }
    const int64_t largest = *std::max_element(counts.begin(), counts.end());
    EXPECT_LE(largest * static_cast<int64_t>(parts.size()), 2 * std::max<int64_t>(rows, 1)) << rows_per_part;
    EXPECT_LE(keys.questions, rows / rows_per_part + 1);
  }
}

TEST(WalkKey, EndsWhereABoundComesTwiceAndAtTenThousandParts) {
  const auto same = WalkKey(10, [](const std::string&, int64_t) { return std::optional<std::string>("'2024-01-01'"); });
  EXPECT_EQ(same->size(), 1U);
  int64_t next = 0;
  const auto endless =
      WalkKey(1, [&](const std::string&, int64_t) { return std::optional<std::string>(std::to_string(next++)); });
  EXPECT_EQ(endless->size(), 9'999U);
  const auto broken = WalkKey(1, [](const std::string&, int64_t) -> Result<std::optional<std::string>> {
    return MakeError("SRC-275", ErrorKind::kEnvironment, "lost");
  });
  EXPECT_EQ(broken.error().code(), "SRC-275");
}

TEST(CutAtBounds, RowsWithoutAKeyComeWithTheFirst) {
  const auto parts = CutAtBounds("k", {"DATE '2024-01-01'", "DATE '2024-02-01'"}, 25, 10, true);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].bounds, "(k <= DATE '2024-01-01' OR k IS NULL)");
  EXPECT_EQ(parts[1].bounds, "k > DATE '2024-01-01' AND k <= DATE '2024-02-01'");
  EXPECT_EQ(parts[2].bounds, "k > DATE '2024-02-01'");
  EXPECT_EQ(parts[2].estimated_rows, 5);
  EXPECT_EQ(CutAtBounds("k", {}, 25, 10, true).front().bounds, "");
  EXPECT_EQ(CutKeyRange("k", 1, 20, 20, 19, true).front().bounds, "(k <= 10 OR k IS NULL)");
}

TEST(CutByHash, InTheServersOwnWords) {
  const auto bounds = [](KeyHash hash) { return CutByHash(hash, {"a", "b"}, 3, 30).at(2).bounds; };
  EXPECT_EQ(bounds(KeyHash::kCrc32), "CRC32(CONCAT_WS(',', a, b)) % 3 = 2");
  EXPECT_EQ(bounds(KeyHash::kHashText), "(hashtext(concat_ws(',', a, b) COLLATE \"C\") & 2147483647) % 3 = 2");
  EXPECT_EQ(bounds(KeyHash::kChecksum), "ABS(CAST(CHECKSUM(a, b) AS bigint)) % 3 = 2");
  EXPECT_EQ(bounds(KeyHash::kOraHash), "ORA_HASH(a || ',' || b, 2) = 2");
  EXPECT_EQ(CutByHash(KeyHash::kCrc32, {"a"}, 3, 30).at(0).estimated_rows, 10);
}

TEST(PlainOrder, OfNumbersDatesAndMoments) {
  using data::TypeId;
  const auto held = [](const data::TypePtr& type, const char* text) {
    return HasPlainOrder(*type) && IsPlainValue(*type, text);
  };
  EXPECT_TRUE(held(data::Primitive(TypeId::kLong), "-9223372036854775808"));
  EXPECT_TRUE(held(data::Decimal(20, 0), "18446744073709551615"));
  EXPECT_TRUE(held(data::Primitive(TypeId::kDate), "2024-02-29"));
  EXPECT_TRUE(held(data::Primitive(TypeId::kTimestamp), "2024-02-29 10:00:00.5"));
  EXPECT_TRUE(held(data::Primitive(TypeId::kTimestampTz), "2024-02-29 10:00:00+00"));
  for (const char* bad : {"NaN", "1e", "1 OR 1=1", ""}) EXPECT_FALSE(held(data::Decimal(9, 2), bad)) << bad;
  for (const char* bad : {"infinity", "0000-00-00", "0044-03-15 BC"})
    EXPECT_FALSE(held(data::Primitive(TypeId::kDate), bad)) << bad;
  for (const TypeId id : {TypeId::kString, TypeId::kUuid, TypeId::kDouble, TypeId::kBoolean})
    EXPECT_FALSE(held(data::Primitive(id), "1"));
}

}  // namespace
}  // namespace leat::component
