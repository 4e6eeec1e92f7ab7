#pragma once

#include <vector>

#include "component/table_list.h"
#include "components/source/postgres/connection.h"

namespace leat::components::postgres {

/// Every table and view of the database that is not the server's own, with columns and keys. Partitions are parts of their table.
/// `schema`: the one that an entry need not name.
Result<std::vector<component::ListedTable>> ReadTableList(Connection& connection, const std::string& schema);

}  // namespace leat::components::postgres
