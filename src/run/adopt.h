#pragma once

#include "run/history.h"
#include "run/ledger.h"

namespace leat::run {

/// Takes over what an earlier run (or an earlier attempt of this one) did for a step and did not publish: moves the table's
/// pointer on `branch` to that run's state. Only when the fingerprint is equal (text, configuration, inputs, bookmark, files),
/// its gates had passed, and the table's pointer on `branch` is the one that the other run began with. Fills `record` and
/// returns true when it was adopted.
Result<bool> AdoptStep(Lakehouse& lakehouse, const PastRun& from, const std::string& run_id, const std::string& branch,
                       StepRecord& record);

}  // namespace leat::run
