#include "components/source/odbc/server_table.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/lower.h"
#include "base/nearest.h"
#include "component/quoted_name.h"
#include "components/source/odbc/sql_server.h"
#include "components/source/odbc/wide_text.h"

namespace leat::components::odbc {
namespace {

// Columns of the answers of SQLTables, SQLColumns, SQLPrimaryKeys and SQLStatistics, from 0.
constexpr size_t kCatalog = 0, kSchema = 1, kTable = 2, kColumn = 3, kType = 4, kTypeName = 5, kSize = 6, kDigits = 8,
                 kKeyPosition = 4, kTableKind = 3, kNullable = 10, kIndexName = 5, kStatisticsType = 6,
                 kIndexPosition = 7, kIndexColumn = 8, kCardinality = 10;

/// A name as an argument of a catalogue function; none where it is empty.
class Argument {
 public:
  explicit Argument(const std::string& name) : text_(ToWide(name)) {}
  SQLWCHAR* data() { return text_.empty() ? nullptr : reinterpret_cast<SQLWCHAR*>(text_.data()); }
  SQLSMALLINT size() const { return static_cast<SQLSMALLINT>(text_.size()); }

 private:
  std::u16string text_;
};

int64_t Number(const TextRow& row, size_t at) {
  return at < row.size() ? std::strtoll(row[at].value_or("0").c_str(), nullptr, 10) : 0;
}

std::string Text(const TextRow& row, size_t at) { return at < row.size() ? row[at].value_or("") : ""; }

/// A name as a pattern that fits it alone, where the driver has an escape; more may fit otherwise.
std::string Pattern(const std::string& name, const std::string& escape) {
  std::string pattern;
  for (const char c : name) {
    if (c == '_' || c == '%' || (!escape.empty() && c == escape[0])) pattern += escape;
    pattern += c;
  }
  return pattern;
}

Result<std::vector<TextRow>> ColumnsOf(Connection& connection, const TableName& wanted, const std::string& what) {
  const std::string& escape = connection.facts().escape;
  Argument catalog(wanted.catalog);
  Argument schema(Pattern(wanted.schema, escape));
  Argument table(Pattern(wanted.name, escape));
  LEAT_ASSIGN(std::vector<TextRow> rows, connection.Catalogue(what, [&](const DriverManager& odbc, SQLHSTMT statement) {
    return odbc.ColumnsW(statement, catalog.data(), catalog.size(), schema.data(), schema.size(), table.data(),
                         table.size(), nullptr, 0);
  }));
  std::erase_if(rows, [&](const TextRow& row) {
    return Text(row, kTable) != wanted.name || (!wanted.schema.empty() && Text(row, kSchema) != wanted.schema);
  });
  return rows;
}

std::string Shown(const TableName& name) {
  std::string shown;
  for (const std::string* part : {&name.catalog, &name.schema}) {
    if (!part->empty()) shown += *part + ".";
  }
  return shown + name.name;
}

/// The one table that is spelled as `wanted` but for upper and lower case.
Result<TableName> FindOtherwise(Connection& connection, const TableName& wanted, const std::string& what) {
  Argument catalog(wanted.catalog);
  Argument schema(Pattern(wanted.schema, connection.facts().escape));
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              connection.Catalogue(what, [&](const DriverManager& odbc, SQLHSTMT statement) {
                return odbc.TablesW(statement, catalog.data(), catalog.size(), schema.data(), schema.size(), nullptr, 0,
                                    nullptr, 0);
              }));
  std::vector<std::string> names;
  std::vector<TableName> alike;
  for (const TextRow& row : rows) {
    names.push_back(Text(row, kTable));
    if (strcasecmp(names.back().c_str(), wanted.name.c_str()) == 0)
      alike.push_back({Text(row, kCatalog), Text(row, kSchema), names.back()});
  }
  if (alike.size() == 1) return alike.front();
  const std::string near = DidYouMean(wanted.name, names);
  return MakeError("SRC-294", ErrorKind::kNotFound, "{}: there is no table '{}' that this user may read", what,
                   Shown(wanted))
      .WithHint(near.empty() ? "name it as schema.table or catalog.schema.table; the user needs SELECT on it" : near);
}

/// `length` units of a buffer, or as many as it has.
std::string TextOf(const std::array<char16_t, 256>& buffer, int length) {
  return ToUtf8({buffer.data(), std::min(static_cast<size_t>(std::max(length, 0)), buffer.size() - 1)});
}

/// What a statement that reads the columns says of them.
Status DescribeStatement(Connection& connection, ServerTable& table, const std::string& what) {
  std::string sql = "SELECT ";
  for (const Column& column : table.columns)
    sql +=
        (&column == table.columns.data() ? "" : ", ") + component::FilledIn(column.ask, connection.Quote(column.name));
  LEAT_ASSIGN(const auto statement, connection.Prepare(what));
  LEAT_TRY(statement->Execute(sql + " FROM " + table.quoted + " WHERE 1 = 0"));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    std::array<SQLWCHAR, 256> name{};
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0;
    SQLULEN size = 0;
    const auto number = static_cast<SQLUSMALLINT>(i + 1);
    const DriverManager& odbc = statement->odbc();
    if (!SQL_SUCCEEDED(odbc.DescribeColW(statement->handle(), number, name.data(), name.size(), &length, &type, &size,
                                         &digits, &nullable)))
      return statement->Failed();
    column.read_size = static_cast<int64_t>(size);
    if (column.ask == "{0}") {
      SQLLEN is_unsigned = SQL_FALSE;
      odbc.ColAttributeW(statement->handle(), number, SQL_DESC_UNSIGNED, nullptr, 0, nullptr, &is_unsigned);
      column.sql_type = type;
      column.size = column.read_size;
      column.digits = digits;
      column.is_unsigned = is_unsigned == SQL_TRUE;
    }
    ChooseType(connection.facts().dbms, column);
  }
  return Ok();
}

