#pragma once

#include <string>
#include <vector>

#include "component/table_list.h"
#include "component/table_query.h"
#include "components/source/odbc/connection.h"

namespace leat::components::odbc {

struct TableName {
  std::string catalog, schema, name;
};

/// The parts of `orders`, `sales.orders`, `shop.sales.orders` or `"od.d"."ord ers"`; what is not named comes from `defaults`. With
/// `catalogs_only` (MySQL) the part before the table is a catalogue.
TableName SplitName(const std::string& text, const TableName& defaults, bool catalogs_only);

/// A table or view as the driver's catalogue functions describe it, or a query as a statement does.
struct ServerTable : component::DescribedTable<Column> {
  TableName name;      ///< of a query: none
  std::string quoted;  ///< for statements
};

/// SRC-294: no such table, with the nearest names (kNotFound), or several of them (kConfig).
Result<ServerTable> Describe(Connection& connection, const TableName& wanted, const std::string& what);

/// SRC-435: it is not one statement that reads; SRC-436: columns without a name of their own; SRC-437: what the database says against it.
Result<ServerTable> DescribeQuery(Connection& connection, component::TableQuery query, const std::string& what);

/// Tables and views that are not the server's own, each with columns, keys and indexes as the driver tells them. `place`: catalogue and schema
/// that an entry need not name.
Result<std::vector<component::ListedTable>> ListTables(Connection& connection, const TableName& place,
                                                       const std::string& what);

}  // namespace leat::components::odbc
