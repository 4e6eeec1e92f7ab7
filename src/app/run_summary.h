#pragma once

#include <string>

#include "app/context.h"
#include "run/run.h"

namespace leat::app {

/// What became of a run, for people: a line per step (rows in, out, rejected, checks, seconds, snapshot), then the errors and
/// what to do next. Skipped steps are counted; `all` names each with its reason.
std::string RunSummaryText(const run::RunResult& result, const std::string& project_root, const Console& console,
                           bool all);

/// {"run_id", "status", "commit", "branch", "seconds", "steps": [{… as leat.steps and leat.ledger}]}.
std::string RunSummaryJson(const run::RunResult& result);

/// [{"step", "connection", … as leat.source_cost}].
std::string CostsJson(const std::vector<run::StepCost>& costs);

/// Prints what became of a run, as --output asks; the command's exit code.
int PrintRun(const Context& context, const run::RunResult& result);

/// 0 success or nothing to do, 1 failed, 3 partial, 130/143 stopped.
int RunExitCode(const run::RunResult& result);

}  // namespace leat::app
