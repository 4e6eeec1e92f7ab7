#include "data/text_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace leat::data {
namespace {

TEST(FindInvalidUtf8, Cases) {
  EXPECT_EQ(FindInvalidUtf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), std::string_view::npos);
  EXPECT_EQ(FindInvalidUtf8("caf\xe9,2\n"), 3u);
  EXPECT_EQ(FindInvalidUtf8("cut \xe2\x82"), std::string_view::npos) << "a character cut off at the end of a sample";
  EXPECT_EQ(FindInvalidUtf8("\xc0\xaf"), 0u) << "overlong";
}

TEST(FindNotUtf8, IsWhereTheCharacterBeginsThatIsNone) {
  constexpr size_t kNone = std::string_view::npos;
  EXPECT_EQ(FindNotUtf8("0123456789 caf\xc3\xa9 \xe2\x82\xac \xef\xbf\xbd \xf0\x9f\x98\x80"), kNone);
  EXPECT_EQ(FindNotUtf8("caf\xe9,2\n"), 3U);
  EXPECT_EQ(FindNotUtf8("cut \xe2\x82"), 4U);
  EXPECT_EQ(FindNotUtf8("\xc3\xa9\xed\xa0\x80"), 2U) << "a surrogate";
  EXPECT_EQ(FindNotUtf8("0123456789abcdef\xff"), 16U) << "behind text that is passed over eight bytes at a time";
}

TEST(IsUtf8, Cases) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("0123456789 caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 0123456789"));
  for (const char* bad : {"0123456789\xe9", "cut \xe2\x82", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\x80", "01234567\xff"})
    EXPECT_FALSE(IsUtf8(bad)) << bad;
}

TEST(ReadableText, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(ReadableText("J\xf6rg"), "J\xef\xbf\xbdrg");
  EXPECT_EQ(ReadableText("a\xed\xa0\x80z"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz") << "a surrogate";
  EXPECT_EQ(ReadableText("ab\xe2\x82\xac", 3), "ab") << "the limit is inside of a character";
  EXPECT_EQ(ReadableText("ab\xe2\x82\xac", 5), "ab\xe2\x82\xac");
}

TEST(TextBytes, CountAndHighByteAgreeWithALoop) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text(random() % 100 + (round % 50 == 0 ? 20'000 : 0), ' ');
    for (char& c : text) c = ",\"\nabcdefghijkl"[random() % 15];
    EXPECT_EQ(CountByte(text.data(), text.size(), ','), std::count(text.begin(), text.end(), ','));
    EXPECT_FALSE(HasHighByte(text.data(), text.size()));
    if (text.empty()) continue;
    text[random() % text.size()] = '\xc3';
    EXPECT_TRUE(HasHighByte(text.data(), text.size()));
  }
}

}  // namespace
}  // namespace leat::data
