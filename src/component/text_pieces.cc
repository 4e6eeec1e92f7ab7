#include "component/text_pieces.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "data/text_bytes.h"

namespace leat::component {

Status TextPieces::Open() {
  const TextFile& file = files_[current_];
  stream_.reset(std::fopen(file.path.c_str(), "rb"));
  if (!stream_ || fseeko(stream_.get(), file.begin, SEEK_SET) != 0) {
    return MakeError("SRC-203", errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                     file.origin, std::strerror(errno));
  }
  std::setvbuf(stream_.get(), nullptr, _IONBF, 0);  // pieces are large: straight into them
  carry_.clear();
  line_ = file.first_line;
  left_ = std::max<int64_t>(0, file.end - file.begin);
  at_end_ = false;
  return Ok();
}

Status TextPieces::Fill(std::vector<char>& text, size_t& size, size_t wanted) {
  if (text.size() < wanted + kSlack) text.resize(wanted + kSlack);
  while (size < wanted && !at_end_) {
    const size_t most = static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(wanted - size), left_));
    const size_t got = std::fread(text.data() + size, 1, most, stream_.get());
    size += got;
    left_ -= static_cast<int64_t>(got);
    if (got != 0) continue;
    if (std::ferror(stream_.get()) != 0) {
      return MakeError("SRC-203", ErrorKind::kEnvironment, "cannot read {}: {}", files_[current_].origin,
                       std::strerror(errno));
    }
    at_end_ = true;
  }
  return Ok();
}

Result<bool> TextPieces::Next(TextPiece& piece) {
  std::lock_guard lock(mutex_);
  while (current_ < files_.size()) {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (!stream_) LEAT_TRY(Open());
    const TextFile& file = files_[current_];
    piece.size = carry_.size();
    size_t least = std::max(piece_bytes_, piece.size) + kSlack;
    if (piece.text.size() < least) piece.text.resize(least);
    if (!carry_.empty()) std::memcpy(piece.text.data(), carry_.data(), carry_.size());
    size_t whole = 0;
    const size_t most = std::max(piece_bytes_, 2 * kMaxRecordBytes);
    for (size_t wanted = std::max(piece_bytes_, piece.size * 2); whole == 0; wanted *= 2) {
      wanted = std::min(wanted, most);
      LEAT_TRY(Fill(piece.text, piece.size, wanted));
      whole = whole_(piece.text.data(), piece.size, current_, at_end_);
      if (at_end_) break;
      if (whole == 0 && piece.size >= most) {
        return MakeError("SRC-214", ErrorKind::kData, "{}: line {} is longer than {} MB", file.origin, line_,
                         piece.size >> 20)
            .WithHint(hint_);
      }
    }
    carry_.assign(piece.text.data() + whole, piece.text.data() + piece.size);
    piece.file = current_;
    piece.size = whole;
    piece.first_line = line_;
    line_ += data::CountByte(piece.text.data(), whole, file.line_end);
    if (at_end_) {
      stream_.reset();
      ++current_;
    }
    if (whole > 0) return true;
  }
  return false;
}

}  // namespace leat::component
