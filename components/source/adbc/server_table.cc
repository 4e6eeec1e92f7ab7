#include "components/source/adbc/server_table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/lower.h"
#include "base/nearest.h"
#include "component/quoted_name.h"
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

/// Hands `take` the tables of GetObjects within catalogue and schema, where these are named: catalogue, schema, table.
template <typename Take>
Status EachTable(Connection& connection, const TableName& wanted, bool with_columns, const std::string& what,
                 Take take) {
  LEAT_ASSIGN(const auto answer, connection.Objects(wanted.catalog, wanted.schema, wanted.name, with_columns, what));
  for (;;) {
    LEAT_ASSIGN(const ArrowArray* batch, answer->Next());
    if (batch == nullptr) return Ok();
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
        for (const Json& table : ListOf(schema, "db_schema_tables")) take(catalog, name, table);
      }
    }
  }
}

Result<std::vector<FoundTable>> TablesOf(Connection& connection, const TableName& wanted, bool with_columns,
                                         const std::string& what) {
  std::vector<FoundTable> tables;
  LEAT_TRY(EachTable(connection, wanted, with_columns, what,
                     [&](const std::string& catalog, const std::string& schema, const Json& table) {
                       tables.push_back(ReadTable(table, catalog, schema));
                     }));
  return tables;
}

bool IsOfTheServer(const std::string& schema, const std::string& name) {
  const std::string lower = Lower(schema);
  return lower == "information_schema" || lower.starts_with("pg_") || lower == "sys" || name.starts_with("sqlite_");
}

component::ListedTable Listed(const TableName& place, const Json& table, const FoundTable& found) {
  constexpr int kTimestamp = 93;  // of ODBC and JDBC, whose words the driver's columns have
  component::ListedTable listed;
  listed.schema = found.name.schema.empty() ? found.name.catalog : found.name.schema;
  listed.name = found.name.name;
  const bool named = !found.name.schema.empty() && found.name.schema != place.schema;
  listed.entry = component::EntryName(named ? found.name.schema : "", found.name.name);
  listed.kind = Lower(TextOf(table, "table_type"));
  listed.primary_key = found.primary_key;
  for (const Json& one : ListOf(table, "table_columns")) {
    component::ListedColumn& column = listed.columns.emplace_back();
    column.name = TextOf(one, "column_name");
    column.type = TextOf(one, "xdbc_type_name");
    const std::string type = Lower(column.type);
    column.moment = type.starts_with("timestamp") || type.starts_with("datetime") ||
                    one.value("xdbc_data_type", Json()) == kTimestamp;
    column.nullable = one.value("xdbc_nullable", Json()) != 0 && TextOf(one, "xdbc_is_nullable") != "NO";
  }
  return listed;
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

Result<ServerTable> DescribeQuery(Connection& connection, component::TableQuery query, const std::string& what) {
  LEAT_TRY(component::CheckQuery(query, component::LexisOf(connection.vendor()), what));
  ServerTable table;
  table.relation = query.Relation();
  const auto types = AnswerColumns(connection, table.relation, what);
  if (!types.ok()) return component::QueryRefused(types.error(), {"SRC-315"}, query);
  table.columns = Choose(connection, *types, {});
  const bool sqlite = DbmsOf(connection.vendor()) == Dbms::kSqlite;
  LEAT_TRY(component::CheckQueryColumns(query, component::NamesOf(table.columns),
                                        sqlite ? component::QueryNames::kSqlite : component::QueryNames::kExact, what));
  return table;
}

Result<std::vector<component::ListedTable>> ListTables(Connection& connection, const TableName& place,
                                                       const std::string& what) {
  std::vector<component::ListedTable> list;
  LEAT_TRY(EachTable(connection, {place.catalog, "", ""}, true, what,
                     [&](const std::string& catalog, const std::string& schema, const Json& table) {
                       const FoundTable found = ReadTable(table, catalog, schema);
                       const std::string kind = Lower(TextOf(table, "table_type"));
                       const bool wanted = kind.ends_with("table") || kind.ends_with("view");
                       if (wanted && !kind.starts_with("system") && !IsOfTheServer(schema, found.name.name))
                         list.push_back(Listed(place, table, found));
                     }));
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return std::tie(a.schema, a.name) < std::tie(b.schema, b.name); });
  return list;
}

}  // namespace leat::components::adbc
