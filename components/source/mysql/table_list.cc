#include "components/source/mysql/table_list.h"

#include <cstdlib>
#include <map>
#include <utility>

#include "base/lower.h"
#include "component/unique_key.h"

namespace leat::components::mysql {
namespace {

using component::ListedColumn;
using component::ListedTable;

constexpr const char* kWhat = "list of tables";
/// What belongs to the server.
constexpr const char* kOthers = " table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')";

std::optional<int64_t> Number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::strtoll(text->c_str(), nullptr, 10);
}

using TableId = std::pair<std::string, std::string>;
TableId IdOf(const TextRow& row) { return {row[0].value_or(""), row[1].value_or("")}; }

}  // namespace

Result<std::vector<ListedTable>> ReadTableList(Connection& connection, const std::string& database) {
  const std::string others = kOthers;
  LEAT_ASSIGN(const auto tables,
              connection.Query("SELECT table_schema, table_name, table_type, table_rows, data_length + index_length "
                               "FROM information_schema.tables WHERE" +
                                   others + " ORDER BY 1, 2",
                               kWhat));
  LEAT_ASSIGN(const auto columns,
              connection.Query("SELECT table_schema, table_name, column_name, column_type, data_type, "
                               "is_nullable, extra FROM information_schema.columns WHERE" +
                                   others + " ORDER BY 1, 2, ordinal_position",
                               kWhat));
  LEAT_ASSIGN(const auto keys,
              connection.Query("SELECT table_schema, table_name, index_name, column_name, seq_in_index, "
                               "non_unique FROM information_schema.statistics WHERE" +
                                   others + " ORDER BY 1, 2, index_name <> 'PRIMARY', 3, seq_in_index",
                               kWhat));
  std::vector<ListedTable> list;
  std::map<TableId, size_t> by_id;
  for (const TextRow& row : tables) {
    by_id.emplace(IdOf(row), list.size());
    ListedTable& table = list.emplace_back();
    std::tie(table.schema, table.name) = IdOf(row);
    table.kind = row[2].value_or("").find("VIEW") == std::string::npos ? "table" : "view";
    const bool named = table.schema != database || table.name.find('.') != std::string::npos;
    table.entry = named ? table.schema + "." + table.name : table.name;
    table.rows = Number(row[3]);
    table.bytes = Number(row[4]);
  }
  const auto find = [&](const TextRow& row) {
    const auto at = by_id.find(IdOf(row));
    return at == by_id.end() ? nullptr : &list[at->second];  // null: made between the questions
  };
  for (const TextRow& row : columns) {
    ListedTable* table = find(row);
    if (table == nullptr) continue;
    ListedColumn& column = table->columns.emplace_back();
    column.name = row[2].value_or("");
    column.type = row[3].value_or("");
    column.moment = row[4] == "datetime" || row[4] == "timestamp";
    column.nullable = row[5] != "NO";
    column.set_on_update = Lower(row[6].value_or("")).find("on update current_timestamp") != std::string::npos;
  }
  std::map<TableId, std::map<std::string, std::vector<std::string>>> unique;
  for (const TextRow& row : keys) {
    ListedTable* table = find(row);
    if (table == nullptr) continue;
    const std::string index = row[2].value_or(""), name = row[3].value_or("");
    if (row[4] == "1") {
      for (ListedColumn& column : table->columns) column.leads_index = column.leads_index || column.name == name;
    }
    if (index == "PRIMARY") table->primary_key.push_back(name);
    else if (row[5] == "0") unique[IdOf(row)][index].push_back(name);
  }
  for (const auto& [id, indexes] : unique) component::ChooseUniqueKey(list[by_id.at(id)], indexes);
  return list;
}

}  // namespace leat::components::mysql
