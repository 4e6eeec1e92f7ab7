#pragma once

#include "run/load_schema.h"
#include "run/load_stream.h"
#include "run/load_work.h"

namespace leat::run {

/// True when the table says `reconcile:` and its keys were not compared, by a run that published, within `every`.
Result<bool> ReconcileIsDue(StepContext& context);

/// All keys that the source has now, as the temporary table `name`; how many.
Result<int64_t> ReadKeys(const StepContext& context, component::Source& source, const RegisteredTable& registered,
                         LoadStream& stream, StepWork& work, const std::string& name);

/// What comparing the keys found, as the check `<asset>.reconcile`: how many keys the source has, how many rows are gone. A
/// source without a key takes nothing out: that is a warning.
CheckResult ReconcileResult(const StepContext& context, int64_t keys, int64_t gone);

}  // namespace leat::run
