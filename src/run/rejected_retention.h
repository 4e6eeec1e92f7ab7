#pragma once

#include <chrono>

#include "run/run.h"

namespace leat::run {

/// Drops the rejected rows of runs that began longer than `retention` ago: their data files leave the dead-letter tables on
/// main, one commit a table. A file that another engine wrote, or one of a run that the state store does not know, stays.
/// Returns the rows dropped.
Result<int64_t> DropOldRejected(Lakehouse& lakehouse, std::chrono::microseconds retention);

}  // namespace leat::run
