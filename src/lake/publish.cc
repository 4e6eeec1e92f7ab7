#include "lake/publish.h"

#include <algorithm>
#include <cassert>
#include <mutex>

#include "base/fault.h"
#include "base/retry.h"
#include "base/thread_pool.h"
#include "lake/publish_cases.h"
#include "lake/publish_change.h"
#include "lake/table_change.h"

namespace leat::lake {
namespace {

constexpr size_t kWriters = 4;
// A head that moves between deciding and committing: decide again. Only metadata is done twice, never data.
constexpr RetryPolicy kRaces{
    .attempts = 50, .first_wait = std::chrono::milliseconds(1), .longest_wait = std::chrono::milliseconds(200)};

/// One item on its way.
struct Work {
  const PublishItem* item = nullptr;
  PublishSides sides;
  PublishDecision decision;
  std::optional<std::string> location;  ///< the target's new one
  std::optional<int64_t> snapshot_after;
  std::vector<std::string> written;
  std::optional<Error> failed;
};

/// One attempt on one state of the target.
class Attempt {
 public:
  Attempt(Catalog& catalog, const PublishRequest& request) : catalog_(catalog), request_(request) {}

  Result<PublishResult> Run() {
    LEAT_TRY(Read());
    LEAT_TRY(Decide());
    CheckReads();
    LEAT_FAULT_POINT("publish.planned");
    if (!result_.replan.empty()) return result_;
    Status status = WriteMetadataOfAll();
    if (status.ok() && result_.replan.empty()) status = PassFaultPoint("publish.rebased");
    if (status.ok() && result_.replan.empty()) status = Commit();
    if (!status.ok() && status.error().retry() == Retry::kUnknownOutcome) return std::move(status).error();
    if (!status.ok() || !result_.replan.empty()) RemoveWritten();
    if (!status.ok()) return std::move(status).error();
    if (!result_.replan.empty()) result_.snapshot_after.clear();
    return result_;
  }

 private:
  // --- reading and deciding -------------------------------------------------------------------------------------------

  Status Read() {
    LEAT_ASSIGN(const std::optional<Ref> branch, catalog_.FindRef(request_.branch));
    if (!branch)
      return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no branch {} to publish", request_.branch);
    LEAT_ASSIGN(target_, catalog_.Resolve(request_.target));
    if (!target_.writable)
      return MakeError("LAKE-204", ErrorKind::kUsage, "nothing can be published to {}: it cannot be written",
                       request_.target);
    branch_ = View{branch->name, branch->head, false, branch->name};
    const View base{branch->base_ref, branch->base, false, branch->base_ref};
    for (const PublishItem& item : request_.items) {
      Work work;
      work.item = &item;
      LEAT_ASSIGN(work.sides.base, ReadPublishSide(catalog_, base, item.table));
      LEAT_ASSIGN(work.sides.branch, ReadPublishSide(catalog_, branch_, item.table));
      LEAT_ASSIGN(work.sides.target, ReadPublishSide(catalog_, target_, item.table));
      by_table_[item.table] = work_.size();
      work_.push_back(std::move(work));
    }
    return Ok();
  }

  Status Decide() {
    std::vector<std::string> refused;
    for (Work& work : work_) {
      work.decision = DecidePublish(*work.item, work.sides, request_.target);
      if (work.decision.what == PublishCase::kRefuse) refused.push_back(work.decision.reason);
      if (work.decision.what == PublishCase::kReplan) AddReplan(work, work.decision.reason);
    }
    if (refused.empty()) return Ok();
    std::string all;
    for (const std::string& reason : refused) all += (all.empty() ? "" : "; ") + reason;
    return MakeError("LAKE-305", ErrorKind::kConflict, "{} cannot be published: {}", request_.branch, all)
        .WithHint("decide which of the two is right: drop or rename one, or run again from the new state");
  }

  void AddReplan(const Work& work, const std::string& reason) {
    result_.replan.push_back({work.item->step, work.item->table, reason});
  }

  bool IsReplanned(const TableName& table) const {
    return std::any_of(result_.replan.begin(), result_.replan.end(),
                       [&](const PublishResult::Replan& replan) { return replan.table == table; });
  }

