#pragma once

#include <string>
#include <vector>

namespace leat::app {

/// Parses the command line, runs the command, renders its error; returns the exit code (base/exit_code.h).
int RunProgram(const std::vector<std::string>& words);

/// Tells people that this is our mistake, and what to send.
void ReportBug(const std::string& what);

}  // namespace leat::app
