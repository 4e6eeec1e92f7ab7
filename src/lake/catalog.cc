#include "lake/catalog.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/fault.h"
#include "base/nearest.h"
#include "base/retry.h"
#include "lake/catalog_cache.h"
#include "lake/catalog_commit.h"
#include "lake/catalog_names.h"
#include "lake/catalog_pointers.h"
#include "lake/catalog_rollback.h"
#include "lake/catalog_warehouse.h"
#include "lake/table_change.h"

namespace leat::lake {
namespace {

using state::Rows;
using state::Transaction;

constexpr size_t kCacheBytes = size_t{64} << 20;
/// Read, decide and commit again when somebody else was faster.
constexpr RetryPolicy kRaces{
    .attempts = 10, .first_wait = std::chrono::milliseconds(1), .longest_wait = std::chrono::milliseconds(100)};

std::string PropertiesToJson(const Properties& properties) { return nlohmann::json(properties).dump(); }

Result<Properties> PropertiesFromJson(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return MakeError("LAKE-107", ErrorKind::kInternal, "the properties of a namespace are no JSON object: {}", text);
  Properties properties;
  for (const auto& [key, value] : json.items())
    properties[key] = value.is_string() ? value.get<std::string>() : value.dump();
  return properties;
}

/// Makes a conflict worth another try of the whole read-decide-commit.
Status AsRace(Status status) {
  if (status.ok() || status.error().code() != "LAKE-301") return status;
  Error error = status.error();
  return std::move(error).WithRetry(Retry::kSafe);
}

CommitRequest RequestOn(const std::string& ref, const CommitInfo& info) {
  CommitRequest request;
  request.ref = ref;
  request.info = info;
  return request;
}

class StoreCatalog : public Catalog {
 public:
  StoreCatalog(state::Store& store, io::FileSystem& files, CatalogOptions options)
      : store_(store),
        files_(files),
        options_(std::move(options)),
        locations_(options_.warehouse_root),
        queue_(store, locations_),
        cache_(kCacheBytes) {
    options_.warehouse_root = locations_.root();
  }

  Result<View> Resolve(std::string_view ref_text) override;
  Result<Ref> CreateBranch(const std::string& name, RefKind kind, const View& from) override;
  Result<Ref> CreateTag(const std::string& name, const View& at) override { return InsertRef(name, RefKind::kTag, at); }
  Result<std::optional<Ref>> FindRef(const std::string& name) override;
  Result<std::vector<Ref>> ListRefs() override;
  Status CloseBranch(const std::string& name) override;
  Status DropRef(const std::string& name) override;

  Result<std::vector<Entry>> ListNamespaces(const View& view) override;
  Result<std::optional<Properties>> FindNamespace(const View& view, const std::string& ns) override;
  Result<std::vector<Entry>> ListTables(const View& view, const std::string& ns) override;
  Result<std::optional<Entry>> FindTable(const View& view, const TableName& name) override;
  Result<std::optional<Entry>> FindTableNoCase(const View& view, const TableName& name) override;
  Result<MetadataPtr> LoadMetadata(const std::string& location) override;
  Result<std::string> WriteMetadata(TableMetadata metadata, const std::string& previous,
                                    std::vector<std::string>& written) override;

  Status CreateNamespace(const std::string& ref, const std::string& ns, const Properties& properties,
                         const CommitInfo& info) override;
  Status SetNamespaceProperties(const std::string& ref, const std::string& ns, const Properties& set,
                                const std::vector<std::string>& removed, const CommitInfo& info) override;
  Status DropNamespace(const std::string& ref, const std::string& ns, const CommitInfo& info) override;
  Result<CommitId> Commit(const CommitRequest& request) override;
  Result<CommitId> RollbackRun(const std::string& ref, const std::string& run_id, const CommitInfo& info,
                               const std::function<Status(Transaction&, CommitId)>& also) override;

