#include "component/unique_key.h"

#include <algorithm>

#include "component/server_reading.h"

namespace leat::component {

void ChooseUniqueKey(ListedTable& table, const std::map<std::string, std::vector<std::string>>& indexes) {
  if (!table.primary_key.empty()) return;
  const auto is_key = [&](const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const ListedColumn* column = FindNamed(table.columns, name);
      return column != nullptr && !column->nullable;
    });
  };
  for (const auto& [index, names] : indexes) {
    if (!is_key(names)) continue;
    table.unique_key = names;
    return;
  }
}

}  // namespace leat::component
