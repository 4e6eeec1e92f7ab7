#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/type.h"

namespace leat::data {

/// Iceberg's JSON form of schemas and types (specification, appendix C). Unknown types: DATA-102.
nlohmann::json SchemaToJson(const Schema& schema);
Result<Schema> SchemaFromJson(const nlohmann::json& json);
nlohmann::json TypeToJson(const Type& type);
Result<TypePtr> TypeFromJson(const nlohmann::json& json);

}  // namespace leat::data
