#include "lake/catalog_rollback.h"

#include <map>

#include "lake/catalog_pointers.h"

namespace leat::lake {

using state::Rows;
using state::Transaction;

Result<std::vector<PointerChange>> PlanRollback(Transaction& tx, const std::string& ref, const std::string& run_id,
                                                const Locations& locations) {
  LEAT_ASSIGN(const Ref row, ReadRef(tx, ref));
  LEAT_ASSIGN(const Rows moves, tx.Query("SELECT e.ns, e.name, e.location, e.commit_id, e.previous FROM commit_log l "
                                         "JOIN commit_entry e ON e.commit_id = l.id "
                                         "WHERE l.run_id = ?1 AND l.ref = ?2 AND l.kind <> 'rollback' AND e.kind <> "
                                         "'namespace' ORDER BY e.commit_id, e.seq",
                                         {run_id, ref}));
  if (moves.empty()) {
    return MakeError("LAKE-201", ErrorKind::kNotFound, "run {} has changed nothing on {}", run_id, ref)
        .WithHint("`leat runs` shows the runs and what became of them");
  }
  struct Change {
    CommitId first = 0;
    std::optional<std::string> last;
    CommitId between = 0;  ///< the run's own move that lies over somebody else's
  };
  std::map<TableName, Change> changes;
  for (size_t i = 0; i < moves.size(); ++i) {
    // Rejected rows are evidence, not data: they stay, and those of later runs lie over them.
    if (IsRejectedName(moves.Text(i, 1))) continue;
    Change& change = changes[{moves.Text(i, 0), moves.Text(i, 1)}];
    if (change.first == 0) {
      change.first = moves.Int(i, 3);
    } else if (moves.OptText(i, 4) != change.last) {
      change.between = moves.Int(i, 3);
    }
    change.last = moves.OptText(i, 2);
  }
  LEAT_ASSIGN(const std::vector<Layer> now, LayersOf(tx, row.name, row.head));
  const auto absolute = [&](const std::optional<Pointer>& pointer) -> std::optional<std::string> {
    if (!pointer || !pointer->location) return std::nullopt;
    return locations.ToAbsolute(*pointer->location);
  };
  std::vector<PointerChange> restored;
  for (const auto& [name, change] : changes) {
    LEAT_ASSIGN(std::optional<Pointer> current, LookUp(tx, now, name));
    if (current && current->name != name) current.reset();
    if (change.between != 0) {
      return MakeError("LAKE-303", ErrorKind::kConflict,
                       "run {} cannot be rolled back: {} was changed by others between its own commits {} and {}",
                       run_id, name.ToString(), change.first, change.between)
          .WithHint("restore the table to a commit of your choice instead; `leat lake history` shows them");
    }
    if ((current ? current->location : std::nullopt) != change.last) {
      LEAT_ASSIGN(const Rows later, tx.Query("SELECT l.id, l.run_id, l.author, l.kind FROM commit_entry e JOIN "
                                             "commit_log l ON l.id = e.commit_id WHERE e.ref = ?1 "
                                             "AND e.ns_fold = ?2 AND e.name_fold = ?3 AND e.superseded_by = ?4",
                                             {ref, FoldName(name.ns), FoldName(name.name), kNever}));
      const std::string who =
          later.empty() ? "somebody"
          : later.Text(0, 1).empty()
              ? fmt::format("{} (commit {})", later.Text(0, 2), later.Int(0, 0))
              : fmt::format("run {} (commit {}, {})", later.Text(0, 1), later.Int(0, 0), later.Text(0, 3));
      return MakeError("LAKE-303", ErrorKind::kConflict, "run {} cannot be rolled back: {} was changed since by {}",
                       run_id, name.ToString(), who)
          .WithHint("roll that one back first");
    }
    LEAT_ASSIGN(const std::vector<Layer> then, LayersOf(tx, row.name, change.first - 1));
    LEAT_ASSIGN(std::optional<Pointer> before, LookUp(tx, then, name));
    if (before && before->name != name) before.reset();
    if (!before && !current) continue;  // made and dropped by the run itself
    const Pointer& known = before ? *before : *current;
    restored.push_back({known.kind, name, known.uuid, absolute(current), absolute(before)});
  }
  return restored;
}

}  // namespace leat::lake
