#include "components/source/postgres/catalog.h"

#include <cstdlib>

#include "base/nearest.h"
#include "component/quoted_name.h"
#include "component/sql_text.h"

namespace leat::components::postgres {
namespace {

using component::SqlLiteral;
using component::SqlName;

int64_t Number(const std::optional<std::string>& text) { return std::strtoll(text.value_or("0").c_str(), nullptr, 10); }
bool Flag(const std::optional<std::string>& text) { return text == "t"; }

Error NoSuchTable(Connection& connection, const std::string& schema, const std::string& name, const std::string& what) {
  auto rows =
      connection.Query("SELECT n.nspname = " + SqlLiteral(schema) +
                       ", n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                       "c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN "
                       "('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 2, 3 LIMIT 10000");
  if (!rows.ok()) return std::move(rows).error();
  std::vector<std::string> names;
  std::string elsewhere;
  for (const TextRow& row : *rows) {
    const std::string there = row[2].value_or("");
    if (Flag(row[0])) {
      names.push_back(there);
    } else if (there == name && elsewhere.empty()) {
      elsewhere = "there is " + row[1].value_or("") + "." + name;
    }
  }
  std::string hint = DidYouMean(name, names);
  if (hint.empty()) hint = elsewhere;
  if (hint.empty()) hint = "the schema has " + std::to_string(names.size()) + " tables and views that are visible";
  return MakeError("SRC-245", ErrorKind::kNotFound, "{}: the database has no table or view {}.{}", what, schema, name)
      .WithHint(std::move(hint));
}

/// {}: what has the columns, with number, name, type, its modifier and whether the user may read it.
constexpr const char* kColumns = R"(
WITH RECURSIVE col(num, name, typ, mod, readable) AS ({}), base AS (
  SELECT num, typ, mod FROM col
  UNION ALL
  SELECT b.num, t.typbasetype, t.typtypmod FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typ WHERE t.typtype = 'd'
)
SELECT c.name, pg_catalog.format_type(c.typ, c.mod), t.oid, t.typname, t.typtype, b.mod,
  coalesce(e.oid, 0), coalesce(e.typname, ''), coalesce(e.typtype, 'b'), c.readable
FROM col c
JOIN base b ON b.num = c.num JOIN pg_catalog.pg_type t ON t.oid = b.typ AND t.typtype <> 'd'
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
ORDER BY c.num)";

constexpr const char* kColumnsOfTable = R"(
  SELECT attnum::int, attname::text, atttypid, atttypmod, pg_catalog.has_column_privilege({0}::oid, attnum, 'SELECT')
  FROM pg_catalog.pg_attribute WHERE attrelid = {0} AND attnum > 0 AND NOT attisdropped)";

/// Partitions and children: rows of all of them are rows of the table. What was never analysed counts by its pages.
constexpr const char* kParts = R"(
WITH RECURSIVE part AS (
  SELECT {0}::oid AS oid UNION SELECT i.inhrelid FROM part p JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid
)
SELECT sum(CASE WHEN c.relkind = 'p' THEN NULL WHEN c.reltuples >= 0 THEN c.reltuples ELSE size.pages * 60 END), coalesce(max(size.pages), 0),
  coalesce(sum(size.pages), 0), bool_or(c.relkind = 'f'),
  pg_catalog.string_agg(pg_catalog.pg_relation_filenode(c.oid)::text, ',' ORDER BY c.oid)
FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid
LEFT JOIN LATERAL (SELECT pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages
                   WHERE c.relkind IN ('r', 'm')) size ON true)";

Status CheckRights(const ServerTable& table, bool readable, bool schema_usable, const std::string& what) {
  if (!schema_usable) {
    return MakeError("SRC-247", ErrorKind::kPermission, "{}: the user may not use the schema {}", what, table.schema)
        .WithHint(fmt::format("GRANT USAGE ON SCHEMA {} TO <user>", SqlName(table.schema)));
  }
  if (readable) return Ok();
  std::string hidden;
  size_t count = 0;
  for (const ServerColumn& column : table.columns) {
    if (column.readable) continue;
    hidden += (hidden.empty() ? "" : ", ") + column.name;
    ++count;
  }
  if (count == 0) return Ok();
  const bool all = count == table.columns.size();
  return MakeError("SRC-247", ErrorKind::kPermission, "{}: the user may not read {}", what,
                   all ? "it" : "the columns " + hidden)
      .WithHint(
          all ? fmt::format("GRANT SELECT ON {} TO <user>", table.Quoted())
              : fmt::format("GRANT SELECT ({}) ON {} TO <user>, or make a view without them", hidden, table.Quoted()));
}

