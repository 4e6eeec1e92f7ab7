#pragma once

#include <string>

#include <optional>

#include "component/file_listing.h"
#include "project/project.h"
#include "run/budget.h"
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

/// RUN-551 kConfig: `after_load` or `lock` of a table that cannot have it: no `move_to`, or one that is elsewhere than the files,
/// a mode that reads all files each time, files that would be deleted without a kept copy, a lock at a place of files.
Status CheckAfterLoad(const project::Project& project, const project::Asset& asset);

/// Moves or deletes, as the table's `after_load` says, the files in its folder whose rows (or those of the file of equal
/// content) are published on main: what lies there with the size, mtime and inode of the ledger. A file is taken aside under a
/// name that no listing takes before it is looked at again: one that was written to meanwhile goes back. What an earlier call
/// left aside is seen to first. In an object store, where nothing can be renamed, it is copied, the copy is proved, and the
/// file is removed if it is still the one that was copied; a copy of an earlier call counts. What another table of the project
/// still has to read stays, and what would be deleted without a kept copy. Files that cannot be moved are `left`; errors are
/// of the listing, of the place at large, of the state store and of `cancel`. `user`: who takes of the connection's budget.
Result<CleanedUp> CleanUpFolder(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset,
                                CancelToken* cancel, const BudgetUser& user);

/// Where a file of the table was moved to, as it lies there and under its own origin, found by size and content hash of
/// `loaded`; nullopt: it does not lie there.
Result<std::optional<component::InputFile>> FindMoved(const project::Project& project, const project::Asset& asset,
                                                      component::FileFetcher& fetcher,
                                                      const component::InputFile& loaded);

}  // namespace leat::run
