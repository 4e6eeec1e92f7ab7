#pragma once

#include <nlohmann/json.hpp>

#include "sql/connection.h"

namespace leat::sql {

/// The bound, unoptimised plan of a SELECT (json_serialize_plan). In it columns are numbered: BOUND_REF n of an operator
/// is column n of its children's outputs, one after the other. Errors as when the statement is prepared.
/// Only the .cc files of this folder include this header: nlohmann/json.hpp is heavy.
Result<nlohmann::json> BoundPlan(DuckConnection& connection, std::string_view sql);

/// Member text, or "".
std::string PlanText(const nlohmann::json& node, const char* member);
/// The columns of a LOGICAL_GET as indexes into its "names"; virtual columns (row id) are beyond the names.
std::vector<size_t> ScannedColumns(const nlohmann::json& get);
/// Number of output columns of an operator; nullopt when it is not known.
std::optional<size_t> Width(const nlohmann::json& node);

}  // namespace leat::sql
