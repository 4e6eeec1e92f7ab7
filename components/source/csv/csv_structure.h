#pragma once

#include <cstddef>
#include <cstdint>

namespace leat::components::csv {

/// Finds the characters that give a csv text its structure (delimiter, quote, line end), 64 bytes at a time. The text must
/// be readable for kSlack bytes behind its end.
class StructureScanner {
 public:
  static constexpr size_t kSlack = 64;

  /// `quote` 0: none.
  StructureScanner(const char* text, size_t size, char delimiter, char quote, char line_end);
  StructureScanner() = default;

  /// The next place from the current one on, and moves behind it; `size` when there is none.
  size_t Next() {
    while (mask_ == 0) {
      if (block_ + 64 >= size_) return size_;
      Load(block_ + 64);
    }
    size_t at = block_ + static_cast<size_t>(__builtin_ctzll(mask_));
    mask_ &= mask_ - 1;
    return at < size_ ? at : size_;
  }
  /// Next() will look from `at` on; `at` is not before what Next() gave last.
  void SkipTo(size_t at) {
    if (at >= size_) {
      block_ = size_;
      mask_ = 0;
      return;
    }
    size_t block = at & ~size_t{63};
    if (block != block_) Load(block);
    mask_ &= ~uint64_t{0} << (at & 63);
  }
  /// True when a byte above 127 was seen so far; what SkipTo left out was not looked at.
  bool non_ascii() const { return non_ascii_; }

 private:
  void Load(size_t block);

  const char* text_ = nullptr;
  size_t size_ = 0;
  size_t block_ = 0;
  uint64_t mask_ = 0;
  bool non_ascii_ = false;
  char delimiter_ = ',';
  char quote_ = '"';
  char line_end_ = '\n';
};

}  // namespace leat::components::csv