  /// Adds the steps that read something else than what will be current, and those that read from such steps.
  void CheckReads() {
    for (bool more = true; more;) {
      more = false;
      for (const Work& work : work_) {
        if (work.decision.what == PublishCase::kNothing || IsReplanned(work.item->table)) continue;
        for (const auto& [table, snapshot] : work.item->reads) {
          const std::string reason = WrongRead(work, table, snapshot);
          if (reason.empty()) continue;
          AddReplan(work, reason);
          more = true;
          break;
        }
      }
    }
  }

  /// "" when `table` will have the rows of `snapshot` after this publish.
  std::string WrongRead(const Work& work, const TableName& table, int64_t snapshot) {
    const std::string name = table.ToString();
    const auto found = by_table_.find(table);
    if (found == by_table_.end() || table == work.item->table) {
      const PublishSide* side = found == by_table_.end() ? ReadTarget(table) : &work.sides.target;
      if (side == nullptr) return fmt::format("{} cannot be read on {}", name, request_.target);
      if (side->entry && side->entry->kind == ObjectKind::kView) return "";
      if (!side->entry)
        return snapshot == 0 ? "" : fmt::format("{}, which was read, is not on {}", name, request_.target);
      if (SameRowsAs(*side->metadata, snapshot)) return "";
      return fmt::format("{} is at snapshot {} on {}, but snapshot {} was read", name,
                         side->metadata->current_snapshot_id.value_or(0), request_.target, snapshot);
    }
    const Work& other = work_[found->second];
    if (IsReplanned(table)) return fmt::format("it reads {}, which is planned again", name);
    if (!other.sides.branch.entry) return fmt::format("it reads {}, which is dropped", name);
    if (other.sides.branch.metadata == nullptr) return "";
    const int64_t on_branch = other.sides.branch.metadata->current_snapshot_id.value_or(0);
    switch (other.decision.what) {
      case PublishCase::kMove:
      case PublishCase::kSquash:
        if (snapshot == on_branch) return "";
        return fmt::format("{} is published at snapshot {}, but snapshot {} was read", name, on_branch, snapshot);
      case PublishCase::kNothing:
        if (other.sides.target.metadata == nullptr || SameRowsAs(*other.sides.target.metadata, snapshot)) return "";
        return fmt::format("{} is at snapshot {} on {}, but snapshot {} was read", name,
                           other.sides.target.metadata->current_snapshot_id.value_or(0), request_.target, snapshot);
      default: return fmt::format("{} gets rows of others that were not read", name);
    }
  }

  const PublishSide* ReadTarget(const TableName& table) {
    auto found = targets_.find(table);
    if (found == targets_.end()) {
      Result<PublishSide> side = ReadPublishSide(catalog_, target_, table);
      if (!side.ok()) return nullptr;
      found = targets_.emplace(table, *std::move(side)).first;
    }
    return &found->second;
  }

  // --- metadata -------------------------------------------------------------------------------------------------------

  Status WriteMetadataOfAll() {
    std::vector<Work*> heavy;
    for (Work& work : work_) {
      const PublishSides& sides = work.sides;
      switch (work.decision.what) {
        case PublishCase::kMove:
          assert(sides.branch.entry);
          work.location = sides.branch.entry->location;
          work.snapshot_after = sides.branch.metadata == nullptr
                                    ? std::nullopt
                                    : std::optional(sides.branch.metadata->current_snapshot_id.value_or(0));
          break;
        case PublishCase::kNothing:
          if (sides.target.metadata != nullptr)
            work.snapshot_after = sides.target.metadata->current_snapshot_id.value_or(0);
          break;
        case PublishCase::kSquash:
        case PublishCase::kRebase:
        case PublishCase::kReapply: heavy.push_back(&work); break;
        default: break;
      }
    }
    if (heavy.size() == 1) WriteOne(*heavy.front());
    if (heavy.size() > 1) {
      ThreadPool pool(std::min(kWriters, heavy.size()));
      for (Work* work : heavy) pool.Submit([this, work] { WriteOne(*work); });
      pool.Wait();
    }
    for (Work* work : heavy) {
      if (!work->failed) continue;
      // What the metadata alone could not tell: the files do not allow it.
      if (work->failed->code() != "LAKE-306") return *work->failed;
      AddReplan(*work, work->failed->message());
    }
    if (!result_.replan.empty()) CheckReads();
    return Ok();
  }

