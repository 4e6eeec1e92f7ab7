#include "data/text_bytes.h"

#include <algorithm>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace leat::data {

namespace {

/// Bytes of the character that stands there, 0 when it is none.
size_t CharacterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0 && follows(1)) return 2;
  if (first >= 0xE0 && first < 0xF0 && follows(1) && follows(2) && (first != 0xE0 || byte(1) >= 0xA0) &&
      (first != 0xED || byte(1) < 0xA0))
    return 3;
  if (first >= 0xF0 && first < 0xF5 && follows(1) && follows(2) && follows(3) && (first != 0xF0 || byte(1) >= 0x90) &&
      (first != 0xF4 || byte(1) < 0x90))
    return 4;
  return 0;
}

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    auto byte = static_cast<unsigned char>(text[at]);
    size_t length = byte < 0x80                   ? 1
                    : byte >= 0xC2 && byte < 0xE0 ? 2
                    : byte >= 0xE0 && byte < 0xF0 ? 3
                    : byte >= 0xF0 && byte < 0xF5 ? 4
                                                  : 0;
    if (length == 0) return at;
    for (size_t i = 1; i < length; ++i) {
      if (at + i >= text.size()) return std::string_view::npos;
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

size_t FindNotUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (uint64_t eight = 0; at + 8 <= text.size()) {
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const size_t length = CharacterAt(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string ReadableText(std::string_view text, size_t most_bytes) {
  std::string readable;
  const size_t end = std::min(text.size(), most_bytes);
  for (size_t at = 0; at < end;) {
    const size_t length = CharacterAt(text, at);
    if (at + length > end) break;  // the limit is inside of it
    if (length == 0) readable += "\xef\xbf\xbd";
    readable.append(text, at, length);
    at += std::max<size_t>(1, length);
  }
  return readable;
}

bool HasHighByte(const char* text, size_t size) {
  size_t at = 0;
#ifdef __SSE2__
  for (; at + 16 <= size; at += 16) {
    if (_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at))) != 0) return true;
  }
#endif
  return std::any_of(text + at, text + size, [](char c) { return static_cast<unsigned char>(c) > 127; });
}

int64_t CountByte(const char* text, size_t size, char c) {
  int64_t count = 0;
  size_t at = 0;
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(c);
  while (at + 16 <= size) {
    __m128i sums = _mm_setzero_si128();  // of each of 16 places, modulo 256
    const size_t end = std::min(size, at + size_t{16} * 255);
    for (; at + 16 <= end; at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, wanted));
    }
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    count += _mm_cvtsi128_si64(halves) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(halves, halves));
  }
#endif
  return count + std::count(text + at, text + size, c);
}

}  // namespace leat::data
