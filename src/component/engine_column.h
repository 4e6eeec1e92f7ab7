#pragma once

#include <string>

#include "component/source.h"

namespace leat::component {

/// A column that the engine reads for us (tables of DuckDB files, parquet): what the lake keeps it as. `type`: DuckDB's name of it.
/// Null type: as the engine's table of types has it.
SourceColumn EngineColumn(const std::string& name, const std::string& type);

/// How its values are read as `wanted`, the registered table's type: exactly, or NULL where one does not fit (`checked`; `text` is
/// then what stood there). Types that mean something else (a moment for a clock's time) are left to the engine, which refuses them.
ReadColumn ReadEngineColumn(const SourceColumn& column, const data::Type& wanted);

/// Lists, arrays, structs and maps, by DuckDB's name of the type.
bool IsNestedEngineType(const std::string& type);

/// A value as `wanted`, or NULL where it would not be the same when it is cast back (`checked`).
ReadColumn ReadThereAndBack(const std::string& value, const std::string& type, const data::Type& wanted);

/// A value of TIMESTAMP_NS, TIMESTAMP_S or TIMESTAMP_MS as TIMESTAMP: NULL where it is finer than microseconds, or infinite.
std::string FittingTimestamp(const std::string& value, const std::string& type);

}  // namespace leat::component
