#pragma once

#include <string>
#include <vector>

#include "component/table_query.h"
#include "components/source/mysql/connection.h"
#include "data/type.h"

namespace leat::components::mysql {

/// A column as the server describes it, and how it is read.
struct ServerColumn {
  std::string name;
  std::string declared;  ///< "int(10) unsigned"
  data::TypePtr type;
  std::string value;     ///< SQL that gives its exact text
  bool number = false;   ///< literals without quotes: a text would be compared as a double
  bool instant = false;  ///< TIMESTAMP: text without zone, in UTC
  bool bit = false;      ///< BIT(1): 0 and 1
  bool binary = false;
};

struct ServerTable : component::DescribedTable<ServerColumn> {
  std::string database, name;
  std::string query;  ///< as a relation; "": it is a table

  /// As a relation in SQL; for messages.
  std::string FullName() const { return query.empty() ? QuoteName(database) + "." + QuoteName(name) : query; }
  std::string Shown() const { return query.empty() ? "'" + name + "'" : "its query"; }
};

/// SRC-277 kNotFound: no such table, with the nearest names.
Result<ServerTable> Describe(Connection& connection, const std::string& database, const std::string& table,
                             const std::string& what);

/// What the server makes of the query. SRC-436: columns without a name of their own; SRC-437: what the server says against it.
Result<ServerTable> DescribeQuery(Connection& connection, const component::TableQuery& query, const std::string& what);

/// The server's SQL gives a value of the column the same text as the lake's: no ZEROFILL, no enum or set.
bool IsPlain(const ServerColumn& column);

/// The lake's type of a column and how to ask for it, from information_schema's words. The whole table of types: README.md.
void ChooseType(ServerColumn& column, const std::string& data_type, int precision, int scale);

}  // namespace leat::components::mysql
