#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Fault points: named places where a test makes the process fail. They are armed only by the environment variable
///   LEAT_FAULT="<name>=<action>[@<n>][,<name>=<action>...]"
/// with actions  crash (exit at once, as after kill -9), error (return FAULT-001), pause (wait until the file
/// $LEAT_FAULT_DIR/<name>.go exists, after creating <name>.reached), and @n: at the n-th passage (default 1).
/// Every point is listed once in kFaultPoints (fault.cc); a name that is not listed is refused at start.
namespace leat {

/// Passes the point `name`: returns FAULT-001 when it is armed with `error`. Free when nothing is armed.
Status PassFaultPoint(std::string_view name);

/// Checks LEAT_FAULT against the list of points; called once by main.
Status CheckFaultSettings();

/// All points with one line of text each, in the order in which a run passes them.
struct FaultPoint {
  std::string_view name;
  std::string_view text;
};
const std::vector<FaultPoint>& FaultPoints();

}  // namespace leat

/// Returns from the enclosing function when the fault point is armed with `error`.
#define LEAT_FAULT_POINT(name) LEAT_TRY(::leat::PassFaultPoint(name))
