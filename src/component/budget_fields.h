#pragma once

#include <vector>

#include "component/budget.h"
#include "component/spec.h"

namespace leat::component {

/// The members of a connection: `type`, those of its source, and what every connection has (`budget`). Validation, JSON
/// Schema, `leat describe` and docs come from this list.
std::vector<config::FieldSpec> ConnectionFields(const Spec& spec);

/// `budget:` of a connection's values; no limit where it has none. CFG-107 kConfig at the values that are of another form.
Result<BudgetLimits> ReadBudget(const config::Values& connection);

}  // namespace leat::component
