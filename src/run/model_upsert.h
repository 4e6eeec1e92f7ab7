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
  int64_t rows_deleted = 0;  ///< rows beyond one per key that were there
  int64_t rows_out = 0;      ///< the data files' own counts
};

/// `staged`: name of a temporary table with the columns of the layout. Two rows of one key in it: RUN-533 kData. Rows without
/// a key (NULL) are inserted.
Result<Upsert> UpsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                          const std::string& staged, const std::vector<std::string>& keys, const std::string& folder);

}  // namespace leat::run
