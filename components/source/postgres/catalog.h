#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "component/table_query.h"
#include "components/source/postgres/connection.h"

namespace leat::components::postgres {

/// A type as pg_type has it, with domains taken off.
struct ServerType {
  uint32_t oid = 0;
  std::string name;  ///< "int4", "_text", "mood"
  char kind = 'b';   ///< typtype: b base, e enum, c composite, r range, m multirange
  int32_t modifier = -1;
};

struct ServerColumn {
  std::string name;
  std::string shown;  ///< format_type: "numeric(9,2)", "character(3)[]"
  ServerType type;
  ServerType element;  ///< of an array; oid 0: it is none
  bool readable = true;
};

/// A table, view, partitioned table or query as it is now.
struct ServerTable {
  uint32_t oid = 0;
  std::string schema, name;
  std::string query;           ///< as a relation; "": it is a table
  char kind = 'r';             ///< relkind: r, v, m, f, p; q: a query
  bool row_security = false;   ///< hides rows from this user
  double estimated_rows = -1;  ///< of all its partitions; below 0: never analysed
  int64_t pages = 0;           ///< of the largest of its partitions
  int64_t all_pages = 0;       ///< of all of them
  bool foreign_parts = false;  ///< a partition lies on another server
  std::string file_nodes;      ///< changes when the rows were moved (VACUUM FULL, TRUNCATE)
  std::vector<ServerColumn> columns;
  std::vector<std::string> primary_key;

  /// Rows have a place that a scan can be bound to.
  bool has_pages() const { return (kind == 'r' || kind == 'm' || kind == 'p') && !foreign_parts; }
  /// Rows are computed anew for each question about them.
  bool is_computed() const { return kind == 'v' || kind == 'q'; }
  /// As a relation in SQL; for messages.
  std::string Quoted() const;
  std::string Shown() const { return query.empty() ? Quoted() : "its query"; }
  const ServerColumn* Find(const std::string& column) const;
};

/// The two parts of `orders`, `other.orders` or `"od.d"."ord ers"`; without a schema: `schema`.
std::pair<std::string, std::string> SplitName(const std::string& text, const std::string& schema);

/// SRC-245 kNotFound with the nearest names, SRC-247 where the user may not read the table or one of its columns.
Result<ServerTable> ReadTable(Connection& connection, const std::string& schema, const std::string& name,
                              const std::string& what);

/// What the server makes of the query, in the transaction that is open. SRC-436: columns without a name of their own; SRC-437: what the server
/// says against it; SRC-247: rights.
Result<ServerTable> ReadQuery(Connection& connection, const component::TableQuery& query, const std::string& what);

}  // namespace leat::components::postgres
