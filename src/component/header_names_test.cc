#include "component/header_names.h"

#include <gtest/gtest.h>

#include <utility>

namespace leat::component {
namespace {

using Names = std::vector<std::string>;

TEST(HeaderNames, NamesThatComeTwice) {
  const std::vector<std::pair<Names, Names>> cases = {
      {{"a", "b"}, {"a", "b"}},
      {{"a", "a", "a"}, {"a", "a_2", "a_3"}},
      {{"a", "a", "a_2"}, {"a", "a_3", "a_2"}},
      {{"a_2", "a", "a"}, {"a_2", "a", "a_3"}},
      {{"a_2", "a_2", "a", "a"}, {"a_2", "a_2_2", "a", "a_3"}},
      {{"", "column1", ""}, {"column1_2", "column1", "column3"}},
      {{"", ""}, {"column1", "column2"}},
      {{"ID", "id"}, {"ID", "id"}},
  };
  for (const auto& [given, expected] : cases) EXPECT_EQ(UniqueNames(given), expected);
}

}  // namespace
}  // namespace leat::component
