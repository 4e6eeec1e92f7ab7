#pragma once

#include <string>
#include <utility>
#include <vector>

#include "run/run.h"

namespace leat::run {

/// The run log of requirements row 26: one JSON object per stage that had steps ("load": sources into raw; "transform":
/// structured copies and models; "publish": what became visible), each with exactly the fields of that row. Status of a
/// stage: success, failed, or partial when some of its steps ended well. With an object store, "publish" has `store_requests` of the whole run besides.
std::vector<std::pair<std::string, std::string>> RunLogEntries(const std::string& pipeline_name,
                                                               const RunResult& result, TimeMicros started_at,
                                                               TimeMicros ended_at, const std::string& error);

}  // namespace leat::run
