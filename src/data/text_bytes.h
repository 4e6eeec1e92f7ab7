#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace leat::data {

/// Offset of the first byte that is not UTF-8 as Unicode defines it (no overlong forms, surrogates or cut characters), npos
/// when all is.
size_t FindNotUtf8(std::string_view text);
inline bool IsUtf8(std::string_view text) { return FindNotUtf8(text) == std::string_view::npos; }
/// The looser question, of a sample that guesses an encoding: a character cut off at the end is fine, and three and four bytes
/// are looked at for their form only.
size_t FindInvalidUtf8(std::string_view text);
/// The first bytes of a text with every byte that is not UTF-8 (FindNotUtf8) replaced: what dead letters keep must be readable.
std::string ReadableText(std::string_view text, size_t most_bytes = size_t{1} << 20);

/// True when a byte above 127 stands in the text.
bool HasHighByte(const char* text, size_t size);
/// How often `c` stands in the text.
int64_t CountByte(const char* text, size_t size, char c);

}  // namespace leat::data
