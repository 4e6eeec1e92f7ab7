#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lake/column_change.h"
#include "run/run.h"

namespace leat::run {

/// What `leat lake alter` asks for. Paths and names are those from before; it happens in this order: columns (in theirs),
/// partitioning and order, properties, drops, renames.
struct AlterRequest {
  std::string ref = "main";
  lake::TableName table;
  std::vector<lake::ColumnChange> columns;
  std::vector<lake::ColumnChange> last;                  ///< drops and renames
  std::optional<std::vector<std::string>> partition_by;  ///< as in project files; empty: not partitioned
  std::optional<std::vector<std::string>> sort_by;
  lake::Properties set;  ///< "format-version" upgrades the table
  std::vector<std::string> unset;
  std::string author;
  std::string message;
  bool dry_run = false;  ///< says what would change, commits nothing
};

/// One thing that is otherwise afterwards.
struct TableDifference {
  std::string what;    ///< column_added, column_dropped, column_renamed, type_changed, …: see docs/sql.md
  std::string object;  ///< the column's path, the property's name, or ""
  std::string before;
  std::string after;
};

struct AlterResult {
  lake::CommitId commit = 0;  ///< 0: nothing differs, or a dry run
  std::vector<TableDifference> differences;
};

/// Changes a table's definition as one commit; no data file is touched: old files keep the partition spec and the order that
/// they were written with. A table that others change meanwhile is looked at again. RUN-601: a ref that is not written by
/// hand, or a table on main that a project owns. RUN-602: a view. LAKE-120 and RUN-511 name what is refused and why.
Result<AlterResult> AlterLakeTable(Lakehouse& lakehouse, const AlterRequest& request);

/// What differs between two states of a table's definition.
std::vector<TableDifference> CompareTables(const lake::TableMetadata& before, const lake::TableMetadata& after);

}  // namespace leat::run
