#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "data/type.h"
#include "sql/engine.h"

namespace leat::sql {

/// The same SELECT in Spark's SQL, or why there is none.
struct SparkText {
  std::string sql;      ///< "": not portable
  std::string why_not;  ///< "" where there is one
};

/// The columns of a table that Spark can read by its namespace and name, nullopt for anything else.
using ColumnsOfTable =
    std::function<Result<std::optional<data::Schema>>(const std::string& ns, const std::string& name)>;

/// Writes `sql` (one SELECT of DuckDB) anew in Spark's dialect from its syntax tree, if all of it means the same there: columns,
/// constants, comparisons of equal types, AND, OR, NOT, IN, BETWEEN, IS NULL, CASE and COALESCE of one type, count, min and max,
/// inner and left joins, GROUP BY columns, DISTINCT. Anything else (arithmetic, casts, other functions, CTEs, orders, types
/// that compare otherwise) gives no text: nothing is guessed. `catalog` is the warehouse's name, which is left out of names (a
/// catalogue has another name in each engine); `output` the columns that DuckDB gave the statement. Errors only of the
/// connection and of `columns`.
Result<SparkText> ToSparkText(Connection& connection, std::string_view sql, const std::string& catalog,
                              const data::Schema& output, const ColumnsOfTable& columns);

}  // namespace leat::sql
