#include "components/source/postgres/table_list.h"

#include <cstdlib>
#include <map>

#include "component/quoted_name.h"

namespace leat::components::postgres {
namespace {

using component::ListedColumn;
using component::ListedTable;

/// The tables that are shown; every question begins with it.
constexpr const char* kShown = R"(
WITH RECURSIVE shown AS (
  SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable, pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
))";

/// Rows and bytes of a table are those of all that inherits from it. What was never analysed counts by its pages.
constexpr const char* kTables = R"(, tree AS (
  SELECT oid AS root, oid FROM shown UNION SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
), size AS (
  SELECT t.root, sum(CASE WHEN c.relkind NOT IN ('r', 'm') THEN NULL WHEN c.reltuples >= 0 THEN c.reltuples
      ELSE pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::bigint * 60 END)::bigint AS tuples,
    sum(CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END)::bigint AS bytes
  FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid GROUP BY t.root
)
SELECT s.oid, s.schema, s.name, s.kind, s.usable, s.readable, z.tuples, z.bytes
FROM shown s LEFT JOIN size z ON z.root = s.oid ORDER BY s.schema, s.name)";

constexpr const char* kColumns = R"(
SELECT s.oid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, t.typname,
  EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = s.oid AND i.indisvalid AND i.indkey[0] = a.attnum),
  pg_catalog.has_column_privilege(s.oid, a.attnum, 'SELECT')
FROM shown s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid ORDER BY s.schema, s.name, a.attnum)";

/// The primary key's columns, then those of unique indexes over columns that are never null.
constexpr const char* kKeys = R"(
SELECT s.oid, i.indisprimary, i.indexrelid, a.attname
FROM shown s JOIN pg_catalog.pg_index i ON i.indrelid = s.oid
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum = k.attnum
WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute n WHERE n.attrelid = s.oid AND n.attnum = ANY (i.indkey::int2[]) AND NOT n.attnotnull)
ORDER BY s.oid, i.indisprimary DESC, i.indnkeyatts, i.indexrelid, k.place)";

const char* KindOf(const std::string& relkind) {
  if (relkind == "v") return "view";
  if (relkind == "m") return "materialized view";
  if (relkind == "f") return "foreign table";
  return relkind == "p" ? "partitioned table" : "table";
}

std::optional<int64_t> Number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return std::strtoll(text->c_str(), nullptr, 10);
}

}  // namespace

Result<std::vector<ListedTable>> ReadTableList(Connection& connection, const std::string& schema) {
  const std::string shown = kShown;
  LEAT_ASSIGN(const std::vector<TextRow> tables, connection.Query(shown + kTables));
  LEAT_ASSIGN(const std::vector<TextRow> columns, connection.Query(shown + kColumns));
  LEAT_ASSIGN(const std::vector<TextRow> keys, connection.Query(shown + kKeys));
  std::vector<ListedTable> list;
  std::map<std::string, size_t> by_oid;
  for (const TextRow& row : tables) {
    by_oid.emplace(row[0].value_or(""), list.size());
    ListedTable& table = list.emplace_back();
    table.schema = row[1].value_or("");
    table.name = row[2].value_or("");
    table.kind = KindOf(row[3].value_or(""));
    table.entry = component::EntryName(table.schema == schema ? "" : table.schema, table.name);
    if (row[4] != "t") table.not_readable = "the user may not use the schema " + table.schema;
    else if (row[5] != "t") table.not_readable = "the user may not read it";
    table.rows = Number(row[6]);
    table.bytes = Number(row[7]);
  }
  for (const TextRow& row : columns) {
    const auto at = by_oid.find(row[0].value_or(""));
    if (at == by_oid.end()) continue;  // made between the questions
    ListedColumn& column = list[at->second].columns.emplace_back();
    column.name = row[1].value_or("");
    column.type = row[2].value_or("");
    column.nullable = row[3] != "t";
    column.moment = row[4] == "timestamp" || row[4] == "timestamptz";
    column.leads_index = row[5] == "t";
  }
  std::map<std::string, std::string> unique_index;  // the first one of each table
  for (const TextRow& row : keys) {
    const auto at = by_oid.find(row[0].value_or(""));
    if (at == by_oid.end()) continue;
    ListedTable& table = list[at->second];
    if (row[1] == "t") {
      table.primary_key.push_back(row[3].value_or(""));
    } else if (table.primary_key.empty() &&
               unique_index.emplace(at->first, row[2].value_or("")).first->second == row[2].value_or("")) {
      table.unique_key.push_back(row[3].value_or(""));
    }
  }
  return list;
}

}  // namespace leat::components::postgres
