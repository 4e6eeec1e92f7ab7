#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/template/text_map.h"
#include "config/tree.h"

namespace leat::config {

/// What stands between {{ and }}: a name ("this", "target.type") or a call with literals. Arguments are Nodes with their
/// places, so that a call such as config(…) is validated like a YAML map.
struct Expression {
  std::string name;
  bool is_call = false;
  std::vector<Node> positional;
  Node named;  ///< kMap
  SourceSpan where;
};

/// A rendered template. Line i + 1 of `text` begins in line line_map[i] of the file.
struct Rendered {
  std::string text;
  TextMap map;
  std::vector<int> line_map;
};

/// Gives the text of an expression; its errors get the expression's place when they have none.
using ExpressionHandler = std::function<Result<std::string>(const Expression&)>;

/// Renders {{ expression }} and removes {# comments #}, with Jinja's '-' for white space. Statements {% %} are refused
/// (CFG-122): this is the seam where dbt's whole language comes in later. Findings: CFG-121 never closed, CFG-122 statement,
/// CFG-123 not an expression; all of a text are reported, and what failed renders as nothing.
Rendered RenderTemplate(std::string_view text, const std::string& file, const ExpressionHandler& handler,
                        Findings& findings);

/// Parses one expression: what stands between the braces, or a value such as ref('x') of a YAML file. `where` is the place
/// of its first character. CFG-123.
Result<Expression> ParseExpression(std::string_view text, const SourceSpan& where);

}  // namespace leat::config
