#pragma once

#include <string>

#include "run/folder_state.h"
#include "run/reject_file.h"
#include "run/step.h"

namespace leat::run {

/// What a load says when its rows may not become the table's.

/// More rows were rejected than `max_reject` allows: RUN-523, with the first of them.
Error TooManyRejected(const project::Asset& asset, const std::string& over, const RejectFile& rejected);

/// A load that replaces all rows and brought none, where the table has `before`: they stay current, with the check
/// `<asset>.on_empty` in the outcome, and for `on_empty: fail` RUN-537. So they do where drift set every row aside. False: the
/// table takes what came.
bool KeepsWhatIsThere(const project::Asset& asset, int64_t before, int64_t set_aside_by_drift, StepOutcome& outcome);

/// Rows that are there have another mask than those that came, or none, in these columns: the check `<asset>.mask`.
CheckResult OtherMasks(const project::Asset& asset, const std::string& columns);

/// A table that expects files: the check `<asset>.expect`, and for `on_fail: block` RUN-542, where a period lacks some.
CheckResult ExpectedFiles(const project::Asset& asset, const FolderState& folder);
Error ExpectedFilesError(const project::Asset& asset, const FolderState& folder);

}  // namespace leat::run
