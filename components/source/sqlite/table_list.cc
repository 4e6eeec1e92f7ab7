#include <map>
#include <optional>

#include "base/lower.h"
#include "component/sql_text.h"
#include "component/unique_key.h"
#include "components/source/sqlite/sqlite_database.h"

namespace leat::components::sqlite {
namespace {

using component::ListedColumn;
using component::ListedTable;

constexpr const char* kWhat = "list of tables";

std::string Text(sqlite3_stmt* statement, int at) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
  return text == nullptr ? "" : text;
}

/// Asks with ?1 = `name` and hands each row to `take`.
template <typename Take>
Status Each(sqlite3* database, const std::string& file, const std::string& sql, const std::string& name, Take take) {
  LEAT_ASSIGN(const Statement statement, Compile(database, sql, file, kWhat));
  if (!name.empty()) sqlite3_bind_text(statement.get(), 1, name.c_str(), -1, SQLITE_TRANSIENT);
  int outcome = SQLITE_ROW;
  while ((outcome = sqlite3_step(statement.get())) == SQLITE_ROW) take(statement.get());
  if (outcome != SQLITE_DONE) return SqliteError(database, file, kWhat);
  return Ok();
}

bool IsMoment(const std::string& declared) {
  const std::string type = Lower(declared);
  return type.starts_with("timestamp") || type.starts_with("datetime");
}

Status ReadColumns(sqlite3* database, const std::string& file, ListedTable& table) {
  std::map<int, std::string> key;
  LEAT_TRY(Each(database, file,
                "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
                table.name, [&](sqlite3_stmt* row) {
                  ListedColumn& column = table.columns.emplace_back();
                  column.name = Text(row, 0);
                  column.type = Text(row, 1);
                  column.nullable = sqlite3_column_int(row, 2) == 0;
                  column.moment = IsMoment(column.type);
                  if (const int place = sqlite3_column_int(row, 3); place > 0) key[place] = column.name;
                }));
  for (const auto& [place, name] : key) table.primary_key.push_back(name);
  return Ok();
}

/// Indexes: which column each begins with, and one that is a key.
Status ReadIndexes(sqlite3* database, const std::string& file, ListedTable& table) {
  std::map<std::string, std::vector<std::string>> unique;
  LEAT_TRY(Each(database, file,
                "SELECT l.name, l.\"unique\" AND NOT l.partial, i.seqno, i.name FROM pragma_index_list(?1) l, "
                "pragma_index_info(l.name) i ORDER BY l.seq, i.seqno",
                table.name, [&](sqlite3_stmt* row) {
                  const std::string name = Text(row, 3);  // "" of an expression
                  if (sqlite3_column_int(row, 1) != 0) unique[Text(row, 0)].push_back(name);
                  for (ListedColumn& column : table.columns) {
                    column.leads_index = column.leads_index || (sqlite3_column_int(row, 2) == 0 && column.name == name);
                  }
                }));
  component::ChooseUniqueKey(table, unique);
  if (table.primary_key.size() == 1) {  // INTEGER PRIMARY KEY has no index of its own: it is the rowid
    for (ListedColumn& column : table.columns) {
      column.leads_index = column.leads_index || column.name == table.primary_key[0];
    }
  }
  return Ok();
}

Status ReadRows(sqlite3* database, const std::string& file, bool analysed, ListedTable& table) {
  if (analysed) {
    LEAT_TRY(Each(database, file, "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = ?1 AND stat IS NOT NULL",
                  table.name, [&](sqlite3_stmt* row) { table.rows = sqlite3_column_int64(row, 0); }));
  }
  if (table.rows || table.kind != "table") return Ok();
  sqlite3_stmt* raw = nullptr;  // no rowid: the statement does not compile
  if (sqlite3_prepare_v2(database, ("SELECT coalesce(max(rowid), 0) FROM " + component::SqlName(table.name)).c_str(),
                         -1, &raw, nullptr) != SQLITE_OK)
    return Ok();
  const Statement greatest(raw);
  if (sqlite3_step(raw) == SQLITE_ROW) table.rows = sqlite3_column_int64(raw, 0);
  return Ok();
}

}  // namespace

Result<std::vector<ListedTable>> ReadTableList(sqlite3* database, const std::string& file) {
  std::vector<ListedTable> list;
  LEAT_TRY(Each(
      database, file,
      "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
      "ORDER BY name",
      "", [&](sqlite3_stmt* row) {
        ListedTable& table = list.emplace_back();
        table.name = table.entry = Text(row, 0);
        table.kind = Text(row, 1);
      }));
  bool analysed = false;
  LEAT_TRY(Each(database, file, "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'", "",
                [&](sqlite3_stmt*) { analysed = true; }));
  for (ListedTable& table : list) {
    LEAT_TRY(ReadColumns(database, file, table));
    LEAT_TRY(ReadIndexes(database, file, table));
    LEAT_TRY(ReadRows(database, file, analysed, table));
  }
  return list;
}

}  // namespace leat::components::sqlite