  Result<std::vector<CommitLogEntry>> Log(const std::string& ref, int limit) override;
  Result<std::optional<CommitId>> FindCommitOf(const std::string& ref, const TableName& name,
                                               const std::string& location) override;
  Result<std::vector<PointerChange>> BranchChanges(const std::string& ref) override;

  void AddGuard(std::shared_ptr<CommitGuard> guard) override {
    std::lock_guard lock(guards_mutex_);
    guards_.push_back(std::move(guard));
  }
  std::string NewTableLocation(const TableName& name, const std::string& uuid,
                               const Properties& namespace_properties) override {
    return io::JoinUri(locations_.root(), TableFolder(name, uuid, namespace_properties));
  }
  const CatalogOptions& options() const override { return options_; }
  io::FileSystem& files() override { return files_; }
  state::Store& store() override { return store_; }

 private:
  Result<View> ResolveCommit(std::string_view text);
  Result<View> ResolveTime(std::string_view text);
  Result<Ref> InsertRef(const std::string& name, RefKind kind, const View& from);
  Result<std::optional<Pointer>> FindPointer(const View& view, const TableName& name);
  Entry ToEntry(const Pointer& pointer) const;
  Status AskGuards(const CommitRequest& request);
  Result<PointerChange> NamespaceChange(const std::string& ref, const std::string& ns,
                                        const std::function<Status(Properties&)>& edit);
  Status ReadChanges(Transaction& tx, CommitLogEntry& entry);
  std::optional<std::string> AbsoluteOf(ObjectKind kind, const std::optional<std::string>& stored) const {
    if (!stored || kind == ObjectKind::kNamespace) return stored;
    return locations_.ToAbsolute(*stored);
  }

  state::Store& store_;
  io::FileSystem& files_;
  CatalogOptions options_;
  const Locations locations_;
  CommitQueue queue_;
  MetadataCache cache_;
  std::mutex guards_mutex_;
  std::vector<std::shared_ptr<CommitGuard>> guards_;
};

// --- refs -----------------------------------------------------------------------------------------------------------

Result<View> StoreCatalog::Resolve(std::string_view text) {
  const std::string asked(text);
  if (text.starts_with("commit/")) return ResolveCommit(text);
  const bool is_ref = text.empty() || text == "main" || text == "snapshot" || text.starts_with("run/") ||
                      text.starts_with("env/") || text.starts_with("tag/");
  if (!is_ref) return ResolveTime(text);
  const std::string name = text.empty() || text == "snapshot" ? "main" : asked;
  LEAT_ASSIGN(std::optional<Ref> ref, FindRefRow(store_, name));
  if (!ref) {
    LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
      LEAT_ASSIGN(ref, ReadRef(tx, name));  // says which names are near
      return Ok();
    }));
  }
  assert(ref);
  const bool tag = ref->kind == RefKind::kTag;
  return View{tag ? ref->base_ref : ref->name, tag ? ref->base : ref->head,
              !tag && !ref->closed_at && text != "snapshot", asked};
}

Result<View> StoreCatalog::ResolveCommit(std::string_view text) {
  const std::string_view digits = text.substr(std::string_view("commit/").size());
  CommitId id = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size() || id < 0) {
    return MakeError("LAKE-203", ErrorKind::kUsage, "'{}' is no commit", text)
        .WithHint("commit/<number>, as `leat lake history` shows them");
  }
  if (id == 0) return View{"main", 0, false, std::string(text)};
  LEAT_ASSIGN(const Rows rows, store_.Read("SELECT ref FROM commit_log WHERE id = ?1", {id}));
  if (rows.empty()) {
    return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no commit {}", id)
        .WithHint("`leat lake history` shows the commits that there are");
  }
  return View{rows.Text(0, 0), id, false, std::string(text)};
}

