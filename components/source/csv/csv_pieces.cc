#include "components/source/csv/csv_pieces.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "components/source/csv/csv_structure.h"

namespace leat::components::csv {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

size_t Find(const char* text, size_t from, size_t size, char c) {
  if (from >= size) return kNone;
  const void* found = std::memchr(text + from, c, size - from);
  return found == nullptr ? kNone : static_cast<size_t>(static_cast<const char*>(found) - text);
}

size_t FindBack(const char* text, size_t from, size_t size, char c) {
  if (from >= size) return kNone;
  const void* found = memrchr(text + from, c, size - from);
  return found == nullptr ? kNone : static_cast<size_t>(static_cast<const char*>(found) - text);
}

}  // namespace

size_t FindClosingQuote(const char* text, size_t size, size_t open, const Dialect& dialect) {
  size_t at = open + 1;
  if (dialect.escape == dialect.quote) {
    while ((at = Find(text, at, size, dialect.quote)) != kNone) {
      if (at + 1 >= size || text[at + 1] != dialect.quote) return at;
      at += 2;
    }
    return kNone;
  }
  for (; at < size; ++at) {
    if (text[at] == dialect.quote) return at;
    if (text[at] == dialect.escape && dialect.escape != 0) ++at;
  }
  return kNone;
}

size_t WholeRecords(const char* text, size_t size, const CsvFile& file, bool last) {
  if (last) return size;
  const char quote = file.dialect.quote;
  const char line_end = file.line_end;
  size_t whole = 0;  // behind the last line end outside quotes
  size_t plain = 0;  // what lies behind, up to the next opening quote, is outside quotes
  auto look_at = [&](size_t end) {
    size_t found = FindBack(text, plain, end, line_end);
    if (found != kNone) whole = found + 1;
  };
  size_t open = quote == 0 ? kNone : Find(text, 0, size, quote);
  while (open != kNone) {
    bool starts_field = open == 0 || text[open - 1] == file.dialect.delimiter || text[open - 1] == line_end;
    if (starts_field && file.comment != 0) {
      size_t line = FindBack(text, 0, open, line_end);
      starts_field = text[line == kNone ? 0 : line + 1] != file.comment;
    }
    if (starts_field) {
      look_at(open);
      size_t close = FindClosingQuote(text, size, open, file.dialect);
      if (close == kNone || close + 1 >= size) {  // not closed; or the first of two quotes
        if (size - whole < PieceReader::kMaxRecordBytes) return whole;
        if (close == kNone) {  // no quote at all: its line is broken
          close = Find(text, open, size, line_end);
          if (close == kNone) return whole;
          --close;  // its line end is one
        }
      }
      plain = close + 1;
      open = close;
    }
    open = Find(text, open + 1, size, quote);
  }
  look_at(size);
  return whole;
}

Status PieceReader::Open() {
  const CsvFile& file = files_[current_];
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

Status PieceReader::Fill(std::vector<char>& text, size_t& size, size_t wanted) {
  if (text.size() < wanted + StructureScanner::kSlack) text.resize(wanted + StructureScanner::kSlack);
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

Result<bool> PieceReader::Next(CsvPiece& piece) {
  std::lock_guard lock(mutex_);
  while (current_ < files_.size()) {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (!stream_) LEAT_TRY(Open());
    const CsvFile& file = files_[current_];
    piece.size = carry_.size();
    size_t least = std::max(piece_bytes_, piece.size) + StructureScanner::kSlack;
    if (piece.text.size() < least) piece.text.resize(least);
    if (!carry_.empty()) std::memcpy(piece.text.data(), carry_.data(), carry_.size());
    size_t whole = 0;
    for (size_t wanted = std::max(piece_bytes_, piece.size * 2); whole == 0; wanted *= 2) {
      LEAT_TRY(Fill(piece.text, piece.size, wanted));
      whole = WholeRecords(piece.text.data(), piece.size, file, at_end_);
      if (at_end_) break;
      if (whole == 0 && piece.size >= 2 * kMaxRecordBytes) {
        return MakeError("SRC-214", ErrorKind::kData, "{}: line {} is longer than {} MB", file.origin, line_,
                         piece.size >> 20)
            .WithHint("is it a csv file? Look at its first bytes, and at its `quote:` and `encoding:`");
      }
    }
    carry_.assign(piece.text.data() + whole, piece.text.data() + piece.size);
    piece.file = current_;
    piece.size = whole;
    piece.first_line = line_;
    line_ += CountByte(piece.text.data(), whole, file.line_end);
    if (at_end_) {
      stream_.reset();
      ++current_;
    }
    if (whole > 0) return true;
  }
  return false;
}

}  // namespace leat::components::csv
