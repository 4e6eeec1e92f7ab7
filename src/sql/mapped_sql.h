#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace leat::sql {

/// A statement made of pieces of the user's text and of words of our own. Errors that DuckDB finds in it are told at their
/// place in what the user wrote. Plain data.
class MappedSql {
 public:
  /// Words of our own: errors in them have no place.
  MappedSql& Own(std::string_view text);
  /// The bytes [begin, end) of the user's text.
  MappedSql& User(std::string_view source, size_t begin, size_t end);
  MappedSql& Add(const MappedSql& other);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  /// An error about text() becomes one about `source`; one without a place, or of another text, stays as it is.
  Error MapBack(Error error, std::string_view source) const;

 private:
  struct Piece {
    size_t at = 0;      ///< in text_
    size_t source = 0;  ///< in the user's text
    size_t length = 0;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace leat::sql
