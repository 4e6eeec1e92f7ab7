#pragma once

#include <string>

#include "component/source.h"

namespace leat::components::duckdb {

/// A column of a DuckDB table: what the lake keeps it as. Null type: as the engine's table of types has it.
component::SourceColumn ColumnOf(const std::string& name, const std::string& type);

/// How its values are read as `wanted`, the registered table's type: exactly, or NULL where one does not fit (`checked`).
component::ReadColumn ReadingOf(const component::SourceColumn& column, const data::Type& wanted);

}  // namespace leat::components::duckdb
