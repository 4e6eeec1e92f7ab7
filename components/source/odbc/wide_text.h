#pragma once

#include <string>
#include <string_view>

namespace leat::components::odbc {

/// UTF-16 in the machine's order, as drivers take and give text (SQL_C_WCHAR).
std::u16string ToWide(std::string_view utf8);

/// Appends `wide` as UTF-8. False for half a surrogate pair, which is no character: U+FFFD stands in its place then.
bool AppendUtf8(std::u16string_view wide, std::string& utf8);
std::string ToUtf8(std::u16string_view wide);

}  // namespace leat::components::odbc
