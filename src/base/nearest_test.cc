#include "base/nearest.h"

#include <gtest/gtest.h>

namespace leat {
namespace {

TEST(Nearest, NamesThatWereMeant) {
  const std::vector<std::string> names = {"orders", "order_lines", "customers", "Customer", "id"};
  EXPECT_EQ(DidYouMean("ordres", names), "did you mean 'orders'?") << "two neighbours that were swapped";
  EXPECT_EQ(DidYouMean("CUSTOMERS", names), "did you mean 'customers' or 'Customer'?");
  EXPECT_EQ(DidYouMean("lines", names), "did you mean 'order_lines'?") << "a part of a longer name";
  EXPECT_EQ(DidYouMean("zebra", names), "");
  EXPECT_EQ(DidYouMean("", {}), "");
  EXPECT_EQ(NearestNames("aaaa", {"aaab", "aaac", "aaad", "aaae"}).size(), 3u) << "at most three";
}

}  // namespace
}  // namespace leat
