#pragma once

#include <string>
#include <vector>

#include "run/load_work.h"

namespace leat::run {

/// The change that puts the rows of a temporary table into a table by key: one row delta of position deletes and data files.
struct Upsert {
  lake::RowDelta delta;
  int64_t rows_inserted = 0;
  int64_t rows_updated = 0;
  int64_t rows_deleted = 0;  ///< rows that were there and are gone: taken out by delete_when, or beyond one per key
  int64_t rows_marked = 0;   ///< new rows for which delete_when is true: they are no rows of the table
  int64_t rows_out = 0;      ///< the data files' own counts
};

/// Name of the counter of rows that delete_when marks, in the ledger.
inline constexpr const char* kDeleteRule = "delete_when";

/// SQL that is true for a row that delete_when marks, "" when the asset has none. The condition may look at columns of the
/// row and nothing else: RUN-536 kConfig.
Result<std::string> DeleteCondition(StepContext& context, sql::Connection& connection);

/// `staged`: name of a temporary table with the columns of the layout. Two rows of one key in it: RUN-533 kData. Rows without
/// a key (NULL) are inserted. `marked`: what DeleteCondition gave.
Result<Upsert> UpsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                          const std::string& staged, const std::vector<std::string>& keys, const std::string& marked,
                          const std::string& folder);

}  // namespace leat::run
