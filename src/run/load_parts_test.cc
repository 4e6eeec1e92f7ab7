#include "run/load_parts.h"

#include <gtest/gtest.h>

namespace leat::run {
namespace {

PartsPlan PlanOf(const std::vector<std::string>& ids) {
  PartsPlan plan;
  for (const std::string& id : ids) {
    component::TablePart& part = plan.parts.emplace_back();
    part.id = id;
  }
  return plan;
}

std::vector<Portion> PortionsOf(const std::vector<std::vector<std::string>>& ids) {
  std::vector<Portion> portions;
  for (const auto& parts : ids) {
    Portion& portion = portions.emplace_back();
    portion.parts = parts;
  }
  return portions;
}

std::string Missed(const PartsPlan& plan, const std::vector<Portion>& portions) {
  std::string text;
  for (const component::TablePart& part : Missing(plan, portions)) text += part.id;
  return text;
}

TEST(LoadParts, AreWholeWhenEachPartIsThereOnce) {
  const PartsPlan plan = PlanOf({"a", "b", "c"});
  EXPECT_TRUE(CheckWhole(plan, PortionsOf({{"c"}, {"a", "b"}})).ok());
  for (const auto& portions :
       {PortionsOf({{"a", "b"}}), PortionsOf({{"a", "b"}, {"b", "c"}}), PortionsOf({{"a", "b", "c", "d"}}),
        PortionsOf({{"a", "a", "b", "c"}}), PortionsOf({})}) {
    const Status status = CheckWhole(plan, portions);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), "RUN-545");
  }
  EXPECT_FALSE(CheckWhole(PlanOf({"a", "a"}), PortionsOf({{"a"}})).ok());
}

TEST(LoadParts, WhatIsMissingComesInThePlansOrder) {
  const PartsPlan plan = PlanOf({"a", "b", "c", "d"});
  EXPECT_EQ(Missed(plan, {}), "abcd");
  EXPECT_EQ(Missed(plan, PortionsOf({{"c"}, {"a"}})), "bd");
  EXPECT_EQ(Missed(plan, PortionsOf({{"a", "b"}, {"c", "d"}})), "");
}

}  // namespace
}  // namespace leat::run
