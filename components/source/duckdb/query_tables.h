#pragma once

#include <string>

#include "base/result.h"

namespace leat::components::duckdb {

/// A SELECT that an attached file is to answer, as json_serialize_sql gives it, with each table that names no catalogue put into `catalog`, and
/// into `schema` where it names none either; names of its WITH stay. JSON for json_deserialize_sql. The engine that runs it sees more than this
/// file: what names another catalogue, calls a table function but range, generate_series and unnest, or SHOWs, is SRC-437 kConfig, and so is what is
/// no syntax (`what` in front).
Result<std::string> TablesOfFile(const std::string& tree, const std::string& catalog, const std::string& schema,
                                 const std::string& what);

}  // namespace leat::components::duckdb