/// The columns that a statement answers with, as it describes them.
Result<std::vector<Column>> AnswerColumns(Connection& connection, const std::string& sql, const std::string& what) {
  LEAT_ASSIGN(const auto statement, connection.Prepare(what));
  LEAT_TRY(statement->Execute(sql));
  const DriverManager& odbc = statement->odbc();
  SQLSMALLINT count = 0;
  if (!SQL_SUCCEEDED(odbc.NumResultCols(statement->handle(), &count))) return statement->Failed();
  std::vector<Column> columns;
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    std::array<char16_t, 256> name{}, type_name{};
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0, type_bytes = 0;
    SQLULEN size = 0;
    const auto number = static_cast<SQLUSMALLINT>(i);
    if (!SQL_SUCCEEDED(odbc.DescribeColW(statement->handle(), number, reinterpret_cast<SQLWCHAR*>(name.data()),
                                         name.size(), &length, &type, &size, &digits, &nullable)))
      return statement->Failed();
    odbc.ColAttributeW(statement->handle(), number, SQL_DESC_TYPE_NAME, type_name.data(), sizeof type_name, &type_bytes,
                       nullptr);
    Column& column = columns.emplace_back();
    column.name = TextOf(name, length);
    column.type_name = TextOf(type_name, type_bytes / 2);
    column.sql_type = type;
    column.size = static_cast<int64_t>(size);
    column.digits = digits;
  }
  return columns;
}

std::vector<TextRow> StatisticsOf(Connection& connection, const TableName& of, const std::string& what) {
  Argument catalog(of.catalog), schema(of.schema), name(of.name);
  auto rows = connection.Catalogue(what, [&](const DriverManager& odbc, SQLHSTMT statement) {
    return odbc.StatisticsW(statement, catalog.data(), catalog.size(), schema.data(), schema.size(), name.data(),
                            name.size(), SQL_INDEX_ALL, SQL_QUICK);
  });
  return rows.ok() ? std::move(rows).value() : std::vector<TextRow>{};
}

