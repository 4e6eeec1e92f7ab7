#pragma once

#include <set>
#include <string>
#include <vector>

#include "run/load_schema.h"
#include "run/load_work.h"

namespace leat::run {

/// Deletes of the rows that came from some files, or lie in a range.
struct RowsOfFiles {
  std::vector<lake::DataFile> deletes;
  std::set<std::string> replaced_deletes;  ///< as of lake::RowDelta
  int64_t rows = 0;
};

/// Finds the live rows of `target` whose `_source_file` is one of `origins` or a member of it ("a.zip!b.csv"), and writes the
/// deletes below `folder`. Commits nothing.
Result<RowsOfFiles> TakeOutFiles(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                                 const std::vector<std::string>& origins, const std::string& folder);

/// Finds the live rows of `target` whose update key lies in `range`, ends included, and writes their deletes. RUN-558 kUsage: the range
/// goes beyond the bookmark, so that the next load would bring rows of it once more. RUN-559 kUsage: an end of it is no value of
/// the column.
Result<RowsOfFiles> TakeOutRange(StepContext& context, StepWork& work, const KeyRange& range, const Target& target,
                                 const Layout& layout, const RegisteredTable& registered, const std::string& folder);

/// The files of an appending step whose rows are in the table at `view` and go out in the snapshot that brings them again: of a
/// table that replaces those of changed files, and of files that are read again. Without `unreadable` origins: their rows stay.
/// RUN-543 (kUnsupported): the table has rows of several versions of one file.
Result<std::vector<std::string>> FilesToReplace(StepContext& context, const lake::View& view,
                                                const std::set<std::string>& unreadable);

}  // namespace leat::run
