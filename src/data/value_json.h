#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "data/value.h"

namespace leat::data {

/// The specification's "JSON single-value serialization" of primitive types: dates and times as ISO text, decimals as text,
/// binary and fixed as upper-case hex. NULL, NaN and infinities, which JSON does not have, become null.
nlohmann::json ValueToJson(const Value& value, const Type& type);

/// Reads what ValueToJson writes, and numbers where clients send them for text: decimals as numbers, dates and times as the
/// stored number. DATA-105 (kUsage) when it is not a value of the type; null is NULL.
Result<Value> ValueFromJson(const nlohmann::json& json, const Type& type);

}  // namespace leat::data
