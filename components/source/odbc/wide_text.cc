#include "components/source/odbc/wide_text.h"

#include <array>

#include "base/utf8.h"

namespace leat::components::odbc {
namespace {

constexpr char32_t kReplacement = 0xfffd;

bool IsHigh(char32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLow(char32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

/// The character at `at`, which moves behind it.
char32_t NextOfUtf8(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  if (more == 0) return kReplacement;
  constexpr std::array<unsigned char, 4> kMasks = {0, 0x1f, 0x0f, 0x07};
  char32_t character = first & kMasks[static_cast<size_t>(more)];
  for (int i = 0; i < more; ++i) {
    if (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) return kReplacement;
    character = character << 6 | (static_cast<unsigned char>(text[at++]) & 0x3f);
  }
  return character > 0x10ffff ? kReplacement : character;
}

}  // namespace

std::u16string ToWide(std::string_view utf8) {
  std::u16string wide;
  wide.reserve(utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    const char32_t character = NextOfUtf8(utf8, at);
    if (character < 0x10000) {
      wide += static_cast<char16_t>(character);
    } else {
      wide += static_cast<char16_t>(0xd800 + ((character - 0x10000) >> 10));
      wide += static_cast<char16_t>(0xdc00 + ((character - 0x10000) & 0x3ff));
    }
  }
  return wide;
}

bool AppendUtf8(std::u16string_view wide, std::string& utf8) {
  bool sound = true;
  for (size_t at = 0; at < wide.size(); ++at) {
    char32_t character = wide[at];
    if (IsHigh(character) && at + 1 < wide.size() && IsLow(wide[at + 1])) {
      character = 0x10000 + ((character - 0xd800) << 10) + (wide[++at] - 0xdc00U);
    } else if (IsHigh(character) || IsLow(character)) {
      character = kReplacement;
      sound = false;
    }
    leat::AppendUtf8(character, utf8);
  }
  return sound;
}

std::string ToUtf8(std::u16string_view wide) {
  std::string utf8;
  AppendUtf8(wide, utf8);
  return utf8;
}

}  // namespace leat::components::odbc
