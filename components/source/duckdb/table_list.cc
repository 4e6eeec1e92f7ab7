#include "components/source/duckdb/table_list.h"

#include <cstdlib>
#include <map>
#include <utility>

#include "component/unique_key.h"
#include "component/quoted_name.h"
#include "component/sql_text.h"

namespace leat::components::duckdb {

using component::ListedColumn;
using component::ListedTable;

Result<std::vector<ListedTable>> ReadTableList(const AttachedFile& file, const std::string& schema) {
  const std::string here = " WHERE database_name = " + component::SqlLiteral(file.alias());
  LEAT_ASSIGN(const TextRows tables,
              file.Query("SELECT schema_name, table_name, 'table', estimated_size FROM duckdb_tables()" + here +
                         " UNION ALL SELECT schema_name, view_name, 'view', NULL FROM duckdb_views()" + here +
                         " AND NOT internal ORDER BY 1, 2"));
  LEAT_ASSIGN(const TextRows columns,
              file.Query("SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns()" +
                         here + " ORDER BY 1, 2, column_index"));
  LEAT_ASSIGN(
      const TextRows keys,
      file.Query("SELECT schema_name, table_name, constraint_type, constraint_index, unnest(constraint_column_names) "
                 "FROM duckdb_constraints()" +
                 here + " AND constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY 1, 2, 3, 4"));
  std::vector<ListedTable> list;
  std::map<std::pair<std::string, std::string>, size_t> by_name;
  for (const auto& row : tables) {
    by_name.emplace(std::pair(row[0], row[1]), list.size());
    ListedTable& table = list.emplace_back();
    table.schema = row[0];
    table.name = row[1];
    table.entry = component::EntryName(row[0] == schema ? "" : row[0], row[1]);
    table.kind = row[2];
    if (!row[3].empty()) table.rows = std::strtoll(row[3].c_str(), nullptr, 10);
  }
  const auto find = [&](const std::vector<std::string>& row) -> ListedTable* {
    const auto at = by_name.find({row[0], row[1]});
    return at == by_name.end() ? nullptr : &list[at->second];  // null: of a view that is the engine's own
  };
  for (const auto& row : columns) {
    ListedTable* table = find(row);
    if (table == nullptr) continue;
    ListedColumn& column = table->columns.emplace_back();
    column.name = row[2];
    column.type = row[3];
    column.moment = row[3].starts_with("TIMESTAMP");
    column.nullable = row[4] != "false";
  }
  std::map<ListedTable*, std::map<std::string, std::vector<std::string>>> unique;
  for (const auto& row : keys) {
    ListedTable* table = find(row);
    if (table == nullptr) continue;
    (row[2] == "PRIMARY KEY" ? table->primary_key : unique[table][row[3]]).push_back(row[4]);
  }
  for (const auto& [table, constraints] : unique) component::ChooseUniqueKey(*table, constraints);
  return list;
}

}  // namespace leat::components::duckdb
