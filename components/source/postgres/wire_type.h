#pragma once

#include <memory>
#include <string>

#include "data/type.h"
#include "components/source/postgres/catalog.h"

namespace leat::components::postgres {

/// How a value comes in binary COPY.
enum class Wire {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kUInt4,  ///< oid, xid
  kFloat4,
  kFloat8,
  kNumeric,
  kDate,       ///< days since 2000-01-01
  kTime,       ///< microseconds
  kTimestamp,  ///< microseconds since 2000-01-01
  kText,
  kJsonb,  ///< a version byte, then text
  kUuid,   ///< 16 bytes, delivered as text
  kBytes,
  kArray,  ///< of values of another wire
};

/// How one column is read: what is selected, how it comes, and as what it is handed over.
struct ColumnPlan {
  std::string name;
  std::string expression;  ///< of the SELECT
  Wire wire = Wire::kText;
  Wire element = Wire::kText;  ///< of an array
  data::TypePtr type;          ///< handed over: the registered type, or text that the engine casts, checked
};

/// What decides where the type of the server alone does not.
struct TypeChoice {
  data::TypePtr unconstrained_numeric;  ///< null: text
  int money_scale = 2;
};

/// The type in the raw table.
data::TypePtr TypeOf(const ServerColumn& column, const TypeChoice& choice);
/// `numeric` without digits: found in the data, or by policy.
bool IsUnconstrainedNumeric(const ServerColumn& column);

/// How `column` is read as `registered`; any type can be read as text.
ColumnPlan PlanColumn(const ServerColumn& column, const data::TypePtr& registered);

}  // namespace leat::components::postgres
