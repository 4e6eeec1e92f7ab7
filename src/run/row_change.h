#pragma once

#include <string>
#include <vector>

#include "run/load_work.h"

namespace leat::run {

/// Names of the rules under which good rows are counted that become no rows of the table, in leat.filters.
inline constexpr const char* kDeleteRule = "delete_when";     ///< it takes the row of its key out
inline constexpr const char* kExistingRule = "existing_key";  ///< its key is there already (insert)
inline constexpr const char* kOlderRule = "older_version";    ///< a newer row of its key came with it
inline constexpr const char* kLateRule = "older";             ///< the table has a newer row of its key
inline constexpr const char* kUnchangedRule = "unchanged";    ///< the table has the same row (look_back)
inline constexpr const char* kDeleteKeyRule = "delete_key";   ///< mode delete: it is a key, no row

/// What the good rows of a step do to a table, and what that comes to.
struct RowChange {
  lake::RowDelta delta;              ///< new data files of the rows, and deletes of those that they replace
  std::vector<lake::DataFile> kept;  ///< rows that were there, written again with their _deleted_at
  int64_t rows_out = 0;              ///< the new rows: the data files' own counts
  int64_t rows_inserted = 0;
  int64_t rows_updated = 0;
  int64_t rows_deleted = 0;  ///< rows that were there and are gone: taken out by key, or beyond one per key
  int64_t rows_gone = 0;     ///< of those (soft_delete: of the updated): not among KeyedRows::source_keys
  std::vector<NamedCount> filters;

  int64_t rows_filtered() const;
  bool touches_old_rows() const { return !delta.deletes.empty(); }
};

/// Rows of a step that go into its table by key.
struct KeyedRows {
  std::string staged;             ///< a temporary table with the columns of the layout (mode delete: at least the keys)
  std::vector<std::string> keys;  ///< column names
  std::string marked;             ///< what DeleteCondition gave
  std::string newest_by;  ///< column: of several rows of one key the one with the greatest value counts; "" none
  bool soft_delete = false;
  bool late = false;          ///< rows may be older, by `newest_by`, than those that the table has: then these stay
  bool leave_equal = false;   ///< upsert: rows that the table has already, in all columns of the source, are left alone
  std::string source_keys{};  ///< upsert: a temporary table with all keys of the source; rows with others go; "" none
};

/// SQL that is true for a row that delete_when marks, "" when the asset has none. The condition may look at columns of the
/// row and nothing else: RUN-536 kConfig.
Result<std::string> DeleteCondition(StepContext& context, sql::Connection& connection);

// Each writes its files below `folder` and commits nothing. Rows without a key (NULL) are new rows. Two rows of one key:
// RUN-533 kData. A key that is no column: RUN-534. `target` may be a new table.

/// Rows replace those of their key; marked ones take them out. `late`: not where the table's row is newer (NULL is oldest).
Result<RowChange> UpsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder);
/// Rows whose key is there already are left alone and counted.
Result<RowChange> InsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder);
/// The rows of these keys go; keys may come more than once.
Result<RowChange> DeleteRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder);
/// All rows are replaced, but those whose key is gone stay with `_deleted_at`: files and kept ones together are the table.
Result<RowChange> ReplaceKeepingGone(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                                     const KeyedRows& rows, const std::string& folder);

/// Live rows of the table as it was (deleted ones do not count); 0 for a new one.
int64_t RowsBefore(const Target& target);
/// Live rows in the partitions that `files` replace. RUN-538 when the table has files of another partition spec.
Result<int64_t> RowsInPartitions(StepContext& context, sql::Connection& connection, const Target& target,
                                 const Layout& layout, const std::vector<lake::DataFile>& files);

}  // namespace leat::run