/// A driver that cannot tell keys or statistics has none. MariaDB's numbers the columns of a key in the order of the table: there the index says it.
std::vector<std::string> PrimaryKeyOf(Connection& connection, const TableName& of,
                                      const std::vector<TextRow>& statistics, const std::string& what) {
  Argument catalog(of.catalog), schema(of.schema), name(of.name);
  const auto rows = connection.Catalogue(what, [&](const DriverManager& odbc, SQLHSTMT statement) {
    return odbc.PrimaryKeysW(statement, catalog.data(), catalog.size(), schema.data(), schema.size(), name.data(),
                             name.size());
  });
  std::map<int64_t, std::string> ordered;
  if (rows.ok()) {
    for (const TextRow& row : *rows) ordered[Number(row, kKeyPosition)] = Text(row, kColumn);
  }
  std::map<int64_t, std::string> indexed;
  for (const TextRow& row : statistics) {
    const bool primary = connection.facts().dbms == Dbms::kMySql && Text(row, kIndexName) == "PRIMARY";
    if (primary) indexed[Number(row, kIndexPosition)] = Text(row, kIndexColumn);
  }
  if (!ordered.empty() && indexed.size() == ordered.size()) ordered = std::move(indexed);
  std::vector<std::string> key;
  key.reserve(ordered.size());
  for (auto& [position, column] : ordered) key.push_back(std::move(column));
  return key;
}

std::optional<int64_t> RowsBy(const std::vector<TextRow>& statistics) {
  std::optional<int64_t> rows;
  for (const TextRow& row : statistics) {
    if (Number(row, kStatisticsType) == SQL_TABLE_STAT && kCardinality < row.size() && row[kCardinality])
      rows = Number(row, kCardinality);
  }
  return rows;
}

/// What belongs to a server itself, by catalogue or schema.
bool IsOfTheServer(const TableName& name) {
  static const std::set<std::string> kSchemas = {
      "information_schema", "pg_catalog", "pg_toast", "sys",     "system", "mysql",
      "performance_schema", "sysibm",     "syscat",   "sysstat", "sysproc"};
  return kSchemas.contains(Lower(name.catalog)) || kSchemas.contains(Lower(name.schema));
}

Status ListColumns(Connection& connection, const TableName& name, const std::string& what,
                   component::ListedTable& table) {
  constexpr int kTimestampWithOffset = -155;  // SQL Server's datetimeoffset
  LEAT_ASSIGN(const std::vector<TextRow> rows, ColumnsOf(connection, name, what));
  for (const TextRow& row : rows) {
    component::ListedColumn& column = table.columns.emplace_back();
    column.name = Text(row, kColumn);
    column.type = Text(row, kTypeName);
    const int64_t type = Number(row, kType);
    column.moment = type == SQL_TYPE_TIMESTAMP || type == SQL_TIMESTAMP || type == kTimestampWithOffset ||
                    (connection.facts().dbms == Dbms::kSqlServer && IsSqlServerMoment(column.type));
    column.nullable = Number(row, kNullable) != SQL_NO_NULLS;
  }
  const std::vector<TextRow> statistics = StatisticsOf(connection, name, what);
  table.primary_key = PrimaryKeyOf(connection, name, statistics, what);
  table.rows = RowsBy(statistics);
  for (const TextRow& row : statistics) {
    if (Number(row, kStatisticsType) == SQL_TABLE_STAT || Number(row, kIndexPosition) != 1) continue;
    for (component::ListedColumn& column : table.columns) {
      column.leads_index = column.leads_index || column.name == Text(row, kIndexColumn);
    }
  }
  return Ok();
}

std::string Quoted(const Connection& connection, const TableName& name) {
  const DriverFacts& facts = connection.facts();
  std::string quoted = connection.Quote(name.name);
  const bool with_schema = facts.schemas && !name.schema.empty();
  if (with_schema) quoted = connection.Quote(name.schema) + "." + quoted;
  if (!facts.catalogs || name.catalog.empty()) return quoted;
  const std::string catalog = connection.Quote(name.catalog);
  return facts.catalog_at_end ? quoted + facts.separator + catalog : catalog + facts.separator + quoted;
}

}  // namespace

TableName SplitName(const std::string& text, const TableName& defaults, bool catalogs_only) {
  const std::vector<std::string> parts = component::SplitQuotedName(text, 3);
  TableName name = defaults;
  name.name = parts.back();
  if (parts.size() == 3) {
    name.catalog = parts[0];
    name.schema = parts[1];
  } else if (parts.size() == 2) {
    (catalogs_only ? name.catalog : name.schema) = parts[0];
  }
  return name;
}