Result<View> StoreCatalog::ResolveTime(std::string_view text) {
  Result<TimeMicros> time = ParseTime(text);
  if (!time.ok()) {
    return MakeError("LAKE-203", ErrorKind::kUsage, "'{}' names no state of the lake", text)
        .WithHint(
            "main, run/<id>, env/<name>, tag/<name>, commit/<number>, snapshot, or a time such as "
            "2026-11-01T12:00:00Z");
  }
  LEAT_ASSIGN(
      const Rows rows,
      store_.Read("SELECT id FROM commit_log WHERE ref = 'main' AND time <= ?1 ORDER BY time DESC LIMIT 1", {*time}));
  return View{"main", rows.empty() ? 0 : rows.Int(0, 0), false, std::string(text)};
}

Result<Ref> StoreCatalog::CreateBranch(const std::string& name, RefKind kind, const View& from) {
  if (kind == RefKind::kTag || kind == RefKind::kMain) {
    return MakeError("LAKE-203", ErrorKind::kUsage, "'{}' is no branch that can be made", name)
        .WithHint("run/<id> or env/<name>");
  }
  return InsertRef(name, kind, from);
}

Result<Ref> StoreCatalog::InsertRef(const std::string& name, RefKind kind, const View& from) {
  LEAT_TRY(CheckRefName(name, kind));
  Ref ref;
  LEAT_TRY(store_.Write([&](Transaction& tx) -> Status {
    // Locked, so that the branch below cannot be dropped while this one is laid over it.
    LEAT_TRY(tx.LockRow("ref", "name = ?1", {from.ref}));
    LEAT_ASSIGN(const Ref below, ReadRef(tx, from.ref));
    if (from.commit > below.head) {
      return MakeError("LAKE-201", ErrorKind::kNotFound, "{} has no commit {}", from.ref, from.commit);
    }
    ref = Ref{.name = name,
              .kind = kind,
              .head = from.commit,
              .base_ref = from.ref,
              .base = from.commit,
              .created_at = tx.Now(),
              .closed_at = {}};
    LEAT_ASSIGN(const int64_t made,
                tx.Execute("INSERT INTO ref (name, kind, head, base_ref, base, created_at) VALUES (?1, ?2, ?3, ?4, ?5, "
                           "?6) ON CONFLICT (name) DO NOTHING",
                           {name, std::string(RefKindName(kind)), ref.head, ref.base_ref, ref.base, ref.created_at}));
    if (made == 0) {
      return MakeError("LAKE-202", ErrorKind::kExists, "there is a {} '{}' already",
                       kind == RefKind::kTag ? "tag" : "branch", name)
          .WithHint("choose another name, or drop that one first");
    }
    return Ok();
  }));
  return ref;
}

Result<std::optional<Ref>> StoreCatalog::FindRef(const std::string& name) { return FindRefRow(store_, name); }

Result<std::vector<Ref>> StoreCatalog::ListRefs() {
  LEAT_ASSIGN(const Rows rows, store_.Read(fmt::format("SELECT {} FROM ref", kRefColumns)));
  std::vector<Ref> refs;
  for (size_t i = 0; i < rows.size(); ++i) refs.push_back(RefFromRow(rows, i));
  std::sort(refs.begin(), refs.end(), [](const Ref& a, const Ref& b) { return a.name < b.name; });
  return refs;
}

Status StoreCatalog::CloseBranch(const std::string& name) {
  return store_.Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.LockRow("ref", "name = ?1", {name}));
    LEAT_ASSIGN(const Ref ref, ReadRef(tx, name));
    if (ref.kind != RefKind::kRun && ref.kind != RefKind::kEnv) {
      return MakeError("LAKE-203", ErrorKind::kUsage, "{} cannot be closed: it is no branch of a run or environment",
                       name);
    }
    LEAT_TRY(tx.Execute("UPDATE ref SET closed_at = ?1 WHERE name = ?2 AND closed_at IS NULL", {tx.Now(), name}));
    return Ok();
  });
}

