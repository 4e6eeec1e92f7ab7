#include "component/key_ranges.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace leat::component {
namespace {

struct Bounds {
  std::optional<int64_t> begin, end;
};

/// "k >= 5 AND k <= 9" and parts of it.
Bounds ReadBounds(const std::string& text) {
  Bounds bounds;
  if (const size_t at = text.find("k >= "); at != std::string::npos) bounds.begin = std::stoll(text.substr(at + 5));
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
          EXPECT_EQ(*bounds.begin - 1, *before) << parts[i].bounds;
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

}  // namespace
}  // namespace leat::component
