#include "components/source/csv/csv_structure.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace leat::components::csv {

StructureScanner::StructureScanner(const char* text, size_t size, char delimiter, char quote, char line_end)
    : text_(text), size_(size), delimiter_(delimiter), quote_(quote == 0 ? delimiter : quote), line_end_(line_end) {
  if (size > 0) {
    Load(0);
  }
}

void StructureScanner::Load(size_t block) {
  block_ = block;
#ifdef __SSE2__
  const __m128i delimiter = _mm_set1_epi8(delimiter_);
  const __m128i quote = _mm_set1_epi8(quote_);
  const __m128i line_end = _mm_set1_epi8(line_end_);
  uint64_t mask = 0;
  int high = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_ + block + 16 * i));
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote)),
                                       _mm_cmpeq_epi8(bytes, line_end));
    mask |= static_cast<uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(found))) << (16 * i);
    high |= _mm_movemask_epi8(bytes);
  }
  mask_ = mask;
  non_ascii_ = non_ascii_ || high != 0;
#else
  mask_ = 0;
  for (size_t i = 0; i < 64 && block + i < size_; ++i) {
    char c = text_[block + i];
    if (c == delimiter_ || c == quote_ || c == line_end_) mask_ |= uint64_t{1} << i;
    non_ascii_ = non_ascii_ || static_cast<unsigned char>(c) > 127;
  }
#endif
}

}  // namespace leat::components::csv
