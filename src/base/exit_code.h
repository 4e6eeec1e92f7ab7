#pragma once

#include "base/error.h"

namespace leat {

/// Exit codes of the program (decisions: "Behaviour of the program"): 0 done, 1 run failed or blocked, 2 usage or
/// configuration, 3 partial, 4 environment, 70 bug, 130/143 stopped by a signal.
inline int ExitCode(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
    case ErrorKind::kConfig:
    case ErrorKind::kNotFound:
    case ErrorKind::kExists:
    case ErrorKind::kUnsupported: return 2;
    case ErrorKind::kData:
    case ErrorKind::kConflict:
    case ErrorKind::kResource: return 1;
    case ErrorKind::kPermission:
    case ErrorKind::kEnvironment: return 4;
    case ErrorKind::kCancelled: return 130;
    case ErrorKind::kInternal: return 70;
  }
  return 70;
}

}  // namespace leat
