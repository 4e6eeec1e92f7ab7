#pragma once

#include <vector>

#include "component/table_list.h"
#include "components/source/duckdb/attached_file.h"

namespace leat::components::duckdb {

/// Tables and views of a file with columns and keys. `schema`: the one that an entry need not name.
Result<std::vector<component::ListedTable>> ReadTableList(const AttachedFile& file, const std::string& schema);

}  // namespace leat::components::duckdb
