#pragma once

#include <string>

#include "run/folder_state.h"
#include "run/reject_file.h"
#include "run/step.h"

namespace leat::run {

/// What a load says when its rows may not become the table's.

/// More rows were rejected than `max_reject` allows: RUN-523, with the first of them.
Error TooManyRejected(const project::Asset& asset, const std::string& over, const RejectFile& rejected);

/// An extract without rows where the table has some: the check `<asset>.on_empty`, and for `on_empty: fail` RUN-537.
CheckResult EmptyExtract(const project::Asset& asset, const std::string& reason, bool fails);
Error EmptyExtractError(const project::Asset& asset, const std::string& reason);

/// Rows that are there have another mask than those that came, or none, in these columns: the check `<asset>.mask`.
CheckResult OtherMasks(const project::Asset& asset, const std::string& columns);

/// A table that expects files: the check `<asset>.expect`, and for `on_fail: block` RUN-542, where a period lacks some.
CheckResult ExpectedFiles(const project::Asset& asset, const FolderState& folder);
Error ExpectedFilesError(const project::Asset& asset, const FolderState& folder);

}  // namespace leat::run
