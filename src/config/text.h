#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat::config {

/// The lines of a text, from 1, without their ends (\n, \r\n). Keeps views: the text must outlive it.
class Lines {
 public:
  explicit Lines(std::string_view text);
  /// "" when there is no such line.
  std::string_view Line(int number) const;
  /// Line and column (in characters), both from 1, of a byte offset.
  std::pair<int, int> Position(size_t offset) const;
  int count() const { return static_cast<int>(starts_.size()); }

 private:
  std::string_view text_;
  std::vector<size_t> starts_;
};

/// Characters (code points) of UTF-8 text.
int CountCharacters(std::string_view text);
/// Columns of a terminal that a code point takes: 0 (combining), 1 or 2 (East Asian wide, emoji).
int DisplayWidth(char32_t code_point);
/// Offset of the first byte that is no UTF-8 or a control character other than tab, LF and CR.
std::optional<size_t> FindInvalidUtf8(std::string_view text);
/// Reads one code point at `at` and moves on; U+FFFD and one byte further on malformed input.
char32_t NextCodePoint(std::string_view text, size_t& at);

}  // namespace leat::config