Status ReadColumns(Connection& connection, const std::string& from, ServerTable& table) {
  LEAT_ASSIGN(const std::vector<TextRow> columns, connection.Query(fmt::format(fmt::runtime(kColumns), from)));
  for (const TextRow& row : columns) {
    ServerColumn column;
    column.name = row[0].value_or("");
    column.shown = row[1].value_or("");
    column.type = {static_cast<uint32_t>(Number(row[2])), row[3].value_or(""), row[4].value_or("b")[0],
                   static_cast<int32_t>(Number(row[5]))};
    column.element = {static_cast<uint32_t>(Number(row[6])), row[7].value_or(""), row[8].value_or("b")[0],
                      column.type.modifier};
    column.readable = Flag(row[9]);
    table.columns.push_back(std::move(column));
  }
  return Ok();
}

Status ReadSize(Connection& connection, ServerTable& table) {
  LEAT_ASSIGN(const std::vector<TextRow> parts, connection.Query(fmt::format(fmt::runtime(kParts), table.oid)));
  if (parts[0][0].has_value()) table.estimated_rows = std::strtod(parts[0][0].value_or("").c_str(), nullptr);
  table.pages = Number(parts[0][1]);
  table.all_pages = Number(parts[0][2]);
  table.foreign_parts = Flag(parts[0][3]);
  table.file_nodes = parts[0][4].value_or("");
  return Ok();
}

Status ReadPrimaryKey(Connection& connection, ServerTable& table) {
  LEAT_ASSIGN(
      const std::vector<TextRow> keys,
      connection.Query(fmt::format(
          "SELECT a.attname FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY "
          "AS k(attnum, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
          "WHERE i.indrelid = {} AND i.indisprimary AND k.position <= i.indnkeyatts ORDER BY k.position",
          table.oid)));
  for (const TextRow& row : keys) table.primary_key.push_back(row[0].value_or(""));
  return Ok();
}

}  // namespace

std::string ServerTable::Quoted() const { return query.empty() ? SqlName(schema) + "." + SqlName(name) : query; }

const ServerColumn* ServerTable::Find(const std::string& column) const { return component::FindNamed(columns, column); }

std::pair<std::string, std::string> SplitName(const std::string& text, const std::string& schema) {
  const std::vector<std::string> parts = component::SplitQuotedName(text, 2);
  if (parts.size() == 1) return {schema, parts[0]};
  return {parts[0], parts[1]};
}

Result<ServerTable> ReadTable(Connection& connection, const std::string& schema, const std::string& name,
                              const std::string& what) {
  LEAT_ASSIGN(const std::vector<TextRow> found,
              connection.Query("SELECT c.oid, c.relkind, pg_catalog.row_security_active(c.oid), "
                               "pg_catalog.has_table_privilege(c.oid, 'SELECT'), "
                               "pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_class c JOIN "
                               "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = " +
                               SqlLiteral(schema) + " AND c.relname = " + SqlLiteral(name) +
                               " AND c.relkind IN ('r', 'v', 'm', 'f', 'p')"));
  if (found.empty()) return NoSuchTable(connection, schema, name, what);
  ServerTable table;
  table.schema = schema;
  table.name = name;
  table.oid = static_cast<uint32_t>(Number(found[0][0]));
  table.kind = found[0][1].value_or("r")[0];
  table.row_security = Flag(found[0][2]);
  LEAT_TRY(ReadColumns(connection, fmt::format(fmt::runtime(kColumnsOfTable), table.oid), table));
  LEAT_TRY(CheckRights(table, Flag(found[0][3]), Flag(found[0][4]), what));
  LEAT_TRY(ReadSize(connection, table));
  LEAT_TRY(ReadPrimaryKey(connection, table));
  return table;
}

Result<ServerTable> ReadQuery(Connection& connection, const component::TableQuery& query, const std::string& what) {
  const auto refused = [&](const Error& error) { return component::QueryRefused(error, {"SRC-282"}, query); };
  // By itself first: what is one statement there stays one between our brackets.
  const auto answer = connection.Describe(query.text);
  if (!answer.ok()) return refused(answer.error());
  std::vector<std::string> names;
  std::string columns;
  for (const AnswerColumn& column : *answer) {
    names.push_back(column.name);
    columns += fmt::format("{}({}, {}::text, {}::oid, {}, true)", columns.empty() ? "VALUES " : ", ", names.size(),
                           SqlLiteral(column.name), column.type, column.modifier);
  }
  LEAT_TRY(component::CheckQueryColumns(query, names, component::QueryNames::kExact, what));
  ServerTable table;
  table.query = query.Relation();
  table.kind = 'q';
  const Status planned = connection.Execute("EXPLAIN SELECT * FROM " + table.query);  // looks at rights, too
  if (!planned.ok()) return refused(planned.error());
  LEAT_TRY(ReadColumns(connection, columns, table));
  return table;
}

}  // namespace leat::components::postgres
