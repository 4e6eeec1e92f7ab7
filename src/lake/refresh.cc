#include "lake/refresh.h"

#include <algorithm>

#include "base/retry.h"
#include "lake/catalog_names.h"
#include "lake/catalog_pointers.h"
#include "lake/publish_cases.h"
#include "lake/publish_change.h"
#include "lake/snapshot_summary.h"
#include "lake/table_change.h"

namespace leat::lake {
namespace {

using What = RefreshItem::What;
using state::Rows;
using state::Transaction;
using Folded = std::pair<std::string, std::string>;

constexpr RetryPolicy kRaces{
    .attempts = 10, .first_wait = std::chrono::milliseconds(1), .longest_wait = std::chrono::milliseconds(200)};

Folded Fold(const TableName& name) { return {FoldName(name.ns), FoldName(name.name)}; }

/// A live row of the branch's own layer.
struct Own {
  RefreshItem item;
  CommitId commit = 0;
  bool reapply = false;  ///< the branch changed more than data
  std::optional<PointerChange> rebased;
};

/// One attempt on one state of the branch and of what it is based on.
class Attempt {
 public:
  Attempt(Catalog& catalog, const RefreshRequest& request) : catalog_(catalog), request_(request) {}

  Result<RefreshResult> Run() {
    LEAT_TRY(Read());
    if (target_.commit == result_.base_before) return Done();
    LEAT_TRY(Decide());
    LEAT_TRY(AskForMore());
    LEAT_TRY(Settle());
    if (request_.only_look) return Done();
    Status status = Rebase();
    if (status.ok()) status = Commit();
    if (!status.ok() && status.error().retry() != Retry::kUnknownOutcome) {
      for (const std::string& file : written_) (void)catalog_.files().Remove(file);
    }
    LEAT_TRY(std::move(status));
    return Done();
  }

 private:
  Result<RefreshResult> Done() {
    for (const Own& own : own_) result_.items.push_back(own.item);
    return std::move(result_);
  }

  Status Read() {
    LEAT_ASSIGN(const std::optional<Ref> ref, catalog_.FindRef(request_.branch));
    if (!ref) {
      LEAT_ASSIGN(const View view, catalog_.Resolve(request_.branch));  // says which names are near
      (void)view;
    }
    if (!ref || ref->kind != RefKind::kEnv) {
      return MakeError("LAKE-203", ErrorKind::kUsage, "{} is no environment: its base stays where it is",
                       request_.branch)
          .WithHint("`leat env list` shows the environments");
    }
    if (ref->closed_at)
      return MakeError("LAKE-204", ErrorKind::kUsage, "{} is closed: it can only be read", request_.branch);
    LEAT_ASSIGN(target_, catalog_.Resolve(ref->base_ref));
    base_ = View{ref->base_ref, ref->base, false, ref->base_ref};
    branch_ = View{ref->name, ref->head, false, ref->name};
    result_.base_before = ref->base;
    result_.base = target_.commit;
    return catalog_.store().ReadAll([&](Transaction& tx) -> Status {
      own_.clear();
      LEAT_ASSIGN(const Rows rows, tx.Query("SELECT kind, ns, name, commit_id FROM commit_entry WHERE ref = ?1 AND "
                                            "superseded_by = ?2 ORDER BY ns, name",
                                            {ref->name, kNever}));
      for (size_t i = 0; i < rows.size(); ++i) {
        Own own;
        own.item.kind = ParseObjectKind(rows.Text(i, 0));
        own.item.name = {rows.Text(i, 1), rows.Text(i, 2)};
        own.commit = rows.Int(i, 3);
        own_.push_back(std::move(own));
      }
      return Ok();
    });
  }

  // --- deciding -------------------------------------------------------------------------------------------------------

  Status Decide() {
    for (Own& own : own_) {
      if (own.item.kind == ObjectKind::kNamespace) LEAT_TRY(DecideNamespace(own.item));
      else LEAT_TRY(DecideTable(own));
    }
    return Ok();
  }

  Status DecideNamespace(RefreshItem& item) {
    const std::string& ns = item.name.ns;
    LEAT_ASSIGN(const std::optional<Properties> base, catalog_.FindNamespace(base_, ns));
    LEAT_ASSIGN(const std::optional<Properties> ours, catalog_.FindNamespace(branch_, ns));
    LEAT_ASSIGN(const std::optional<Properties> theirs, catalog_.FindNamespace(target_, ns));
    if (ours == base || ours == theirs || (!base && ours && theirs)) {
      item.what = What::kSame;
      return Ok();
    }
    if (theirs != base) return Conflict(item, "its properties were changed on both sides");
    if (ours) return Ok();
    LEAT_ASSIGN(const std::vector<Entry> tables, catalog_.ListTables(target_, ns));
    for (const Entry& table : tables) {
      const bool dropped = std::any_of(own_.begin(), own_.end(),
                                       [&](const Own& own) { return Fold(own.item.name) == Fold(table.name); });
      if (!dropped)
        return Conflict(
            item, fmt::format("it was dropped on the branch; {} has {} in it", target_.ref, table.name.ToString()));
    }
    return Ok();
  }

