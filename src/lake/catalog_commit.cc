#include "lake/catalog_commit.h"

#include <cassert>
#include <set>

#include "lake/catalog_pointers.h"
#include "state/later.h"

namespace leat::lake {
namespace {

using state::Rows;
using state::Transaction;

constexpr size_t kLargestBatch = 64;

/// One commit on its way into the log.
class Committer {
 public:
  Committer(Transaction& tx, const CommitRequest& request, const Locations& locations)
      : tx_(tx), request_(request), locations_(locations) {}

  Result<CommitId> Run() {
    LEAT_ASSIGN(const Ref ref, ReadRef(tx_, request_.ref));
    LEAT_TRY(CheckWritable(ref));
    for (const state::Fence& fence : request_.fences) LEAT_TRY(state::CheckFence(tx_, fence));
    LEAT_ASSIGN(layers_, LayersOf(tx_, ref.name, ref.head));
    for (const PointerChange& change : request_.changes) LEAT_TRY(Check(change));
    for (const auto& [name, location] : request_.unchanged) LEAT_TRY(CheckUnchanged(name, location));
    return Write(ref);
  }

 private:
  struct Move {
    const PointerChange* change = nullptr;
    std::string uuid;
    std::optional<std::string> location;  ///< stored form
    std::optional<std::string> previous;  ///< stored form
  };

  static Status CheckWritable(const Ref& ref) {
    if (ref.kind == RefKind::kTag) {
      return MakeError("LAKE-204", ErrorKind::kUsage, "{} is a tag: it cannot be written", ref.name)
          .WithHint("write on a branch, such as env/<name>");
    }
    if (ref.closed_at) {
      return MakeError("LAKE-204", ErrorKind::kUsage, "the branch {} was closed at {}: it can only be read", ref.name,
                       FormatTime(*ref.closed_at));
    }
    return Ok();
  }

  std::string Stored(const PointerChange& change, const std::string& location) const {
    return change.kind == ObjectKind::kNamespace ? location : locations_.ToStored(location);
  }

  static std::string Describe(const PointerChange& change) {
    return change.kind == ObjectKind::kNamespace
               ? "namespace " + change.name.ns
               : fmt::format("{} {}", ObjectKindName(change.kind), change.name.ToString());
  }

  Status Check(const PointerChange& change) {
    LEAT_ASSIGN(const std::optional<Pointer> current, LookUp(tx_, layers_, change.name));
    // Made or dropped earlier in this commit (a rename that changes only the case).
    const auto earlier = in_this_commit_.find({FoldName(change.name.ns), FoldName(change.name.name)});
    const bool dropped_here = earlier != in_this_commit_.end() && !earlier->second;
    if (earlier != in_this_commit_.end() && !(dropped_here && !change.expected)) {
      return MakeError("LAKE-203", ErrorKind::kUsage, "{} is changed twice in one commit", Describe(change));
    }
    const bool exists = current && !dropped_here;
    if (exists && current->name != change.name && !change.expected) {
      return MakeError("LAKE-302", ErrorKind::kConflict, "{} cannot be made: there is {}, which differs only in case",
                       Describe(change),
                       change.kind == ObjectKind::kNamespace ? current->name.ns : current->name.ToString())
          .WithHint("use the name that exists, or choose another one");
    }
    std::optional<std::string> expected;
    if (change.expected) expected = Stored(change, *change.expected);
    const bool same = exists && current->name == change.name && current->kind == change.kind;
    const std::optional<std::string> now = same ? current->location : std::nullopt;
    if (now != expected || (exists && !same)) return Moved(change, exists ? current : std::nullopt);
    if (!change.location && !change.expected) {
      return MakeError("LAKE-201", ErrorKind::kNotFound, "{} does not exist on {}", Describe(change), request_.ref);
    }
    if (!change.expected) LEAT_TRY(CheckNewName(change));
    if (!change.location && change.kind == ObjectKind::kNamespace) LEAT_TRY(CheckEmpty(change.name.ns));

    Move move;
    move.change = &change;
    move.uuid = change.uuid.empty() && current ? current->uuid : change.uuid;
    if (change.location) move.location = Stored(change, *change.location);
    move.previous = expected;
    moves_.push_back(std::move(move));
    in_this_commit_[{FoldName(change.name.ns), FoldName(change.name.name)}] = change.location.has_value();
    return Ok();
  }

