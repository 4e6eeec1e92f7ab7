#pragma once

#include <vector>

#include "component/table_list.h"
#include "components/source/mysql/connection.h"

namespace leat::components::mysql {

/// The tables and views that the user may read, of all databases that are not the server's own, with columns and keys.
/// `database`: the one that an entry need not name.
Result<std::vector<component::ListedTable>> ReadTableList(Connection& connection, const std::string& database);

}  // namespace leat::components::mysql
