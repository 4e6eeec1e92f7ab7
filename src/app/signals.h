#pragma once

#include <functional>

#include "base/cancel.h"

namespace leat::app {

/// From now on SIGINT and SIGTERM cancel the returned token; a second one, or 5 s without an end, exits at once with 128 +
/// signal. SIGHUP is left to SetHangupAction. SIGPIPE is ignored: writing reports it. May be called again.
CancelToken& InstallSignalHandlers();

/// The signal that cancelled, 0 while there was none.
int StoppedBy();

/// While set, SIGINT calls `action` instead of cancelling (a prompt interrupts its statement and goes on). Empty: as before.
void SetInterruptAction(std::function<void()> action);

/// What SIGHUP does (serve: read files again).
void SetHangupAction(std::function<void()> action);

}  // namespace leat::app