Status StoreCatalog::DropRef(const std::string& name) {
  return store_.Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.LockRow("ref", "name = ?1", {name}));
    LEAT_ASSIGN(const Ref ref, ReadRef(tx, name));
    if (ref.kind == RefKind::kMain) return MakeError("LAKE-203", ErrorKind::kUsage, "main cannot be dropped");
    LEAT_ASSIGN(const Rows above, tx.Query("SELECT name FROM ref WHERE base_ref = ?1 ORDER BY name LIMIT 1", {name}));
    if (!above.empty()) {
      return MakeError("LAKE-205", ErrorKind::kConflict, "{} cannot be dropped: {} is based on it", name,
                       above.Text(0, 0))
          .WithHint("drop that one first");
    }
    LEAT_TRY(tx.Execute("DELETE FROM commit_entry WHERE ref = ?1", {name}));
    LEAT_TRY(tx.Execute("DELETE FROM commit_log WHERE ref = ?1", {name}));
    LEAT_TRY(tx.Execute("DELETE FROM ref WHERE name = ?1", {name}));
    return Ok();
  });
}

// --- reading --------------------------------------------------------------------------------------------------------

Entry StoreCatalog::ToEntry(const Pointer& pointer) const {
  return {pointer.kind, pointer.name, pointer.uuid, AbsoluteOf(pointer.kind, pointer.location).value_or(""),
          pointer.commit};
}

Result<std::optional<Pointer>> StoreCatalog::FindPointer(const View& view, const TableName& name) {
  if (view.ref == "main") return LookUpOnMain(store_, view.commit, name);
  std::optional<Pointer> pointer;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, view.ref, view.commit));
    LEAT_ASSIGN(pointer, LookUp(tx, layers, name));
    return Ok();
  }));
  return pointer;
}

