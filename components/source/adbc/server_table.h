#pragma once

#include <string>
#include <vector>

#include "component/table_list.h"
#include "component/table_query.h"
#include "components/source/adbc/connection.h"
#include "components/source/adbc/dialect.h"

namespace leat::components::adbc {

struct TableName {
  std::string catalog, schema, name;
};

/// A table, a view or a query as the driver describes it.
struct ServerTable : component::DescribedTable<Column> {
  std::string relation;  ///< for statements
};

/// SRC-316: no such table, with the nearest names (kNotFound), or several of them (kConfig).
Result<ServerTable> DescribeTable(Connection& connection, const TableName& wanted, const std::string& what);
/// SRC-435: it is not one statement that reads; SRC-436: columns without a name of their own; SRC-437: what the database says against it.
Result<ServerTable> DescribeQuery(Connection& connection, component::TableQuery query, const std::string& what);

/// Tables and views that are not the database's own, with columns and keys as the driver tells them. `place`: catalogue and schema
/// that an entry need not name.
Result<std::vector<component::ListedTable>> ListTables(Connection& connection, const TableName& place,
                                                       const std::string& what);

}  // namespace leat::components::adbc
