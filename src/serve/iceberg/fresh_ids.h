#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace leat::serve::iceberg {

/// Gives a new table's schema ids from 1 on (the columns first, then members, level by level of each column, as the
/// specification's reference does) and partition fields ids from 1000 on; source ids of spec and order and the identifier
/// fields follow. Clients send ids of their own, which may begin at 0 or repeat across requests.
/// SERVE-303 (kUsage): not a schema, or a source id that no column has.
Status AssignFreshIds(nlohmann::json& schema, nlohmann::json& spec, nlohmann::json& order);

}  // namespace leat::serve::iceberg
