#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/field.h"

namespace leat::component {

/// What hides text in a database's SQL besides '…', "…", -- and /* */.
struct SqlLexis {
  bool backslashes = false;  ///< in texts, as MySQL's; its -- is followed by a space, and # begins a comment, too
  bool backticks = false;    ///< `a name`
  bool brackets = false;     ///< [a name]
  bool dollars = false;      ///< $tag$ a text $tag$, E'a \' text' and comments in comments, as PostgreSQL's
  bool from_first = false;   ///< FROM orders SELECT id
};

/// By the name that a database gives itself ("PostgreSQL", "MariaDB", "Microsoft SQL Server"), for its SQL as it is by default.
SqlLexis LexisOf(std::string_view database);

/// `query:` of a table's entry: a SELECT that is read instead of a table.
struct TableQuery {
  std::string text;  ///< "": a table is read
  SourceSpan where;  ///< in the project

  bool empty() const { return text.empty(); }
  /// In the place of a table's name. The query has a line of its own: it may end with a comment.
  std::string Relation() const { return "(" + text + "\n) leat_query"; }
};

config::FieldSpec QueryField();

/// `query` of an entry. SRC-319 kConfig: it has `table` too.
Result<TableQuery> ReadTableQuery(const config::Values& table, const std::string& name);

/// Takes the semicolon at its end away. SRC-435 kConfig: it is not one whole statement that reads (SELECT, WITH, VALUES, TABLE). This looks
/// at words only: what the statement does, the database itself has to refuse.
Status CheckQuery(TableQuery& query, const SqlLexis& lexis, const std::string& what);

/// When a database takes two columns of a query for one. SQLite is told apart since it renames the second `id` of a query within another one
/// to `id:1`.
enum class QueryNames { kExact, kAnyCase, kSqlite };

/// SRC-436 kConfig: there is no column, or one has no name or that of another one.
Status CheckQueryColumns(const TableQuery& query, const std::vector<std::string>& names, QueryNames rule,
                         const std::string& what);

/// What a database said when it was asked for the query: at its place and, where the code is one of `general`, SRC-437 kConfig.
Error QueryRefused(const Error& error, std::initializer_list<std::string_view> general, const TableQuery& query);

}  // namespace leat::component
