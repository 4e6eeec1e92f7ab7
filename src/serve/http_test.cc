#include "serve/http.h"

#include <gtest/gtest.h>

namespace leat::serve {
namespace {

TEST(Http, PercentDecodeKeepsWhatIsNoEscape) {
  const struct {
    std::string_view text, plain, form;
  } cases[] = {
      {"a%20b", "a b", "a b"}, {"a+b", "a+b", "a b"},   {"%2B", "+", "+"},       {"100%", "100%", "100%"},
      {"%zz", "%zz", "%zz"},   {"%1F", "\x1f", "\x1f"}, {"%e2%82%ac", "€", "€"}, {"%4", "%4", "%4"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(PercentDecode(c.text, false), c.plain) << c.text;
    EXPECT_EQ(PercentDecode(c.text, true), c.form) << c.text;
  }
}

TEST(Http, EncodedTextDecodesToItself) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all), true), all);
}

TEST(Http, FormTakesTheLastOfEqualNames) {
  const auto form = ParseForm("a=1&&b=x+y%26&a=2&flag");
  EXPECT_EQ(form, (std::map<std::string, std::string>{{"a", "2"}, {"b", "x y&"}, {"flag", ""}}));
}

TEST(Http, PathSegmentsStayEncoded) {
  EXPECT_EQ(PathSegments("//v1/a%2Fb/"), (std::vector<std::string_view>{"v1", "a%2Fb"}));
  EXPECT_TRUE(PathSegments("/").empty());
}

TEST(Http, StatusSaysWhatTheClientCanDo) {
  EXPECT_EQ(HttpStatus(ErrorKind::kNotFound), 404);
  EXPECT_EQ(HttpStatus(ErrorKind::kConflict), 409);
  EXPECT_EQ(HttpStatus(ErrorKind::kPermission), 403);
  EXPECT_EQ(HttpStatus(ErrorKind::kEnvironment), 503);
  EXPECT_EQ(HttpStatus(ErrorKind::kInternal), 500);
}

}  // namespace
}  // namespace leat::serve
