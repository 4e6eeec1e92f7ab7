#pragma once

#include <string>

#include "project/project.h"
#include "run/run.h"

namespace leat::run {

/// What became of files that had been loaded.
struct CleanedUp {
  size_t moved = 0;
  size_t deleted = 0;
  size_t left = 0;
  std::string first_left{};  ///< "in/a.csv: it changed since it was loaded"
  /// "2 files moved to in/done; 1 file left (in/a.csv: …)"; "" nothing was there to do.
  std::string ToText(const std::string& move_to) const;
};

/// RUN-551 kConfig: `after_load` or `lock` of a table that cannot have it: files in an object store, no `move_to`, a mode that reads all files each time, or
/// files that would be deleted without a kept copy.
Status CheckAfterLoad(const project::Project& project, const project::Asset& asset);

/// Moves or deletes, as the table's `after_load` says, the files in its folder whose rows (or those of the file of equal
/// content) are published on main: what lies there with the size, mtime and inode of the ledger. A file is taken aside under a
/// name that no listing takes before it is looked at again: one that was written to meanwhile goes back. What an earlier call
/// left aside is seen to first. What another table of the project still has to read stays, and what would be deleted without a
/// kept copy. Files that cannot be moved are `left`; errors are of the listing, of the state store
/// and of `cancel`.
Result<CleanedUp> CleanUpFolder(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset,
                                const CancelToken* cancel);

/// Where a file of the table, known as `origin`, was moved to, found by its content; "" it does not lie there.
Result<std::string> FindMoved(const project::Project& project, const project::Asset& asset, const std::string& origin,
                              int64_t size_bytes, const std::string& content_hash);

}  // namespace leat::run
