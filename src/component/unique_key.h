#pragma once

#include <map>
#include <string>
#include <vector>

#include "component/table_list.h"

namespace leat::component {

/// Takes the first of the unique indexes whose columns are never null as `unique_key`, where there is no primary key. `indexes`:
/// columns by the index's name; what is no column (an expression) is named "".
void ChooseUniqueKey(ListedTable& table, const std::map<std::string, std::vector<std::string>>& indexes);

}  // namespace leat::component
