#include "components/source/odbc/wide_text.h"

#include <gtest/gtest.h>

namespace leat::components::odbc {
namespace {

TEST(OdbcWideText, ComesBackAsItWas) {
  for (const std::string text : {"", "plain", "größe", "ключ", "日本", "😀 a 😀"})
    EXPECT_EQ(ToUtf8(ToWide(text)), text);
  EXPECT_EQ(ToWide("😀").size(), 2U);
  EXPECT_EQ(ToUtf8(ToWide(std::string_view("a\0b", 3))).size(), 3U);
}

TEST(OdbcWideText, HalfAPairIsNoCharacter) {
  for (const std::u16string& wide :
       {std::u16string{0xd83d}, std::u16string{0xde00, 'a'}, std::u16string{0xd83d, 'a'}}) {
    std::string text;
    EXPECT_FALSE(AppendUtf8(wide, text));
    EXPECT_NE(text.find("\xef\xbf\xbd"), std::string::npos);
  }
}

TEST(OdbcWideText, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  for (const char* bytes : {"\xff", "\xc3", "\xe2\x82"}) EXPECT_EQ(ToUtf8(ToWide(bytes)), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace leat::components::odbc
