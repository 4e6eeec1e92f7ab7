#include "components/source/adbc/server_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/nearest.h"
#include "component/sql_text.h"
#include "components/source/adbc/arrow_value.h"

namespace leat::components::adbc {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

Json ListOf(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() || !found->is_array() ? Json::array() : *found;
}

std::string Shown(const TableName& name) {
  std::string shown;
  for (const std::string* part : {&name.catalog, &name.schema}) {
    if (!part->empty()) shown += *part + ".";
  }
  return shown + name.name;
}

struct FoundTable {
  TableName name;
  std::vector<std::string> primary_key;
};

FoundTable ReadTable(const Json& table, const std::string& catalog, const std::string& schema) {
  FoundTable found{{catalog, schema, TextOf(table, "table_name")}, {}};
  for (const Json& constraint : ListOf(table, "table_constraints")) {
    if (TextOf(constraint, "constraint_type") != "PRIMARY KEY") continue;
    for (const Json& column : ListOf(constraint, "constraint_column_names")) {
      if (column.is_string()) found.primary_key.push_back(column.get<std::string>());
    }
  }
  return found;
}

/// The tables of GetObjects within catalogue and schema, where these are named.
Result<std::vector<FoundTable>> TablesOf(Connection& connection, const TableName& wanted, bool with_columns,
                                         const std::string& what) {
  LEAT_ASSIGN(const auto answer, connection.Objects(wanted.catalog, wanted.schema, wanted.name, with_columns, what));
  std::vector<FoundTable> tables;
  for (;;) {
    LEAT_ASSIGN(const ArrowArray* batch, answer->Next());
    if (batch == nullptr) return tables;
    for (int64_t row = 0; row < batch->length; ++row) {
      const auto value = [&](size_t at) {
        return ArrowValue(answer->columns()[at], *batch->children[at], row + batch->offset);
      };
      if (answer->columns().size() < 2 || value(1).IsNull()) continue;
      const std::string catalog = value(0).IsNull() ? "" : value(0).Text();
      if (!wanted.catalog.empty() && catalog != wanted.catalog) continue;
      const Json schemas = Json::parse(value(1).Json(), nullptr, false);
      if (!schemas.is_array()) continue;
      for (const Json& schema : schemas) {
        const std::string name = TextOf(schema, "db_schema_name");
        if (!wanted.schema.empty() && name != wanted.schema) continue;
        for (const Json& table : ListOf(schema, "db_schema_tables")) tables.push_back(ReadTable(table, catalog, name));
      }
    }
  }
}

Error NoTable(Connection& connection, const TableName& wanted, const std::string& what) {
  std::vector<std::string> names;
  const auto all = TablesOf(connection, {wanted.catalog, wanted.schema, ""}, false, what);
  if (all.ok()) {
    for (const FoundTable& table : *all) names.push_back(table.name.name);
  }
  const std::string near = DidYouMean(wanted.name, names);
  return MakeError("SRC-316", ErrorKind::kNotFound, "{}: there is no table '{}' that this user may read", what,
                   Shown(wanted))
      .WithHint(near.empty() ? "name it as schema.table or catalog.schema.table, spelled as in the database; the user "
                               "needs SELECT on it"
                             : near);
}

/// The columns that a SELECT of everything has.
Result<std::vector<ArrowType>> AnswerColumns(Connection& connection, const std::string& relation,
                                             const std::string& what) {
  LEAT_ASSIGN(const auto answer, connection.Execute("SELECT * FROM " + relation + " WHERE 1 = 0", what));
  return answer->columns();
}

using Declared = std::map<std::string, std::string>;

/// The types of columns as the database's own catalogue spells them, where drivers do not tell enough.
Result<Declared> DeclaredTypes(Connection& connection, const TableName& name, const std::string& relation,
                               const std::string& what) {
  std::string sql;
  switch (DbmsOf(connection.vendor())) {
    case Dbms::kPostgres:
      sql =
          "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attnum > 0 AND NOT "
          "attisdropped AND attrelid = " +
          component::SqlLiteral(relation) + "::regclass";
      break;
    case Dbms::kSqlite:
      sql = "SELECT name, type FROM pragma_table_xinfo(" + component::SqlLiteral(name.name) + ")";
      break;
    default: return Declared();
  }
  LEAT_ASSIGN(const auto rows, connection.Query(sql, what));
  Declared declared;
  for (const auto& row : rows) declared[row[0].value_or("")] = row[1].value_or("");
  return declared;
}

std::vector<Column> Choose(Connection& connection, const std::vector<ArrowType>& types, const Declared& declared) {
  std::vector<Column> columns;
  columns.reserve(types.size());
  for (const ArrowType& type : types) {
    const auto found = declared.find(type.name);
    columns.push_back(ChooseColumn(DbmsOf(connection.vendor()), type, found == declared.end() ? "" : found->second));
  }
  return columns;
}

}  // namespace

Result<ServerTable> DescribeTable(Connection& connection, const TableName& wanted, const std::string& what) {
  const Dbms dbms = DbmsOf(connection.vendor());
  ServerTable table;
  for (const std::string* part : {&wanted.catalog, &wanted.schema, &wanted.name}) {
    if (!part->empty()) table.relation += (table.relation.empty() ? "" : ".") + QuoteName(dbms, *part);
  }
  // A driver that has no catalogue to be asked still reads.
  auto found = TablesOf(connection, wanted, true, what);
  std::vector<FoundTable> same;
  if (found.ok()) {
    for (FoundTable& one : *found) {
      if (one.name.name == wanted.name) same.push_back(std::move(one));
    }
  }
  if (same.size() > 1) {
    std::string all;
    for (const FoundTable& one : same) all += (all.empty() ? "" : ", ") + Shown(one.name);
    return MakeError("SRC-316", ErrorKind::kConfig, "{}: '{}' is the name of several tables: {}", what, wanted.name,
                     all)
        .WithHint("set `schema:` of the connection, or name the table as schema.table");
  }
  if (!same.empty()) table.primary_key = std::move(same[0].primary_key);
  auto types = AnswerColumns(connection, table.relation, what);
  if (!types.ok() && types.error().code() == "SRC-315" && same.empty()) return NoTable(connection, wanted, what);
  if (!types.ok()) return types.error();
  LEAT_ASSIGN(const Declared declared, DeclaredTypes(connection, wanted, table.relation, what));
  table.columns = Choose(connection, *types, declared);
  return table;
}

Result<ServerTable> DescribeQuery(Connection& connection, const std::string& query, const std::string& what) {
  ServerTable table;
  table.relation = "(" + query + "\n) AS leat_query";  // a line of its own: the query may end with a comment
  LEAT_ASSIGN(const std::vector<ArrowType> types, AnswerColumns(connection, table.relation, what));
  table.columns = Choose(connection, types, {});
  return table;
}

}  // namespace leat::components::adbc