Result<std::vector<Entry>> StoreCatalog::ListNamespaces(const View& view) {
  std::vector<Pointer> pointers;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, view.ref, view.commit));
    LEAT_ASSIGN(pointers, ListPointers(tx, layers, ""));
    return Ok();
  }));
  std::vector<Entry> entries;
  for (const Pointer& pointer : pointers) {
    if (pointer.kind == ObjectKind::kNamespace) entries.push_back(ToEntry(pointer));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::optional<Properties>> StoreCatalog::FindNamespace(const View& view, const std::string& ns) {
  LEAT_ASSIGN(const std::optional<Pointer> pointer, FindPointer(view, {ns, ""}));
  if (!pointer || pointer->name.ns != ns || !pointer->location) return std::optional<Properties>();
  LEAT_ASSIGN(Properties properties, PropertiesFromJson(*pointer->location));
  return std::optional<Properties>(std::move(properties));
}

Result<std::vector<Entry>> StoreCatalog::ListTables(const View& view, const std::string& ns) {
  std::vector<Pointer> pointers;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, view.ref, view.commit));
    LEAT_ASSIGN(pointers, ListPointers(tx, layers, ns));
    return Ok();
  }));
  std::vector<Entry> entries;
  for (const Pointer& pointer : pointers) {
    if (pointer.kind != ObjectKind::kNamespace && (ns.empty() || pointer.name.ns == ns))
      entries.push_back(ToEntry(pointer));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::optional<Entry>> StoreCatalog::FindTable(const View& view, const TableName& name) {
  LEAT_ASSIGN(std::optional<Entry> entry, FindTableNoCase(view, name));
  if (entry && entry->name != name) return std::optional<Entry>();
  return entry;
}

Result<std::optional<Entry>> StoreCatalog::FindTableNoCase(const View& view, const TableName& name) {
  if (name.name.empty()) return std::optional<Entry>();
  LEAT_ASSIGN(const std::optional<Pointer> pointer, FindPointer(view, name));
  if (!pointer) return std::optional<Entry>();
  return std::optional<Entry>(ToEntry(*pointer));
}

Result<MetadataPtr> StoreCatalog::LoadMetadata(const std::string& location) {
  if (MetadataPtr found = cache_.Find(location)) return found;
  Result<std::string> text = files_.Read(location);
  if (!text.ok()) return std::move(text).error().In("metadata of a table");
  Result<TableMetadata> parsed = ParseTableMetadata(*text);
  if (!parsed.ok()) return std::move(parsed).error().In(location);
  auto metadata = std::make_shared<const TableMetadata>(*std::move(parsed));
  cache_.Insert(location, metadata, text->size());
  return MetadataPtr(metadata);
}

Result<std::string> StoreCatalog::WriteMetadata(TableMetadata metadata, const std::string& previous,
                                                std::vector<std::string>& written) {
  const std::string location = NextMetadataLocation(metadata, previous);
  const std::string text = FormatTableMetadata(metadata);
  written.push_back(location);
  LEAT_TRY(files_.WriteNew(location, text));
  LEAT_FAULT_POINT("lake.metadata.written");
  // Whoever changes the table next need not parse what was just made; what is kept is what would be read.
  assert(FormatTableMetadata(*ParseTableMetadata(text)) == text);
  cache_.Insert(location, std::make_shared<const TableMetadata>(std::move(metadata)), text.size());
  return location;
}

// --- writing --------------------------------------------------------------------------------------------------------

Status StoreCatalog::CreateNamespace(const std::string& ref, const std::string& ns, const Properties& properties,
                                     const CommitInfo& info) {
  LEAT_TRY(CheckNamespaceName(ns, false));
  CommitRequest request = RequestOn(ref, info);
  request.changes.push_back({ObjectKind::kNamespace, {ns, ""}, "", std::nullopt, PropertiesToJson(properties)});
  Result<CommitId> commit = Commit(request);
  if (commit.ok()) return Ok();
  if (commit.error().code() != "LAKE-301") return std::move(commit).error();
  return MakeError("LAKE-202", ErrorKind::kExists, "there is a namespace {} already", ns);
}

Result<PointerChange> StoreCatalog::NamespaceChange(const std::string& ref, const std::string& ns,
                                                    const std::function<Status(Properties&)>& edit) {
  std::optional<Pointer> pointer;
  std::vector<std::string> names;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const Ref row, ReadRef(tx, ref));
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, row.name, row.head));
    LEAT_ASSIGN(pointer, LookUp(tx, layers, {ns, ""}));
    if (pointer && pointer->name.ns == ns) return Ok();
    names.clear();
    LEAT_ASSIGN(const std::vector<Pointer> all, ListPointers(tx, layers, ""));
    for (const Pointer& each : all) {
      if (each.kind == ObjectKind::kNamespace) names.push_back(each.name.ns);
    }
    return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no namespace {} on {}", ns, ref)
        .WithHint(DidYouMean(ns, names));
  }));
  assert(pointer);
  const std::string before = pointer->location.value_or("");
  LEAT_ASSIGN(Properties properties, PropertiesFromJson(before));
  LEAT_TRY(edit(properties));
  return PointerChange{ObjectKind::kNamespace, {ns, ""}, "", before, PropertiesToJson(properties)};
}

Status StoreCatalog::SetNamespaceProperties(const std::string& ref, const std::string& ns, const Properties& set,
                                            const std::vector<std::string>& removed, const CommitInfo& info) {
  return RunWithRetry(kRaces, nullptr, [&]() -> Status {
    LEAT_ASSIGN(PointerChange change, NamespaceChange(ref, ns, [&](Properties& properties) {
                  for (const std::string& key : removed) properties.erase(key);
                  for (const auto& [key, value] : set) properties[key] = value;
                  return Ok();
                }));
    if (change.location == change.expected) return Ok();
    CommitRequest request = RequestOn(ref, info);
    request.changes.push_back(std::move(change));
    Result<CommitId> commit = Commit(request);
    return AsRace(commit.ok() ? Ok() : Status(std::move(commit).error()));
  });
}