  Error Moved(const PointerChange& change, const std::optional<Pointer>& current) const {
    const std::string now = !current           ? "does not exist there"
                            : !change.expected ? fmt::format("exists since commit {}", current->commit)
                                               : fmt::format("was changed by commit {}", current->commit);
    return MakeError("LAKE-301", ErrorKind::kConflict, "{} on {} {}", Describe(change), request_.ref, now)
        .WithHint("load it again and plan the change on what is there now");
  }

  Status CheckNewName(const PointerChange& change) {
    LEAT_TRY(CheckNamespaceName(change.name.ns, request_.allow_reserved));
    if (change.kind == ObjectKind::kNamespace) return CheckParent(change.name.ns);
    LEAT_TRY(CheckTableName(change.name, request_.allow_reserved));
    LEAT_ASSIGN(const std::optional<Pointer> ns, LookUp(tx_, layers_, {change.name.ns, ""}));
    const auto here = in_this_commit_.find({FoldName(change.name.ns), ""});
    if (here != in_this_commit_.end() ? here->second : ns && ns->name.ns == change.name.ns) return Ok();
    return MakeError("LAKE-201", ErrorKind::kNotFound, "the namespace {} of {} does not exist on {}", change.name.ns,
                     change.name.ToString(), request_.ref)
        .WithHint("make the namespace first");
  }

  /// Dropped earlier in this commit.
  bool Dropped(const TableName& name) const {
    const auto earlier = in_this_commit_.find({FoldName(name.ns), FoldName(name.name)});
    return earlier != in_this_commit_.end() && !earlier->second;
  }

  /// A namespace "a.b" lies below "a", which is there or made by this commit.
  Status CheckParent(const std::string& ns) {
    const size_t dot = ns.rfind('.');
    if (dot == std::string::npos) return Ok();
    const TableName parent{ns.substr(0, dot), ""};
    for (const PointerChange& change : request_.changes) {
      if (change.name == parent && change.location) return Ok();
    }
    LEAT_ASSIGN(const std::optional<Pointer> there, LookUp(tx_, layers_, parent));
    if (there && there->name == parent && !Dropped(parent)) return Ok();
    return MakeError("LAKE-201", ErrorKind::kNotFound,
                     "the namespace {}, which {} would lie below, does not exist on {}", parent.ns, ns, request_.ref)
        .WithHint("make that one first");
  }

  Status CheckEmpty(const std::string& ns) {
    LEAT_ASSIGN(const std::vector<Pointer> pointers, ListPointers(tx_, layers_, ns));
    for (const Pointer& pointer : pointers) {
      if (pointer.name.name.empty()) continue;
      return MakeError("LAKE-206", ErrorKind::kConflict, "the namespace {} is not empty: it holds {}", ns,
                       pointer.name.ToString())
          .WithHint("drop its tables and views first");
    }
    LEAT_ASSIGN(const std::optional<Pointer> child, FindChildNamespace(tx_, layers_, ns));
    if (child && !Dropped(child->name)) {
      return MakeError("LAKE-206", ErrorKind::kConflict, "the namespace {} is not empty: it holds the namespace {}", ns,
                       child->name.ns)
          .WithHint("drop the namespaces below it first");
    }
    return Ok();
  }

  Status CheckUnchanged(const TableName& name, const std::optional<std::string>& location) {
    LEAT_ASSIGN(const std::optional<Pointer> current, LookUp(tx_, layers_, name));
    std::optional<std::string> expected;
    if (location) expected = locations_.ToStored(*location);
    const bool exists = current && current->name == name;
    if ((exists ? current->location : std::nullopt) == expected) return Ok();
    return MakeError("LAKE-301", ErrorKind::kConflict, "{} on {}, which was read, was changed{}", name.ToString(),
                     request_.ref, current ? fmt::format(" by commit {}", current->commit) : "")
        .WithHint("plan again on what is there now");
  }

