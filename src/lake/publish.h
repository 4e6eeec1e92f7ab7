#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lake/catalog.h"

namespace leat::lake {

/// What a step of a run did to one table on its branch.
struct PublishItem {
  TableName table;
  enum class Change {
    kAppend,
    kOverwrite,
    kReplacePartitions,
    kRowDelta,
    kSchema,
    kCreate,
    kDrop,
    kView
  } change = Change::kAppend;
  std::string step;
  std::string load_key;         ///< "" when it is not a load
  std::string bookmark_before;  ///< of the load key when the step began
  /// Tables that the step read, with the snapshot id that it read (0: empty table). Pinned reads are left out.
  std::map<TableName, int64_t> reads;
  bool recreate_dropped = false;  ///< on_drop: recreate: the target may have dropped the table meanwhile
};

/// What became of a publish. `replan`: steps that must be planned again on the new head, each with its reason; then
/// nothing was moved.
struct PublishResult {
  CommitId commit = 0;
  std::map<TableName, int64_t>
      snapshot_after;  ///< current snapshot id of each item's table after the publish (views: absent)
  struct Replan {
    std::string step;
    TableName table;
    std::string reason;
  };
  std::vector<Replan> replan;
  std::set<TableName> rebased;
};

struct PublishRequest {
  std::string branch;
  std::string target = "main";
  std::vector<PublishItem> items;  ///< one whole publishing group or several; all or nothing
  CommitInfo info;
  std::vector<state::Fence> fences;
  /// More rows of the state store for the same transaction (ledger, file ledger). Gets the commit and snapshot_after of
  /// every item, moved or not. An error refuses the publish and is returned as it is. May run again; see Store::Write.
  std::function<Status(state::Transaction&, const PublishResult&)> also;
};

/// Moves the tables of `request.items` from the branch to the target in one transaction, by the table of cases of
/// decisions.md section 6 (ARCHITECTURE.md repeats it). Validates reads: an item is publishable when each snapshot that it
/// read is the one that will be current afterwards. LAKE-305 kConflict names what can never be published (created by two
/// runs, dropped under a change). Fault points: publish.planned, publish.rebased, publish.before, publish.after.
Result<PublishResult> Publish(Catalog& catalog, const PublishRequest& request);

}  // namespace leat::lake