Status StoreCatalog::DropNamespace(const std::string& ref, const std::string& ns, const CommitInfo& info) {
  return RunWithRetry(kRaces, nullptr, [&]() -> Status {
    LEAT_ASSIGN(PointerChange change, NamespaceChange(ref, ns, [](Properties&) { return Ok(); }));
    change.location.reset();
    CommitRequest request = RequestOn(ref, info);
    request.changes.push_back(std::move(change));
    Result<CommitId> commit = Commit(request);
    return AsRace(commit.ok() ? Ok() : Status(std::move(commit).error()));
  });
}

Status StoreCatalog::AskGuards(const CommitRequest& request) {
  std::vector<std::shared_ptr<CommitGuard>> guards;
  {
    std::lock_guard lock(guards_mutex_);
    guards = guards_;
  }
  if (guards.empty()) return Ok();
  for (const PointerChange& change : request.changes) {
    MetadataPtr before, after;
    if (change.kind == ObjectKind::kTable) {
      if (change.expected) {
        LEAT_ASSIGN(before, LoadMetadata(*change.expected));
      }
      if (change.location) {
        LEAT_ASSIGN(after, LoadMetadata(*change.location));
      }
    }
    for (const auto& guard : guards) {
      Status status = guard->Check(request, change, before.get(), after.get());
      if (status.ok()) continue;
      const Error& why = status.error();
      return MakeError("LAKE-401", why.kind(), "{} refused the change of {}: {}", guard->name(), change.name.ToString(),
                       why.message())
          .WithHint(why.hint());
    }
  }
  return Ok();
}

Result<CommitId> StoreCatalog::Commit(const CommitRequest& request) {
  LEAT_FAULT_POINT("lake.commit.before");
  LEAT_TRY(AskGuards(request));
  Result<CommitId> commit = queue_.Commit(request);
  if (!commit.ok()) return commit;
  if (Status status = PassFaultPoint("lake.commit.after"); !status.ok()) {
    // The pointers have moved: whoever gets this cannot know.
    return std::move(status).error().WithRetry(Retry::kUnknownOutcome);
  }
  return commit;
}

Result<CommitId> StoreCatalog::RollbackRun(const std::string& ref, const std::string& run_id, const CommitInfo& info,
                                           const std::function<Status(Transaction&, CommitId)>& also) {
  CommitId id = 0;
  LEAT_TRY(RunWithRetry(kRaces, nullptr, [&]() -> Status {
    CommitRequest request = RequestOn(ref, info);
    request.also = also;
    request.allow_reserved = true;
    request.info.kind = "rollback";
    if (request.info.run_id.empty()) request.info.run_id = run_id;
    LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
      LEAT_ASSIGN(request.changes, PlanRollback(tx, ref, run_id, locations_));
      return Ok();
    }));
    Result<CommitId> commit = Commit(request);
    if (!commit.ok()) return AsRace(Status(std::move(commit).error()));
    id = *commit;
    return Ok();
  }));
  return id;
}

// --- history --------------------------------------------------------------------------------------------------------

