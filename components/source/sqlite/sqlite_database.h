#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/table_list.h"

namespace leat::components::sqlite {

/// A database gives its place in the connection's budget back when it is closed.
struct CloseDatabase {
  std::shared_ptr<component::BudgetSlot> slot;
  void operator()(sqlite3* database) {
    sqlite3_close_v2(database);
    slot.reset();
  }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

/// Opens `path` for reading, with a place of the budget. `file`: as the user wrote it, `what`: the object that is asked for, both
/// for messages. SRC-201 no such file, SRC-231 to SRC-233.
Result<Database> OpenDatabase(const std::string& path, const std::string& file, const std::string& what,
                              const component::SourceContext& context);
Result<Statement> Compile(sqlite3* database, const std::string& sql, const std::string& file, const std::string& what);
/// What the last call on `database` failed of: SRC-231 to SRC-233.
Error SqliteError(sqlite3* database, const std::string& file, const std::string& what);
Error MissingFile(const std::string& file, const std::string& what);

/// Tables and views with columns and keys. Rows are those that ANALYZE counted, else the greatest rowid.
Result<std::vector<component::ListedTable>> ReadTableList(sqlite3* database, const std::string& file);

}  // namespace leat::components::sqlite
