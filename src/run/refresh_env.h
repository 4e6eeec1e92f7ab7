#pragma once

#include <string>

#include "lake/refresh.h"
#include "run/run.h"

namespace leat::run {

/// lake::RefreshBranch with what runs know: a table into which both sides loaded the same file is a conflict, since its rows
/// would be there twice. The files of tables that are given up are pending again on the environment, unless the base has them.
Result<lake::RefreshResult> RefreshEnvironment(Lakehouse& lakehouse, const std::string& branch,
                                               const std::string& author, bool give_up, bool only_look = false);

}  // namespace leat::run
