#pragma once

#include <string_view>
#include <vector>

namespace leat::sql {

/// The statements of a script without their semicolons and without space around them; empty ones are left out. Knows
/// quotes ('…', E'…', "…", $tag$…$tag$) and comments (-- and nested /* */), as DuckDB's lexer does.
std::vector<std::string_view> ScanStatements(std::string_view script);

}  // namespace leat::sql
