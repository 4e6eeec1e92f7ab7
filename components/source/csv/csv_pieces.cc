#include "components/source/csv/csv_pieces.h"

#include <cstring>

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
        if (size - whole < component::TextPieces::kMaxRecordBytes) return whole;
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

}  // namespace leat::components::csv
