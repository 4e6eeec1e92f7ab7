#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "app/console.h"
#include "run/run.h"

namespace leat::app {

/// Shows a run on standard error. On a terminal: a line per step that runs, with a bar, rows/s and the time left, drawn at
/// most ten times a second below the finished steps. Piped: nothing. Called as run::Observer says.
std::unique_ptr<run::Observer> MakeProgress(const Console& console);

}  // namespace leat::app