  Result<CommitId> Write(const Ref& ref) {
    // One order for all commits of the store: id and time come from one row that stays locked until the end. The clock may
    // go back, commits do not.
    LEAT_ASSIGN(const Rows next,
                tx_.Query("UPDATE counter SET value = value + 1, time = CASE WHEN time >= ?1 THEN time + 1 ELSE ?1 END "
                          "WHERE name = 'commit' RETURNING value, time",
                          {tx_.Now()}));
    const CommitId id = next.Int(0, 0);
    const CommitInfo& info = request_.info;
    LEAT_TRY(state::ExecuteLater(
        tx_,
        "INSERT INTO commit_log (id, ref, parent, time, author, run_id, message, kind) VALUES (?1, ?2, ?3, "
        "?4, ?5, ?6, ?7, ?8)",
        {id, ref.name, ref.head, next.Int(0, 1), info.author, info.run_id, info.message, info.kind}));
    int64_t seq = 0;
    for (const Move& move : moves_) {
      const TableName& name = move.change->name;
      const std::string ns_fold = FoldName(name.ns), name_fold = FoldName(name.name);
      LEAT_TRY(state::ExecuteLater(
          tx_,
          "UPDATE commit_entry SET superseded_by = ?1 WHERE ref = ?2 AND ns_fold = ?3 AND name_fold = ?4 "
          "AND superseded_by = ?5",
          {id, ref.name, ns_fold, name_fold, kNever}));
      LEAT_TRY(state::ExecuteLater(
          tx_,
          "INSERT INTO commit_entry (commit_id, seq, ref, kind, ns, name, ns_fold, name_fold, uuid, "
          "location, previous, "
          "superseded_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
          {id, seq++, ref.name, std::string(ObjectKindName(move.change->kind)), name.ns, name.name, ns_fold, name_fold,
           move.uuid, Nullable(move.location), Nullable(move.previous), kNever}));
    }
    LEAT_TRY(state::ExecuteLater(tx_, "UPDATE ref SET head = ?1 WHERE name = ?2", {id, ref.name}));
    if (request_.also) LEAT_TRY(request_.also(tx_, id));
    return id;
  }

  static state::Value Nullable(const std::optional<std::string>& text) {
    return text ? state::Value(*text) : state::Value(std::monostate());
  }

  Transaction& tx_;
  const CommitRequest& request_;
  const Locations& locations_;
  std::vector<Layer> layers_;
  std::vector<Move> moves_;
  std::map<std::pair<std::string, std::string>, bool> in_this_commit_;  ///< folded name -> exists after it
};

}  // namespace

Result<CommitId> CommitInTransaction(Transaction& tx, const CommitRequest& request, const Locations& locations) {
  return Committer(tx, request, locations).Run();
}

Result<CommitId> CommitQueue::Commit(const CommitRequest& request) {
  Waiting mine;
  mine.request = &request;
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  // Whoever finds nobody leading commits for all that wait, until its own request is done.
  changed_.wait(lock, [&] { return mine.done || !leading_; });
  while (!mine.done) {
    leading_ = true;
    std::vector<Waiting*> batch;
    while (!queue_.empty() && batch.size() < kLargestBatch) {
      batch.push_back(queue_.front());
      queue_.pop_front();
    }
    lock.unlock();
    CommitBatch(batch);
    lock.lock();
    for (Waiting* member : batch) member->done = true;
    leading_ = false;
    changed_.notify_all();
  }
  assert(mine.result);  // whoever led the batch has set it
  return *std::move(mine.result);
}

void CommitQueue::CommitBatch(const std::vector<Waiting*>& batch) {
  std::set<std::string> refs;
  for (const Waiting* member : batch) refs.insert(member->request->ref);
  const Status status = store_.Write([&](Transaction& tx) -> Status {
    // In one order everywhere, and before the counter row: no deadlock between batches.
    for (const std::string& ref : refs) LEAT_TRY(tx.LockRow("ref", "name = ?1", {ref}));
    for (Waiting* member : batch) {
      member->result.reset();
      LEAT_TRY(CommitMember(tx, *member, batch.size() == 1));
    }
    return Ok();
  });
  if (status.ok()) return;
  for (Waiting* member : batch) {
    // Refused ones know better why than the failed transaction does.
    if (!member->result || member->result->ok()) member->result = status.error();
  }
}

Status CommitQueue::CommitMember(Transaction& tx, Waiting& member, bool alone) {
  if (!alone) LEAT_TRY(state::ExecuteLater(tx, "SAVEPOINT member"));
  member.result = CommitInTransaction(tx, *member.request, locations_);
  if (member.result->ok()) {
    // Waits for what the member sent: an error would be its own.
    if (alone) return Ok();
    const Result<int64_t> released = tx.Execute("RELEASE SAVEPOINT member");
    if (released.ok()) return Ok();
    member.result = released.error();
  }
  // Alone: the error rolls back the whole. STATE-202: the store runs the whole again.
  if (alone || member.result->error().code() == "STATE-202") {
    Error error = member.result->error();
    if (!alone) member.result.reset();
    return error;
  }
  LEAT_TRY(tx.Execute("ROLLBACK TO SAVEPOINT member"));
  LEAT_TRY(tx.Execute("RELEASE SAVEPOINT member"));
  return Ok();
}

}  // namespace leat::lake