Status StoreCatalog::ReadChanges(Transaction& tx, CommitLogEntry& entry) {
  LEAT_ASSIGN(
      const Rows rows,
      tx.Query("SELECT kind, ns, name, uuid, previous, location FROM commit_entry WHERE commit_id = ?1 ORDER BY seq",
               {entry.id}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const ObjectKind kind = ParseObjectKind(rows.Text(i, 0));
    entry.changes.push_back({kind,
                             {rows.Text(i, 1), rows.Text(i, 2)},
                             rows.Text(i, 3),
                             AbsoluteOf(kind, rows.OptText(i, 4)),
                             AbsoluteOf(kind, rows.OptText(i, 5))});
  }
  return Ok();
}

Result<std::vector<CommitLogEntry>> StoreCatalog::Log(const std::string& ref, int limit) {
  const int64_t most = limit <= 0 ? std::numeric_limits<int64_t>::max() : limit;
  std::vector<CommitLogEntry> log;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    log.clear();
    LEAT_ASSIGN(const Ref row, ReadRef(tx, ref));
    const bool tag = row.kind == RefKind::kTag;
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, tag ? row.base_ref : row.name, row.head));
    for (const Layer& layer : layers) {
      const int64_t left = most - static_cast<int64_t>(log.size());
      if (left <= 0) break;
      LEAT_ASSIGN(const Rows rows,
                  tx.Query("SELECT id, ref, parent, time, author, run_id, message, kind FROM commit_log "
                           "WHERE ref = ?1 AND id <= ?2 ORDER BY id DESC LIMIT ?3",
                           {layer.ref, layer.commit, left}));
      for (size_t i = 0; i < rows.size(); ++i) {
        CommitLogEntry entry{rows.Int(i, 0),
                             rows.Text(i, 1),
                             rows.Int(i, 2),
                             rows.Int(i, 3),
                             {rows.Text(i, 4), rows.Text(i, 5), rows.Text(i, 6), rows.Text(i, 7)},
                             {}};
        LEAT_TRY(ReadChanges(tx, entry));
        log.push_back(std::move(entry));
      }
    }
    return Ok();
  }));
  return log;
}

Result<std::optional<CommitId>> StoreCatalog::FindCommitOf(const std::string& ref, const TableName& name,
                                                           const std::string& location) {
  LEAT_ASSIGN(const Rows rows,
              store_.Read("SELECT commit_id FROM commit_entry WHERE ref = ?1 AND ns_fold = ?2 AND name_fold = ?3 "
                          "AND location = ?4 ORDER BY commit_id DESC LIMIT 1",
                          {ref, FoldName(name.ns), FoldName(name.name), locations_.ToStored(location)}));
  if (rows.empty()) return std::optional<CommitId>();
  return std::optional<CommitId>(rows.Int(0, 0));
}

Result<std::vector<PointerChange>> StoreCatalog::BranchChanges(const std::string& ref) {
  std::vector<PointerChange> changes;
  LEAT_TRY(store_.ReadAll([&](Transaction& tx) -> Status {
    changes.clear();
    LEAT_ASSIGN(const Ref row, ReadRef(tx, ref));
    LEAT_ASSIGN(
        const Rows own,
        tx.Query("SELECT kind, ns, name, uuid, location FROM commit_entry WHERE ref = ?1 AND superseded_by = ?2",
                 {ref, kNever}));
    std::vector<Layer> below;
    if (!row.base_ref.empty()) {
      LEAT_ASSIGN(below, LayersOf(tx, row.base_ref, row.base));
    }
    for (size_t i = 0; i < own.size(); ++i) {
      const ObjectKind kind = ParseObjectKind(own.Text(i, 0));
      const TableName name{own.Text(i, 1), own.Text(i, 2)};
      LEAT_ASSIGN(std::optional<Pointer> base, LookUp(tx, below, name));
      if (base && base->name != name) base.reset();
      PointerChange change{kind, name, own.Text(i, 3), base ? AbsoluteOf(kind, base->location) : std::nullopt,
                           AbsoluteOf(kind, own.OptText(i, 4))};
      if (change.expected != change.location) changes.push_back(std::move(change));
    }
    return Ok();
  }));
  std::sort(changes.begin(), changes.end(),
            [](const PointerChange& a, const PointerChange& b) { return a.name < b.name; });
  return changes;
}

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::Open(state::Store& store, io::FileSystem& files, CatalogOptions options) {
  LEAT_ASSIGN(options.warehouse_root, BindWarehouse(store, options.warehouse_name, options.warehouse_root));
  return std::unique_ptr<Catalog>(std::make_unique<StoreCatalog>(store, files, std::move(options)));
}

}  // namespace leat::lake