  Status DecideTable(Own& own) {
    RefreshItem& item = own.item;
    PublishSides& sides = sides_[item.name];
    LEAT_ASSIGN(sides.base, ReadPublishSide(catalog_, base_, item.name));
    LEAT_ASSIGN(sides.branch, ReadPublishSide(catalog_, branch_, item.name));
    LEAT_ASSIGN(sides.target, ReadPublishSide(catalog_, target_, item.name));
    PublishItem publish;
    publish.table = item.name;
    const PublishDecision decision = DecidePublish(publish, sides, target_.ref);
    switch (decision.what) {
      case PublishCase::kNothing: item.what = What::kSame; break;
      case PublishCase::kMove:
      case PublishCase::kSquash: return CheckNamespace(item);
      case PublishCase::kDrop: break;
      case PublishCase::kRebase:
      case PublishCase::kReapply: {
        item.what = What::kRebased;
        own.reapply = decision.what == PublishCase::kReapply;
        const std::string moved = MovedBookmark(sides);
        if (!moved.empty()) return Conflict(item, "the bookmark of " + moved + " moved on both sides");
        break;
      }
      case PublishCase::kReplan:
      case PublishCase::kRefuse: return Conflict(item, decision.reason);
    }
    return Ok();
  }

  /// A table that the branch keeps needs its namespace: the branch's own, or one that the target still has.
  Status CheckNamespace(RefreshItem& item) {
    const bool own = std::any_of(own_.begin(), own_.end(), [&](const Own& one) {
      return one.item.kind == ObjectKind::kNamespace && FoldName(one.item.name.ns) == FoldName(item.name.ns);
    });
    if (own) return Ok();
    LEAT_ASSIGN(const std::optional<Properties> there, catalog_.FindNamespace(target_, item.name.ns));
    if (there) return Ok();
    return Conflict(item, fmt::format("its namespace was dropped on {}", target_.ref));
  }

  static Status Conflict(RefreshItem& item, std::string reason) {
    item.what = What::kConflict;
    item.reason = std::move(reason);
    return Ok();
  }

  /// The load key whose bookmark both sides moved: its rows are on both.
  static std::string MovedBookmark(const PublishSides& sides) {
    for (const Snapshot& snapshot : sides.branch.metadata->snapshots) {
      for (const auto& [key, value] : snapshot.summary) {
        if (!key.starts_with(kBookmarkPrefix)) continue;
        std::string load_key = key.substr(std::string_view(kBookmarkPrefix).size());
        const auto before = FindBookmark(*sides.base.metadata, load_key);
        if (FindBookmark(*sides.branch.metadata, load_key) != before &&
            FindBookmark(*sides.target.metadata, load_key) != before)
          return load_key;
      }
    }
    return "";
  }

  Status AskForMore() {
    if (!request_.conflicts) return Ok();
    LEAT_ASSIGN(const auto more, request_.conflicts(result_.base_before, target_));
    for (Own& own : own_) {
      const auto found = more.find(own.item.name);
      if (found != more.end() && own.item.what == What::kRebased) LEAT_TRY(Conflict(own.item, found->second));
    }
    return Ok();
  }

  /// Conflicts end the refresh, or are given up.
  Status Settle() {
    std::string all;
    for (Own& own : own_) {
      RefreshItem& item = own.item;
      if (item.what != What::kConflict || request_.only_look) continue;
      if (request_.give_up) {
        item.what = What::kTaken;
        given_up_.insert(item.name);
        continue;
      }
      const std::string name = item.name.name.empty() ? "namespace " + item.name.ns : item.name.ToString();
      all += (all.empty() ? "" : "; ") + name + ": " + item.reason;
    }
    if (all.empty()) return Ok();
    return MakeError("LAKE-305", ErrorKind::kConflict, "{} cannot be refreshed: {}", request_.branch, all)
        .WithHint("give those tables of the branch up for what they are on " + target_.ref +
                  " (--give-up), or drop the environment");
  }

  // --- doing ----------------------------------------------------------------------------------------------------------

