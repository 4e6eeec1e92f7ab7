#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "component/source.h"

namespace leat::component {

/// A column of a table that a connection can read, as far as choosing how to load it needs it.
struct ListedColumn {
  std::string name;
  std::string type;            ///< as the source names it: "numeric(9,2)"
  bool moment = false;         ///< a date with a time of day
  bool nullable = true;        ///< as declared
  bool leads_index = false;    ///< an index begins with it
  bool set_on_update = false;  ///< the source itself sets it whenever a row changes
};

/// A table or view that a connection can read.
struct ListedTable {
  std::string schema;  ///< "" where the source has none
  std::string name;
  std::string entry;             ///< how `table:` of an entry names it
  std::string kind;              ///< table, partitioned table, foreign table, view, materialized view
  std::optional<int64_t> rows;   ///< the source's estimate
  std::optional<int64_t> bytes;  ///< on its disk, with indexes
  std::vector<ListedColumn> columns;
  std::vector<std::string> primary_key;
  std::vector<std::string> unique_key;  ///< without a primary key: columns of a unique index that are never null
  std::string not_readable;             ///< why the user cannot read it, "" can
};

/// All tables and views of a connection that are not the source's own, by schema and name. Reads catalogues only.
using ListTables = Result<std::vector<ListedTable>> (*)(const config::Values& connection, const SourceContext& context);

}  // namespace leat::component
