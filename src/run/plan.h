#pragma once

#include <set>
#include <string>

#include "run/run.h"

namespace leat::run {

/// MakePlan for exactly these assets ("" set: all).
Result<Plan> MakePlanOf(Lakehouse& lakehouse, const project::Project& project, const std::set<std::string>& assets,
                        bool force, const std::string& target, CancelToken* cancel);

}  // namespace leat::run
