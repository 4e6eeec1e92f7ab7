#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace leat::components::postgres {

/// The SQLSTATE in a message of PQerrorMessage with PQERRORS_VERBOSE ("FATAL:  28P01: password …"), "" when there is none.
std::string StateOfMessage(std::string_view message);
/// Without line ends and the server's LOCATION lines.
std::string OneLine(std::string_view message);

/// What a refused connection means. `shown` names the server.
Error StartError(const std::string& what, const std::string& shown, const std::string& state,
                 const std::string& message);
/// What a failed statement means. `broken`: the connection is gone.
Error StatementError(const std::string& what, const std::string& shown, const std::string& state,
                     const std::string& message, bool broken);

}  // namespace leat::components::postgres
