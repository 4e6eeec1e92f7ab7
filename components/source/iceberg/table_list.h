#pragma once

#include <vector>

#include "component/table_list.h"
#include "config/field.h"

namespace leat::components::iceberg {

/// The tables of a connection's catalogue, or those that lie below its `path`, each looked at once.
Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context);

}  // namespace leat::components::iceberg