Result<ServerTable> Describe(Connection& connection, const TableName& wanted, const std::string& what) {
  LEAT_ASSIGN(std::vector<TextRow> rows, ColumnsOf(connection, wanted, what));
  if (rows.empty()) {
    LEAT_ASSIGN(const TableName other, FindOtherwise(connection, wanted, what));
    LEAT_ASSIGN(rows, ColumnsOf(connection, other, what));
  }
  std::set<std::string> places;
  ServerTable table;
  for (const TextRow& row : rows) {
    table.name = {Text(row, kCatalog), Text(row, kSchema), Text(row, kTable)};
    places.insert(Shown(table.name));
    Column column;
    column.name = Text(row, kColumn);
    column.type_name = Text(row, kTypeName);
    column.sql_type = static_cast<int>(Number(row, kType));
    column.size = Number(row, kSize);
    column.digits = static_cast<int>(Number(row, kDigits));
    ChooseQuestion(connection.facts().dbms, column);
    table.columns.push_back(std::move(column));
  }
  if (places.size() != 1) {
    std::string all;
    for (const std::string& place : places) all += (all.empty() ? "" : ", ") + place;
    return MakeError("SRC-294", ErrorKind::kConfig, "{}: '{}' is the name of several tables: {}", what, wanted.name,
                     all.empty() ? "none that this user may read" : all)
        .WithHint("set `schema:` of the connection, or name the table as schema.table");
  }
  table.quoted = Quoted(connection, table.name);
  LEAT_TRY(DescribeStatement(connection, table, what));
  const std::vector<TextRow> statistics = StatisticsOf(connection, table.name, what);
  table.primary_key = PrimaryKeyOf(connection, table.name, statistics, what);
  table.estimated_rows = RowsBy(statistics);
  return table;
}

Result<ServerTable> DescribeQuery(Connection& connection, component::TableQuery query, const std::string& what) {
  component::SqlLexis lexis = component::LexisOf(connection.facts().dbms_name);
  lexis.backslashes = false;  // the session takes their meaning away (SessionStatements)
  LEAT_TRY(component::CheckQuery(query, lexis, what));
  ServerTable table;
  table.quoted = query.Relation();
  const auto refused = [&](const Error& error) { return component::QueryRefused(error, {"SRC-293"}, query); };
  auto columns = AnswerColumns(connection, "SELECT * FROM " + table.quoted + " WHERE 1 = 0", what);
  if (!columns.ok()) return refused(columns.error());
  table.columns = std::move(*columns);
  const Dbms dbms = connection.facts().dbms;
  const auto rule = dbms == Dbms::kSqlite ? component::QueryNames::kSqlite : component::QueryNames::kExact;
  LEAT_TRY(component::CheckQueryColumns(query, component::NamesOf(table.columns), rule, what));
  for (Column& column : table.columns) ChooseQuestion(dbms, column);
  const Status described = DescribeStatement(connection, table, what);
  if (!described.ok()) return refused(described.error());
  return table;
}

Result<std::vector<component::ListedTable>> ListTables(Connection& connection, const TableName& place,
                                                       const std::string& what) {
  Argument catalog(place.catalog);
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              connection.Catalogue(what, [&](const DriverManager& odbc, SQLHSTMT statement) {
                return odbc.TablesW(statement, catalog.data(), catalog.size(), nullptr, 0, nullptr, 0, nullptr, 0);
              }));
  std::vector<component::ListedTable> list;
  for (const TextRow& row : rows) {
    const TableName name{Text(row, kCatalog), Text(row, kSchema), Text(row, kTable)};
    const std::string kind = Lower(Text(row, kTableKind));
    const bool is_table = kind.ends_with("table") && !kind.starts_with("system") && !kind.ends_with("temporary table");
    if ((!is_table && !(kind.ends_with("view") && !kind.starts_with("system"))) || IsOfTheServer(name)) continue;
    component::ListedTable table;
    const bool by_catalog = name.schema.empty();
    table.schema = by_catalog ? name.catalog : name.schema;
    table.name = name.name;
    // Without a catalogue of the connection its own database is meant.
    const bool named =
        by_catalog ? !place.catalog.empty() && name.catalog != place.catalog : name.schema != place.schema;
    table.entry = component::EntryName(named ? table.schema : "", name.name);
    table.kind = kind;
    LEAT_TRY(ListColumns(connection, name, what, table));
    list.push_back(std::move(table));
  }
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return std::tie(a.schema, a.name) < std::tie(b.schema, b.name); });
  return list;
}

}  // namespace leat::components::odbc
