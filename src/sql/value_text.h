#pragma once

#include <string>

#include "sql/handle.h"

namespace leat::sql {

/// DuckDB's name of a type as DESCRIBE writes it: "DECIMAL(9,2)", "STRUCT(a INTEGER, b VARCHAR[])".
std::string LogicalTypeName(duckdb_logical_type type);

/// True when ValueText formats this type itself; the others are cast to VARCHAR in the statement.
bool HasValueText(duckdb_logical_type type);

/// Appends row `row` of a vector as DuckDB's cast to VARCHAR would show it (time zone UTC). The value must not be NULL.
void AppendValueText(duckdb_vector vector, duckdb_logical_type type, idx_t row, std::string& text);

}  // namespace leat::sql
