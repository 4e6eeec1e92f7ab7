#include "components/source/csv/csv_fixed.h"

#include <gtest/gtest.h>

#include <string>

namespace leat::components::csv {
namespace {

TEST(CsvFixed, CutLine) {
  struct Case {
    std::string line;
    size_t begun;
    std::vector<std::string_view> values;
  };
  const std::vector<Case> cases = {
      {"ab cd  ef", 3, {"ab", "cd", "ef"}},
      {"ab cd  efg", 3, {"ab", "cd", "efg"}},
      {"ab cd  efg  \t", 3, {"ab", "cd", "efg"}},
      {"ab cd  efgh", 4, {"ab", "cd", "efg"}},
      {"ab cd  e", 3, {"ab", "cd", "e"}},
      {"ab cd  ", 2, {"ab", "cd", ""}},
      {"ab", 1, {"ab", "", ""}},
      {"", 0, {"", "", ""}},
      {"          ", 3, {"", "", ""}},
      {"äöüŁódźefg", 3, {"äöü", "Łódź", "efg"}},
      {"\x80\x80\x80", 1, {"\x80\x80\x80", "", ""}},
  };
  for (const Case& one : cases) {
    std::vector<std::string_view> values(3, "old");
    EXPECT_EQ(CutLine(one.line, {3, 4, 3}, values.data()), one.begun) << one.line;
    EXPECT_EQ(values, one.values) << one.line;
  }
}

}  // namespace
}  // namespace leat::components::csv
