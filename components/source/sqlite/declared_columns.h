#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "component/table_query.h"

namespace leat::components::sqlite {

/// A column with the type that it was declared with.
struct DeclaredColumn {
  std::string name;
  std::string type;  ///< "decimal(9,2)"; "" of a column that declares none, and of an expression
  int key = 0;       ///< its place in the primary key, from 1; 0: it is not part of it
};

/// Also the table's generated columns. None: there is no such table. `file`, `what`: for messages (SRC-231 to SRC-233).
Result<std::vector<DeclaredColumn>> ColumnsOfTable(sqlite3* database, const std::string& table, const std::string& file,
                                                   const std::string& what);
/// SRC-435: the query writes; SRC-436: columns without a name of their own; SRC-437: what SQLite says against it.
Result<std::vector<DeclaredColumn>> ColumnsOfQuery(sqlite3* database, const component::TableQuery& query,
                                                   const std::string& file, const std::string& what);

}  // namespace leat::components::sqlite
