#include "components/source/sqlite/declared_columns.h"

#include "component/server_reading.h"
#include "components/source/sqlite/sqlite_database.h"

namespace leat::components::sqlite {
namespace {

std::string TextOf(const void* text) { return text == nullptr ? "" : static_cast<const char*>(text); }

std::vector<DeclaredColumn> ColumnsOf(sqlite3_stmt* statement) {
  std::vector<DeclaredColumn> columns;
  columns.reserve(static_cast<size_t>(sqlite3_column_count(statement)));
  for (int i = 0; i < sqlite3_column_count(statement); ++i)
    columns.push_back({TextOf(sqlite3_column_name(statement, i)), TextOf(sqlite3_column_decltype(statement, i)), 0});
  return columns;
}

}  // namespace

Result<std::vector<DeclaredColumn>> ColumnsOfTable(sqlite3* database, const std::string& table, const std::string& file,
                                                   const std::string& what) {
  LEAT_ASSIGN(const Statement statement,
              Compile(database, "SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
                      file, what));
  sqlite3_bind_text(statement.get(), 1, table.c_str(), -1, SQLITE_TRANSIENT);
  std::vector<DeclaredColumn> columns;
  int outcome = SQLITE_ROW;
  while ((outcome = sqlite3_step(statement.get())) == SQLITE_ROW) {
    columns.push_back({TextOf(sqlite3_column_text(statement.get(), 0)), TextOf(sqlite3_column_text(statement.get(), 1)),
                       sqlite3_column_int(statement.get(), 2)});
  }
  if (outcome != SQLITE_DONE) return SqliteError(database, file, what);
  return columns;
}

Result<std::vector<DeclaredColumn>> ColumnsOfQuery(sqlite3* database, const component::TableQuery& query,
                                                   const std::string& file, const std::string& what) {
  const auto refused = [&](const Error& error) { return component::QueryRefused(error, {"SRC-231"}, query); };
  // By itself first: within another one SQLite gives columns of one name further names.
  const auto alone = Compile(database, query.text, file, what);
  if (!alone.ok()) return refused(alone.error());
  if (sqlite3_stmt_readonly(alone->get()) == 0) {
    return MakeError("SRC-435", ErrorKind::kConfig, "{}: `query` writes", what).At(query.where);
  }
  if (sqlite3_bind_parameter_count(alone->get()) > 0) {
    return refused(MakeError("SRC-231", ErrorKind::kConfig,
                             "{}: the query has a parameter ({}) that stands for nothing", what,
                             TextOf(sqlite3_bind_parameter_name(alone->get(), 1))));
  }
  LEAT_TRY(component::CheckQueryColumns(query, component::NamesOf(ColumnsOf(alone->get())),
                                        component::QueryNames::kAnyCase, what));
  const auto within = Compile(database, "SELECT * FROM " + query.Relation(), file, what);
  if (!within.ok()) return refused(within.error());
  return ColumnsOf(within->get());
}

}  // namespace leat::components::sqlite
