#include "run/rename_evidence.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

TEST(RenameConfidence, GrowsWithEqualRowsAndWithDifferentValues) {
  EXPECT_EQ(RenameConfidence(0, 0, 0), 0);
  EXPECT_EQ(RenameConfidence(100, 100, 1), 0.5);  // a constant
  EXPECT_DOUBLE_EQ(RenameConfidence(100, 100, 19), 0.95);
  EXPECT_EQ(RenameConfidence(100, 0, 50), 0);
  for (int64_t different = 1; different < 100; ++different) {
    for (int64_t equal = 1; equal < 100; ++equal) {
      EXPECT_LT(RenameConfidence(100, equal, different), RenameConfidence(100, equal + 1, different));
      EXPECT_LT(RenameConfidence(100, equal, different), RenameConfidence(100, equal, different + 1));
      EXPECT_LT(RenameConfidence(100, equal, different), 1);
    }
  }
}

TEST(SurestPairs, EachColumnOnce) {
  const auto chosen = SurestPairs(
      {{"a", "x", 0.9, ""}, {"a", "y", 0.99, ""}, {"b", "y", 0.95, ""}, {"b", "x", 0.6, ""}, {"c", "z", 0.4, ""}});
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].from + chosen[0].to, "ay");
  EXPECT_EQ(chosen[1].from + chosen[1].to, "bx");
}

}  // namespace
}  // namespace leat::run
