#pragma once

#include <set>
#include <string>
#include <vector>

#include "run/load_work.h"

namespace leat::run {

/// Deletes of the rows that came from some files.
struct RowsOfFiles {
  std::vector<lake::DataFile> deletes;
  std::set<std::string> replaced_deletes;  ///< as of lake::RowDelta
  int64_t rows = 0;
};

/// Finds the live rows of `target` whose `_source_file` is one of `origins` or a member of it ("a.zip!b.csv"), and writes the
/// deletes below `folder`. Commits nothing.
Result<RowsOfFiles> TakeOutFiles(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                                 const std::vector<std::string>& origins, const std::string& folder);

}  // namespace leat::run
