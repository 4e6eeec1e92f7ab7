#include "sql/mapped_sql.h"

#include "sql/walker.h"

namespace leat::sql {
namespace {

/// The byte at a 1-based line and column (in characters).
size_t OffsetOf(std::string_view text, int line, int column) {
  size_t at = 0;
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  for (int i = 1; i < column && at < text.size(); ++i) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return at;
}

}  // namespace

MappedSql& MappedSql::Own(std::string_view text) {
  text_ += text;
  return *this;
}

MappedSql& MappedSql::User(std::string_view source, size_t begin, size_t end) {
  pieces_.push_back({text_.size(), begin, end - begin});
  text_ += source.substr(begin, end - begin);
  return *this;
}

MappedSql& MappedSql::Add(const MappedSql& other) {
  for (const Piece& piece : other.pieces_) pieces_.push_back({text_.size() + piece.at, piece.source, piece.length});
  text_ += other.text_;
  return *this;
}

Error MappedSql::MapBack(Error error, std::string_view source) const {
  if (error.where().line <= 0 || !error.where().file.empty()) return error;
  const size_t at = OffsetOf(text_, error.where().line, error.where().column);
  for (const Piece& piece : pieces_) {
    if (at < piece.at || at > piece.at + piece.length) continue;
    const auto length = static_cast<size_t>(error.where().length);
    return std::move(error).At(PositionAt(source, piece.source + (at - piece.at), length, ""));
  }
  return std::move(error).At(SourceSpan{});
}

}  // namespace leat::sql
