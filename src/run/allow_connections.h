#pragma once

#include "project/project.h"
#include "run/run.h"

namespace leat::run {

/// The folders that connections name, so that the engine may read them: before its first use.
void AllowConnections(Lakehouse& lakehouse, const project::Project& project);

}  // namespace leat::run
