#pragma once

#include <string>

#include "run/reject_file.h"
#include "run/step.h"

namespace leat::run {

/// What a load says when its rows may not become the table's.

/// More rows were rejected than `max_reject` allows: RUN-523, with the first of them.
Error TooManyRejected(const project::Asset& asset, const std::string& over, const RejectFile& rejected);

/// An extract without rows where the table has some: the check `<asset>.on_empty`, and for `on_empty: fail` RUN-537.
CheckResult EmptyExtract(const project::Asset& asset, const std::string& reason, bool fails);
Error EmptyExtractError(const project::Asset& asset, const std::string& reason);

}  // namespace leat::run
