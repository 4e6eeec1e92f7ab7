#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_span.h"

namespace leat::config {

/// Where each byte of a text that was made from another one comes from. Pieces are copies (place by place) or
/// replacements (all of the piece comes from one span).
class TextMap {
 public:
  struct Piece {
    size_t begin = 0;   ///< in the made text
    size_t source = 0;  ///< offset in the source
    size_t length = 0;  ///< in the source, of a replacement
    bool copy = true;
  };

  /// The next `made` bytes are a copy of the source from `source` on.
  void AddCopy(size_t made, size_t source);
  /// The next `made` bytes (0 allowed) stand for source bytes [source, source + length).
  void AddReplacement(size_t made, size_t source, size_t length);

  /// The span of the source for bytes [offset, offset + length) of the made text: offset and length.
  std::pair<size_t, size_t> Find(size_t offset, size_t length) const;
  /// This map over a text that was itself made from the first source by `earlier`.
  TextMap After(const TextMap& earlier) const;

  size_t size() const { return size_; }

 private:
  std::vector<Piece> pieces_;
  size_t size_ = 0;
};

}  // namespace leat::config
