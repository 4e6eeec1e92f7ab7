#include "components/source/http/pages.h"

#include <gtest/gtest.h>

#include "components/source/http/session.h"
#include "components/source/http/template.h"

namespace leat::components::http {
namespace {

TEST(HttpPages, NextLink) {
  const struct {
    const char *header, *expected;
  } kCases[] = {{"", ""},
                {"<https://a/b?x=1>; rel=\"next\"", "https://a/b?x=1"},
                {"<https://a/1>; rel=\"prev\", <https://a/3>; rel=next", "https://a/3"},
                {"<https://a/1>; title=\"x, <y>; rel=next\"; rel=\"last\"", ""},
                {"</2?a=b>; rel=\"next last\"", "/2?a=b"},
                {"<https://a/1>; rel=\"nextish\"", ""},
                {"<https://a/1", ""}};
  for (const auto& test : kCases) {
    EXPECT_EQ(NextLink(test.header), test.expected) << test.header;
  }
}

TEST(HttpPages, WindowsCoverTheRangeOnce) {
  PageOptions options;
  options.kind = PageOptions::Kind::kRange;
  options.from_param = "a";
  options.to_param = "b";
  options.from = ParseTime("2026-01-01T00:00:00Z").value();
  options.to = ParseTime("2026-01-04T06:00:00Z").value();
  options.step = 86'400'000'000;
  const std::vector<Page> pages = FirstPages(options);
  ASSERT_EQ(pages.size(), 4U);
  for (size_t i = 1; i < pages.size(); ++i) EXPECT_EQ(pages[i].params[0].second, pages[i - 1].params[1].second);
  EXPECT_EQ(pages.front().params[0].second, "2026-01-01T00:00:00Z");
  EXPECT_EQ(pages.back().params[1].second, "2026-01-04T06:00:00Z");
}

TEST(HttpPages, TimesAsApisWantThem) {
  const TimeMicros time = ParseTime("2026-11-21T13:05:09.25Z").value();
  EXPECT_EQ(TimeText(time, "iso"), "2026-11-21T13:05:09.250000Z");
  EXPECT_EQ(TimeText(time, "date"), "2026-11-21");
  EXPECT_EQ(TimeText(time, "unix"), "1795266309");
  EXPECT_EQ(TimeText(time, "unix_ms"), "1795266309250");
  EXPECT_EQ(TimeText(time, "%Y%m%d-%H"), "20261121-13");
}

TEST(HttpPages, APageThatIsFullAsksForMoreAndAShortOneEnds) {
  PageOptions options;
  options.kind = PageOptions::Kind::kOffset;
  options.param = "skip";
  Page first = FirstPages(options)[0];
  const auto second = PagesAfter(options, first, {"{}", "", 40, "h1"}).value();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].params[0], (std::pair<std::string, std::string>("skip", "40")));
  EXPECT_TRUE(PagesAfter(options, second[0], {"{}", "", 39, "h2"}).value().empty());
  EXPECT_TRUE(PagesAfter(options, second[0], {"{}", "", 0, "h2"}).value().empty());
  EXPECT_EQ(PagesAfter(options, second[0], {"{}", "", 40, "h1"}).error().code(), "SRC-257");
}

TEST(HttpTemplate, Expand) {
  const Placeholders values{{"since", "a/b &c"}, {"job.url", "https://x/y?z"}, {"empty", ""}};
  bool empty = false;
  EXPECT_EQ(ExpandText("/x/{since}", values, Expand::kPath, &empty).value(), "/x/a%2Fb%20%26c");
  EXPECT_FALSE(empty);
  EXPECT_EQ(ExpandText("{job.url}", values, Expand::kPath).value(), "https://x/y?z");
  EXPECT_EQ(ExpandText("{\"a\": {\"b\": \"{since}\"}, \"c\": {}}", values, Expand::kJson).value(),
            "{\"a\": {\"b\": \"a/b &c\"}, \"c\": {}}");
  EXPECT_EQ(ExpandText("{{x}", values, Expand::kPlain).value(), "{x}");
  EXPECT_EQ(ExpandText("{empty}", values, Expand::kPlain, &empty).value(), "");
  EXPECT_TRUE(empty);
  EXPECT_EQ(ExpandText("{sinse}", values, Expand::kPlain).error().code(), "SRC-251");
}

}  // namespace
}  // namespace leat::components::http
