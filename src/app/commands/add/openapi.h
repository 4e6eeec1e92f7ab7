#pragma once

#include <string>

#include "app/context.h"

namespace leat::app {

/// `leat add source CONNECTION [TABLE…] --openapi FILE`: writes the source `name` and, where there is none, the connection. APP-218 kUsage:
/// the connection is of another type than http.
Result<int> AddOpenApi(Context& context, const std::string& name);

}  // namespace leat::app
