#pragma once

#include <map>
#include <string>
#include <vector>

#include "sql/engine.h"

namespace leat::sql {

/// A table that a statement names, with where it names it (offset in bytes and length in the statement's text).
struct TableReference {
  std::string catalog, schema, table;  ///< as written; "" when left out
  std::string at_clause;               ///< AT (VERSION|TIMESTAMP => …) as "version:<n>" or "timestamp:<text>", or ""
  size_t offset = 0;
  size_t length = 0;
};

struct FunctionReference {
  std::string name;
  bool table_function = false;
  size_t offset = 0;
};

/// A column written with at least three names ("lake.shop.orders.id"), with where it begins.
struct ColumnMention {
  std::vector<std::string> names;
  size_t offset = 0;
};

/// What the syntax tree of one SELECT says (json_serialize_sql): tables apart from CTEs, functions, volatility.
struct StatementShape {
  std::vector<TableReference> tables;  ///< each mention; CTE names and aliases are not in it
  std::vector<FunctionReference> functions;
  std::vector<ColumnMention> qualified_columns;  ///< columns written with three names or more
  bool has_filter = false;                       ///< a WHERE, HAVING, QUALIFY or join condition anywhere
  bool is_volatile = false;                      ///< calls random(), now(), uuid() and the like
};

/// Walks one SELECT. SQL-401 kUnsupported: not a single SELECT (the hint says what to do); SQL-200 syntax error with place.
Result<StatementShape> WalkSelect(Connection& connection, std::string_view sql);

/// Refuses table functions outside the allow-list (range, generate_series, unnest, ...), query(), query_table(), FROM
/// 'path', read_* (unless `allow_read_below` is not empty), and functions that reach outside. SQL-402 with the place.
Status CheckConfined(const StatementShape& shape, std::string_view sql, const std::string& allow_read_below = "");

/// The classes of statements users may type: "select", or another word ("insert", "create", "set"...).
Result<std::string> ClassifyStatement(Connection& connection, std::string_view sql);
/// Bytes of a name as written at `offset`: plain or quoted parts joined by dots.
size_t NameLength(std::string_view sql, size_t offset);

/// Splits a script at its statements (quotes, comments and dollar quotes understood).
Result<std::vector<std::string>> SplitStatements(Connection& connection, std::string_view script);

/// Column lineage of a SELECT from its bound plan: output column -> "schema.table.column"s that its values are made of
/// (filters and join keys are not in it), names as the catalog has them, sorted.
struct ColumnOrigin {
  std::string output;
  std::vector<std::string> inputs;
};

/// Never wrong, not always complete: a column whose way through the plan is not understood is left out; a column made of
/// constants has no inputs. The tables must exist in the connection (views are followed to what they read).
Result<std::vector<ColumnOrigin>> ColumnLineage(Connection& connection, std::string_view sql);

/// 1-based line and column of a byte offset.
SourceSpan PositionAt(std::string_view sql, size_t offset, size_t length, const std::string& file);

}  // namespace leat::sql