  void WriteOne(Work& work) {
    Result<TableMetadata> made = NewMetadata(work);
    if (!made.ok()) {
      work.failed = made.error();
      return;
    }
    const std::string previous = work.sides.target.entry ? work.sides.target.entry->location : "";
    const int64_t snapshot_after = made->current_snapshot_id.value_or(0);
    Result<std::string> location = catalog_.WriteMetadata(*std::move(made), previous, work.written);
    if (!location.ok()) {
      work.failed = location.error();
      return;
    }
    work.location = *std::move(location);
    work.snapshot_after = snapshot_after;
  }

  Result<TableMetadata> NewMetadata(Work& work) {
    const Clock& clock = catalog_.options().clock == nullptr ? SystemClock() : *catalog_.options().clock;
    ChangeInfo info;
    info.run_id = request_.info.run_id;
    info.step = work.item->step;
    info.now = clock.Now();
    const TableMetadata& branch = *work.sides.branch.metadata;
    const TableMetadata* base = work.sides.base.metadata.get();
    if (base != nullptr && base->uuid != branch.uuid) base = nullptr;
    const int64_t base_snapshot = base == nullptr ? 0 : base->current_snapshot_id.value_or(0);
    if (work.decision.what == PublishCase::kSquash) {
      return SquashSnapshots(catalog_.files(), base == nullptr ? Emptied(branch) : *base, branch, info, work.written);
    }
    const TableMetadata& target = *work.sides.target.metadata;
    if (work.decision.what == PublishCase::kRebase)
      return RebaseChanges(catalog_.files(), target, branch, base_snapshot, info, work.written);
    assert(base != nullptr);  // what else there is to do needs none
    TableMetadata head = WithShapeOf(target, branch, *base);
    head.last_updated_ms = std::max(info.now / 1000, target.last_updated_ms + 1);
    if (branch.current_snapshot_id.value_or(0) == base_snapshot) return head;
    return RebaseAppends(catalog_.files(), head, branch, base_snapshot, info, work.written);
  }

  /// A table that was made on the branch, as it was before its first snapshot.
  static TableMetadata Emptied(const TableMetadata& branch) {
    TableMetadata empty = branch;
    empty.snapshots.clear();
    empty.snapshot_log.clear();
    empty.refs.clear();
    empty.current_snapshot_id.reset();
    empty.last_sequence_number = 0;
    if (empty.next_row_id) empty.next_row_id = 0;
    return empty;
  }

  void RemoveWritten() {
    for (const Work& work : work_) {
      // An orphan is upkeep's to find; it must not hide why the publish failed.
      for (const std::string& file : work.written) (void)catalog_.files().Remove(file);
    }
  }

  // --- the commit -----------------------------------------------------------------------------------------------------

  Status Commit() {
    CommitRequest commit;
    commit.ref = request_.target;
    commit.info = request_.info;
    commit.fences = request_.fences;
    commit.allow_reserved = true;
    LEAT_TRY(CollectChanges(commit));
    LEAT_FAULT_POINT("publish.before");
    for (const Work& work : work_) {
      if (work.snapshot_after) result_.snapshot_after[work.item->table] = *work.snapshot_after;
      if (work.decision.what == PublishCase::kRebase || work.decision.what == PublishCase::kReapply)
        result_.rebased.insert(work.item->table);
    }
    if (commit.changes.empty()) {
      LEAT_TRY(RecordOnly());
    } else {
      if (request_.also) {
        commit.also = [this](state::Transaction& tx, CommitId id) {
          PublishResult told = result_;
          told.commit = id;
          return request_.also(tx, told);
        };
      }
      Result<CommitId> id = catalog_.Commit(commit);
      if (id.ok()) {
        result_.commit = *id;
      } else {
        LEAT_TRY(LookUpOutcome(commit, std::move(id).error()));
      }
    }
    if (Status status = PassFaultPoint("publish.after"); !status.ok()) {
      return std::move(status).error().WithRetry(Retry::kUnknownOutcome);
    }
    return Ok();
  }

