#pragma once

#include <optional>
#include <string>

#include "run/run.h"
#include "run/step.h"

namespace leat::run {

/// What manifests say of the content of the files that a step reads, held against them before a row is taken: the check
/// `<asset>.expect.content`; nullopt: they say nothing. Reads these files. IO errors name the file.
Result<std::optional<CheckResult>> CheckPromisedContent(const StepContext& context);

/// What they say of the number of rows, against what the reader counted: the check `<asset>.expect.rows`; nullopt: they say
/// nothing.
std::optional<CheckResult> CheckPromisedRows(const StepContext& context, int64_t rows_in);

/// SRC-390, SRC-391 kData: what such a check found stops the table.
Error BrokenPromise(const project::Asset& asset, const CheckResult& check);

}  // namespace leat::run
