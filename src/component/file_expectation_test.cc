#include "component/file_expectation.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

const TimeMicros kDay = *ParseTime("2026-11-20T00:00:00Z");

TEST(FileExpectation, NamesWhatAPeriodLacks) {
  FileExpectation expect;
  expect.count = 24;
  expect.by_minutes = 6 * 60;
  const auto pattern = DatePattern::Parse("in/o_{yyyy-MM-dd}_{HH}.csv");
  ASSERT_TRUE(pattern.ok());
  const auto names = NamesOfPeriod(expect, *pattern, kDay);
  ASSERT_EQ(names.size(), 24u);
  EXPECT_EQ(names[7].name, "in/o_2026-11-20_07.csv");
  ArrivedFiles arrived;
  for (const ExpectedFile& file : names) arrived["base/" + file.name] = 5;
  EXPECT_FALSE(LookAtPeriod(expect, kDay, arrived, names));
  arrived.erase("base/in/o_2026-11-20_07.csv");
  arrived["base/in/else.csv"] = 5;  // another file does not make up for it
  const auto lacking = LookAtPeriod(expect, kDay, arrived, names);
  ASSERT_TRUE(lacking);
  EXPECT_EQ(lacking->text, "2026-11-20: 23 of 24 files; missing in/o_2026-11-20_07.csv");
  EXPECT_EQ(FormatTime(lacking->due), "2026-11-21T06:00:00Z");
}

TEST(FileExpectation, WithoutNamesItCounts) {
  FileExpectation expect;
  expect.count = 3;
  const auto pattern = DatePattern::Parse("o_{yyyy-MM-dd}_*.csv");
  EXPECT_TRUE(NamesOfPeriod(expect, *pattern, kDay).empty());
  EXPECT_EQ(LookAtPeriod(expect, kDay, {{"a", 1}, {"b", 1}}, {})->text, "2026-11-20: 2 of 3 files");
  EXPECT_FALSE(LookAtPeriod(expect, kDay, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}, {}));
  EXPECT_EQ(LookAtPeriod(expect, kDay, {}, {})->arrived, 0u);
}

TEST(FileExpectation, AManifestSaysNamesAndSizes) {
  const auto files = ParseManifest("# of the day\na.csv 10\n\n  b.csv\n", "m");
  ASSERT_TRUE(files.ok());
  ASSERT_EQ(files->size(), 2u);
  EXPECT_FALSE(LookAtPeriod({}, kDay, {{"in/a.csv", 10}, {"in/b.csv", 7}}, *files));
  EXPECT_EQ(LookAtPeriod({}, kDay, {{"in/a.csv", 9}, {"in/xb.csv", 7}}, *files)->text,
            "2026-11-20: 0 of 2 files; missing a.csv (9 bytes, not 10), b.csv");
  for (const char* wrong : {"a.csv ten\n", "a.csv 10 20\n", "a.csv -1\n", "a.csv 1x\n"}) {
    const auto refused = ParseManifest(std::string("b\n") + wrong, "in/m");
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().code(), "SRC-208");
    EXPECT_NE(refused.error().message().find("in/m:2"), std::string::npos);
  }
}

}  // namespace
}  // namespace leat::component
