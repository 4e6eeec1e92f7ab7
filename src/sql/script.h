#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace leat::sql {

/// The statements of a script without their semicolons and without space around them; empty ones are left out. Knows
/// quotes ('…', E'…', "…", $tag$…$tag$) and comments (-- and nested /* */), as DuckDB's lexer does.
std::vector<std::string_view> ScanStatements(std::string_view script);

/// A word, name, literal or sign of a statement. Comments and space are between tokens.
struct SqlToken {
  enum class Kind { kWord, kQuotedName, kLiteral, kSign };
  Kind kind = Kind::kSign;
  size_t begin = 0;
  size_t end = 0;
};
std::vector<SqlToken> ScanTokens(std::string_view sql);

/// Where `catalog` is written (without case, quoted or not) as the first of at least three names joined by dots; the
/// offset of its first letter.
std::vector<size_t> CatalogMentions(std::string_view sql, std::string_view catalog);

}  // namespace leat::sql
