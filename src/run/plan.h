#pragma once

#include <set>
#include <string>

#include "run/run.h"

namespace leat::run {

/// MakePlan for exactly these assets ("" set: all), whatever `options` select.
Result<Plan> MakePlanOf(Lakehouse& lakehouse, const project::Project& project, const std::set<std::string>& assets,
                        const PlanOptions& options, CancelToken* cancel);

}  // namespace leat::run