  Status Rebase() {
    const Clock& clock = catalog_.options().clock == nullptr ? SystemClock() : *catalog_.options().clock;
    for (Own& own : own_) {
      if (own.item.what != What::kRebased) continue;
      const PublishSides& sides = sides_[own.item.name];
      ChangeInfo info;
      info.step = "refresh";
      info.now = clock.Now();
      const TableMetadata& branch = *sides.branch.metadata;
      const int64_t base_snapshot = sides.base.metadata->current_snapshot_id.value_or(0);
      TableMetadata head = *sides.target.metadata;
      if (own.reapply) head = WithShapeOf(head, branch, *sides.base.metadata);
      head.last_updated_ms = std::max(info.now / 1000, sides.target.metadata->last_updated_ms + 1);
      if (branch.current_snapshot_id.value_or(0) != base_snapshot) {
        Result<TableMetadata> made = RebaseChanges(catalog_.files(), head, branch, base_snapshot, info, written_);
        if (!made.ok() && made.error().code() == "LAKE-306")
          return MakeError("LAKE-305", ErrorKind::kConflict, "{} cannot be refreshed: {}: {}", request_.branch,
                           own.item.name.ToString(), made.error().message());
        LEAT_TRY(made.ok() ? Ok() : Status(made.error()));
        head = *std::move(made);
      }
      LEAT_ASSIGN(const std::string location, catalog_.WriteMetadata(head, sides.target.entry->location, written_));
      own.rebased = PointerChange{ObjectKind::kTable, own.item.name, head.uuid, sides.branch.entry->location, location};
    }
    return Ok();
  }

  Status Commit() {
    CommitRequest commit;
    commit.ref = request_.branch;
    commit.info = request_.info;
    commit.info.kind = "refresh";
    commit.allow_reserved = true;
    for (const Own& own : own_) {
      if (own.rebased) commit.changes.push_back(*own.rebased);
    }
    commit.also = [this](Transaction& tx, CommitId id) -> Status {
      LEAT_TRY(MoveBase(tx, id));
      return request_.also ? request_.also(tx, id, given_up_) : Ok();
    };
    LEAT_ASSIGN(result_.commit, catalog_.Commit(commit));
    return Ok();
  }

  /// In the transaction of the commit, with the branch's row locked: what was decided must still be what is there.
  Status MoveBase(Transaction& tx, CommitId id) {
    LEAT_ASSIGN(const Ref ref, ReadRef(tx, request_.branch));
    LEAT_ASSIGN(const Rows rows, tx.Query("SELECT ns_fold, name_fold, commit_id FROM commit_entry WHERE ref = ?1 AND "
                                          "superseded_by = ?2 AND commit_id <> ?3",
                                          {ref.name, kNever, id}));
    std::map<Folded, const Own*> known;
    for (const Own& own : own_) {
      if (!own.rebased) known[Fold(own.item.name)] = &own;
    }
    bool same = ref.base == result_.base_before && rows.size() == known.size();
    for (size_t i = 0; i < rows.size() && same; ++i) {
      const auto found = known.find({rows.Text(i, 0), rows.Text(i, 1)});
      same = found != known.end() && found->second->commit == rows.Int(i, 2);
    }
    if (!same)
      return MakeError("LAKE-301", ErrorKind::kConflict, "{} was changed while it was refreshed", request_.branch)
          .WithHint("refresh it again");
    for (const auto& [name, own] : known) {
      if (own->item.what != What::kSame && own->item.what != What::kTaken) continue;
      LEAT_TRY(
          tx.Execute("UPDATE commit_entry SET superseded_by = ?1 WHERE ref = ?2 AND ns_fold = ?3 AND name_fold = "
                     "?4 AND superseded_by = ?5",
                     {id, ref.name, name.first, name.second, kNever}));
    }
    LEAT_TRY(tx.Execute("UPDATE commit_log SET base = ?1 WHERE id = ?2", {result_.base_before, id}));
    LEAT_TRY(tx.Execute("UPDATE ref SET base = ?1 WHERE name = ?2", {target_.commit, ref.name}));
    return Ok();
  }

  Catalog& catalog_;
  const RefreshRequest& request_;
  View base_;
  View branch_;
  View target_;
  std::vector<Own> own_;
  std::map<TableName, PublishSides> sides_;
  std::set<TableName> given_up_;
  std::vector<std::string> written_;
  RefreshResult result_;
};

}  // namespace

std::string_view RefreshWord(What what) {
  switch (what) {
    case What::kKept: return "kept";
    case What::kRebased: return "rebased";
    case What::kSame: return "same as base";
    case What::kConflict: return "conflict";
    case What::kTaken: return "given up";
  }
  return "";
}

Result<RefreshResult> RefreshBranch(Catalog& catalog, const RefreshRequest& request) {
  std::optional<Result<RefreshResult>> last;
  const Status raced = RunWithRetry(kRaces, nullptr, [&]() -> Status {
    last = Attempt(catalog, request).Run();
    if (last->ok() || last->error().code() != "LAKE-301") return Ok();
    Error error = last->error();
    return std::move(error).WithRetry(Retry::kSafe);
  });
  (void)raced;  // the same error as in `last`
  return *std::move(last);
}

}  // namespace leat::lake
