#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lake/catalog.h"

namespace leat::lake {

/// What a refresh does with one object that the branch changed.
struct RefreshItem {
  ObjectKind kind = ObjectKind::kTable;
  TableName name;
  enum class What {
    kKept,      ///< the target has not touched it: it stays as it is on the branch
    kRebased,   ///< the branch's appends or changed columns go onto the target's state
    kSame,      ///< the branch has nothing of its own there any more: it reads the target's
    kConflict,  ///< both changed it, and no rule puts that together
    kTaken,     ///< a conflict that was given up: it reads the target's
  } what = What::kKept;
  std::string reason;  ///< of kConflict and kTaken
};
/// "kept", "rebased", "same as base", "conflict", "given up".
std::string_view RefreshWord(RefreshItem::What what);

struct RefreshRequest {
  std::string branch;      ///< env/<name>
  bool give_up = false;    ///< conflicts are given up for the target's state
  bool only_look = false;  ///< nothing is changed: `items` says what would be done
  CommitInfo info;
  /// Further conflicts that the catalogue cannot see: table -> reason.
  std::function<Result<std::map<TableName, std::string>>(CommitId base_before, const View& target)> conflicts;
  /// More rows of the state store for the same transaction, with the tables that were given up. May run again.
  std::function<Status(state::Transaction&, CommitId, const std::set<TableName>&)> also;
};

struct RefreshResult {
  CommitId commit = 0;  ///< 0: the base was the newest already, or `only_look`
  CommitId base_before = 0;
  CommitId base = 0;
  std::vector<RefreshItem> items;  ///< sorted by name
};

/// Moves the base of an environment's branch to the newest commit of the ref that it was made from, by the table of cases of
/// publish: what the branch changed is laid over the new base, or the refresh is refused. One commit of kind "refresh";
/// nothing moves on failure. Older commits of the branch, and branches over them, keep seeing the old base.
/// LAKE-305 kConflict names every table that no case puts together. LAKE-203: not an environment's branch. LAKE-204: closed.
Result<RefreshResult> RefreshBranch(Catalog& catalog, const RefreshRequest& request);

}  // namespace leat::lake
