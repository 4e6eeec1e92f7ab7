#pragma once

#include <cstddef>
#include <string>
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

/// A table written with AT (VERSION => …) or AT (TIMESTAMP => …).
struct AtMention {
  size_t begin = 0;  ///< of the table's name
  size_t last = 0;   ///< of its last part
  size_t name_end = 0;
  size_t at = 0;            ///< the word AT; the alias stands in front of it
  size_t end = 0;           ///< after the bracket
  std::string_view clause;  ///< what stands in the bracket
  bool version = false;     ///< else a timestamp
  size_t value = 0;         ///< the expression after =>
  size_t value_end = 0;
  /// What its state depends on: the names in front of the table's, and the clause.
  std::string Key(std::string_view sql) const { return std::string(sql.substr(begin, last - begin)).append(clause); }
};
std::vector<AtMention> AtMentions(std::string_view sql);

/// Where `catalog` is written (without case, quoted or not) as the first of at least three names joined by dots; the
/// offset of its first letter.
std::vector<size_t> CatalogMentions(std::string_view sql, std::string_view catalog);

}  // namespace leat::sql
