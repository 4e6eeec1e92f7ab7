#include "config/template/text_map.h"

#include <algorithm>

namespace leat::config {

void TextMap::AddCopy(size_t made, size_t source) {
  if (made == 0) return;
  pieces_.push_back({size_, source, made, true});
  size_ += made;
}

void TextMap::AddReplacement(size_t made, size_t source, size_t length) {
  if (made == 0) return;
  pieces_.push_back({size_, source, length, false});
  size_ += made;
}

std::pair<size_t, size_t> TextMap::Find(size_t offset, size_t length) const {
  if (pieces_.empty()) return {0, 0};
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                      [](size_t at, const Piece& piece) { return at < piece.begin; });
  const Piece& piece = after == pieces_.begin() ? pieces_.front() : *(after - 1);
  if (!piece.copy) return {piece.source, piece.length};
  return {piece.source + (offset - piece.begin), length};
}

TextMap TextMap::After(const TextMap& earlier) const {
  TextMap all;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    const size_t made = (i + 1 < pieces_.size() ? pieces_[i + 1].begin : size_) - piece.begin;
    if (!piece.copy) {
      const auto [source, length] = earlier.Find(piece.source, piece.length);
      all.AddReplacement(made, source, length);
      continue;
    }
    // A copied stretch may cross several pieces of the earlier map.
    for (const Piece& before : earlier.pieces_) {
      const auto index = static_cast<size_t>(&before - earlier.pieces_.data());
      const size_t end = index + 1 < earlier.pieces_.size() ? earlier.pieces_[index + 1].begin : earlier.size_;
      const size_t from = std::max(before.begin, piece.source);
      const size_t to = std::min(end, piece.source + made);
      if (from >= to) continue;
      if (before.copy) all.AddCopy(to - from, before.source + (from - before.begin));
      else all.AddReplacement(to - from, before.source, before.length);
    }
  }
  return all;
}

}  // namespace leat::config
