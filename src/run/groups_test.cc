#include "run/groups.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

TEST(Groups, ConnectedAssetsStandTogether) {
  // a -> b -> d, c alone, e -> d; f reads something outside.
  const std::vector<GroupMember> members = {{"a", {}, true},         {"b", {"a"}, true}, {"c", {}, false},
                                            {"d", {"b", "e"}, true}, {"e", {}, true},    {"f", {"z"}, true}};
  const auto groups = PublishGroups(members, false);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].members, (std::vector<size_t>{0, 1, 3, 4}));
  EXPECT_TRUE(groups[0].good);
  EXPECT_EQ(groups[1].members, (std::vector<size_t>{2}));
  EXPECT_FALSE(groups[1].good);
  EXPECT_EQ(groups[1].bad_member, "c");
  EXPECT_EQ(groups[2].members, (std::vector<size_t>{5}));
}

TEST(Groups, OneBadMemberHoldsItsGroup) {
  const auto groups = PublishGroups({{"a", {}, true}, {"b", {"a"}, false}, {"c", {"b"}, true}}, false);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_FALSE(groups[0].good);
  EXPECT_EQ(groups[0].bad_member, "b");
}

TEST(Groups, PublishAllIsOneGroup) {
  const auto groups = PublishGroups({{"a", {}, true}, {"b", {}, true}, {"c", {}, false}}, true);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].members, (std::vector<size_t>{0, 1, 2}));
  EXPECT_FALSE(groups[0].good);
}

TEST(Groups, NoneOfNone) { EXPECT_TRUE(PublishGroups({}, true).empty()); }

}  // namespace
}  // namespace leat::run