  Status CollectChanges(CommitRequest& commit) {
    std::set<std::string> namespaces;
    for (const Work& work : work_) {
      const TableName& table = work.item->table;
      const std::optional<Entry>& target = work.sides.target.entry;
      const std::optional<std::string> expected = target ? std::optional(target->location) : std::nullopt;
      if (work.decision.what == PublishCase::kNothing) {
        commit.unchanged[table] = expected;
        continue;
      }
      for (const auto& [read, snapshot] : work.item->reads) {
        if (by_table_.contains(read)) continue;
        const PublishSide* side = ReadTarget(read);
        if (side != nullptr) commit.unchanged[read] = side->entry ? std::optional(side->entry->location) : std::nullopt;
      }
      assert(work.sides.branch.entry || target);
      const Entry& known = work.sides.branch.entry ? *work.sides.branch.entry : *target;
      // A table that becomes a view, or a view a table, is dropped and made.
      if (target && work.location && target->kind != known.kind) {
        commit.changes.push_back({target->kind, table, target->uuid, expected, std::nullopt});
        commit.changes.push_back({known.kind, table, known.uuid, std::nullopt, work.location});
      } else {
        commit.changes.push_back({known.kind, table, known.uuid, expected, work.location});
      }
      if (work.location && namespaces.insert(table.ns).second) LEAT_TRY(BringNamespace(table.ns, commit));
    }
    return Ok();
  }

  /// A namespace that was made on the branch goes before its first table.
  Status BringNamespace(const std::string& ns, CommitRequest& commit) {
    LEAT_ASSIGN(const std::optional<Properties> there, catalog_.FindNamespace(target_, ns));
    if (there) return Ok();
    LEAT_ASSIGN(const std::vector<Entry> all, catalog_.ListNamespaces(branch_));
    for (const Entry& entry : all) {
      if (entry.name.ns != ns) continue;
      commit.changes.insert(commit.changes.begin(),
                            {ObjectKind::kNamespace, {ns, ""}, "", std::nullopt, entry.location});
    }
    return Ok();
  }

  /// Nothing to move: what the caller has to say is recorded all the same.
  Status RecordOnly() {
    result_.commit = target_.commit;
    if (!request_.also) return Ok();
    return catalog_.store().Write([&](state::Transaction& tx) -> Status {
      for (const state::Fence& fence : request_.fences) LEAT_TRY(state::CheckFence(tx, fence));
      return request_.also(tx, result_);
    });
  }

  /// After a commit that failed: Ok when it did happen (then result_.commit is set), else its error.
  Status LookUpOutcome(const CommitRequest& commit, Error error) {
    if (error.retry() != Retry::kUnknownOutcome || error.code().starts_with("FAULT")) return error;
    for (const PointerChange& change : commit.changes) {
      if (change.kind == ObjectKind::kNamespace || !change.location) continue;
      const Result<std::optional<CommitId>> found = catalog_.FindCommitOf(commit.ref, change.name, *change.location);
      if (!found.ok()) continue;
      if (const std::optional<CommitId>& made = *found; made) {
        result_.commit = *made;
        return Ok();
      }
      break;
    }
    return error;
  }

  Catalog& catalog_;
  const PublishRequest& request_;
  View target_;
  View branch_;
  std::vector<Work> work_;
  std::map<TableName, size_t> by_table_;
  std::map<TableName, PublishSide> targets_;  ///< tables that were read and are no items
  PublishResult result_;
};

}  // namespace

Result<PublishResult> Publish(Catalog& catalog, const PublishRequest& request) {
  std::optional<Result<PublishResult>> last;
  const Status raced = RunWithRetry(kRaces, nullptr, [&]() -> Status {
    last = Attempt(catalog, request).Run();
    // Somebody moved a pointer after it was read: everything is read and decided anew.
    if (last->ok() || last->error().code() != "LAKE-301") return Ok();
    Error error = last->error();
    return std::move(error).WithRetry(Retry::kSafe);
  });
  (void)raced;  // the same error as in `last`
  assert(last);
  return *std::move(last);
}

}  // namespace leat::lake
