#pragma once

#include <string>
#include <vector>

#include "components/source/odbc/connection.h"

namespace leat::components::odbc {

struct TableName {
  std::string catalog, schema, name;
};

/// The parts of `orders`, `sales.orders`, `shop.sales.orders` or `"od.d"."ord ers"`; what is not named comes from `defaults`. With
/// `catalogs_only` (MySQL) the part before the table is a catalogue.
TableName SplitName(const std::string& text, const TableName& defaults, bool catalogs_only);

/// A table or view as the driver's catalogue functions describe it.
struct ServerTable : component::DescribedTable<Column> {
  TableName name;
  std::string quoted;  ///< for statements
};

/// SRC-294: no such table, with the nearest names (kNotFound), or several of them (kConfig).
Result<ServerTable> Describe(Connection& connection, const TableName& wanted, const std::string& what);

}  // namespace leat::components::odbc
