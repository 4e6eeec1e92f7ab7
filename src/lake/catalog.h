#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/file_system.h"
#include "lake/table_metadata.h"
#include "state/lease.h"
#include "state/store.h"

namespace leat::lake {

using CommitId = int64_t;

/// namespace.table; other engines' nested namespaces are one name with dots ("a.b").
struct TableName {
  std::string ns;
  std::string name;
  auto operator<=>(const TableName&) const = default;
  std::string ToString() const { return ns + "." + name; }
};

enum class ObjectKind { kNamespace, kTable, kView };
enum class RefKind { kMain, kRun, kEnv, kTag };

/// A branch or tag. A branch's own commits lie over `base`, which is fixed when it is made.
struct Ref {
  std::string name;  ///< "main", "run/<uuid>", "env/<name>", "tag/<name>"
  RefKind kind = RefKind::kMain;
  CommitId head = 0;
  std::string base_ref;  ///< the branch that `base` is read through; "" for main. Of a tag: what it names.
  CommitId base = 0;
  TimeMicros created_at = 0;
  std::optional<TimeMicros> closed_at;
};

/// One consistent state of the lake: everything read through one View comes from one commit. Plain data.
struct View {
  std::string ref;        ///< the branch whose overlay is read
  CommitId commit = 0;    ///< as of this commit
  bool writable = false;  ///< false for tags, commits, times and @snapshot
  std::string asked;      ///< the text it was resolved from
};

/// A table, view or namespace at a View.
struct Entry {
  ObjectKind kind = ObjectKind::kTable;
  TableName name;
  std::string uuid;
  std::string location;  ///< metadata location, absolute URI; for a namespace its properties as JSON
  CommitId commit = 0;   ///< that put it there
};

/// One pointer move. `expected` must be what the branch has now (nullopt: must not exist), else LAKE-301 kConflict.
struct PointerChange {
  ObjectKind kind = ObjectKind::kTable;
  TableName name;
  std::string uuid;
  std::optional<std::string> expected;  ///< absolute location
  std::optional<std::string> location;  ///< new one; nullopt drops
};

struct CommitInfo {
  std::string author;  ///< user or client
  std::string run_id;  ///< "" outside a run
  std::string message;
  std::string kind = "commit";  ///< commit | publish | rollback | external
};

struct CommitRequest {
  std::string ref;
  std::vector<PointerChange> changes;
  CommitInfo info;
  std::vector<state::Fence> fences;
  /// Tables that must point where the caller saw them (nullopt: must not exist), without being changed; else LAKE-301.
  std::map<TableName, std::optional<std::string>> unchanged;
  /// Leat's own tables may have reserved names (<namespace>.<table>__rejected).
  bool allow_reserved = false;
  /// More rows of the state store for the same transaction (ledger, file ledger). May run again; see Store::Write.
  std::function<Status(state::Transaction&, CommitId)> also;
};

/// Asked before any pointer moves, whichever engine commits (contracts and access plug in here). Must be thread-safe.
class CommitGuard {
 public:
  virtual ~CommitGuard() = default;
  virtual std::string_view name() const = 0;
  /// `before` is null for a new table, `after` null for a drop. An error refuses the whole commit.
  virtual Status Check(const CommitRequest& request, const PointerChange& change, const TableMetadata* before,
                       const TableMetadata* after) = 0;
};

struct CommitLogEntry {
  CommitId id = 0;
  std::string ref;
  CommitId parent = 0;
  TimeMicros time = 0;
  CommitInfo info;
  std::vector<PointerChange> changes;
};

struct CatalogOptions {
  std::string warehouse_name = "lake";
  std::string warehouse_root;  ///< absolute URI of the warehouse folder
  const Clock* clock = nullptr;
  int max_snapshots = 100;  ///< leat.metadata.max-snapshots
};

/// The Iceberg catalogue with branches: a commit log in the state store. A library that runs, sessions and the REST
/// service call directly. Thread-safe; several processes may use one store.
///
/// Names are found exactly; FindTableNoCase serves our SQL. Errors: LAKE-201 kNotFound (table, namespace, ref; with nearest
/// names), LAKE-202 kExists, LAKE-203 kUsage (name not allowed), LAKE-204 kUsage (read-only view, closed branch),
/// LAKE-205 kConflict (ref in use), LAKE-206 kConflict (namespace not empty), LAKE-301 kConflict,
/// LAKE-302 kConflict (name differs only in case), LAKE-401 (guard refused), LAKE-110 (warehouse was moved).
class Catalog {
 public:
  static Result<std::unique_ptr<Catalog>> Open(state::Store& store, io::FileSystem& files, CatalogOptions options);
  virtual ~Catalog() = default;

  // --- refs -------------------------------------------------------------------------------------------------------
  /// Text after '@' of a warehouse name: "" or "main", "run/<id>", "env/<name>", "tag/<name>", "commit/<n>", "snapshot",
  /// or an RFC 3339 time.
  virtual Result<View> Resolve(std::string_view ref_text) = 0;
  /// Makes run/<id> or env/<name>: one row, whatever the number of tables. `from` becomes its fixed base.
  virtual Result<Ref> CreateBranch(const std::string& name, RefKind kind, const View& from) = 0;
  virtual Result<Ref> CreateTag(const std::string& name, const View& at) = 0;
  virtual Result<std::optional<Ref>> FindRef(const std::string& name) = 0;
  virtual Result<std::vector<Ref>> ListRefs() = 0;
  virtual Status CloseBranch(const std::string& name) = 0;  ///< kept for looking at until branch_retention ends
  /// Removes a branch with its commits, or a tag. LAKE-205 while another ref is based on it. The files stay: upkeep, which
  /// sees all refs, deletes.
  virtual Status DropRef(const std::string& name) = 0;

  // --- reading ----------------------------------------------------------------------------------------------------
  virtual Result<std::vector<Entry>> ListNamespaces(const View& view) = 0;
  virtual Result<std::optional<Properties>> FindNamespace(const View& view, const std::string& ns) = 0;
  /// Tables and views of one namespace ("" for all), sorted by name.
  virtual Result<std::vector<Entry>> ListTables(const View& view, const std::string& ns) = 0;
  virtual Result<std::optional<Entry>> FindTable(const View& view, const TableName& name) = 0;
  virtual Result<std::optional<Entry>> FindTableNoCase(const View& view, const TableName& name) = 0;
  /// Parsed metadata, cached by location (immutable).
  virtual Result<MetadataPtr> LoadMetadata(const std::string& location) = 0;
  /// Writes the metadata file that follows `previous` ("" for a new table) and returns its location, which is added to
  /// `written` before anything is written. The next LoadMetadata of it reads nothing. Fault point: lake.metadata.written.
  virtual Result<std::string> WriteMetadata(TableMetadata metadata, const std::string& previous,
                                            std::vector<std::string>& written) = 0;

  // --- writing ----------------------------------------------------------------------------------------------------
  virtual Status CreateNamespace(const std::string& ref, const std::string& ns, const Properties& properties,
                                 const CommitInfo& info) = 0;
  virtual Status SetNamespaceProperties(const std::string& ref, const std::string& ns, const Properties& set,
                                        const std::vector<std::string>& removed, const CommitInfo& info) = 0;
  virtual Status DropNamespace(const std::string& ref, const std::string& ns, const CommitInfo& info) = 0;
  /// All pointer moves of one commit, or none. Metadata files are written and durable before this is called.
  /// Retry::kUnknownOutcome: the store did not say whether it committed; the caller finds out with FindTable.
  /// Fault points: lake.commit.before, lake.commit.after.
  virtual Result<CommitId> Commit(const CommitRequest& request) = 0;
  /// Restores the pointers that `run_id` replaced on `ref`, as a new commit. LAKE-303 kConflict when a table was changed
  /// since by another run, named.
  /// `also`: as in CommitRequest (the run layer makes the run's input files pending again in the same transaction).
  virtual Result<CommitId> RollbackRun(const std::string& ref, const std::string& run_id, const CommitInfo& info,
                                       const std::function<Status(state::Transaction&, CommitId)>& also = {}) = 0;

  // --- history ----------------------------------------------------------------------------------------------------
  /// Newest first; after a branch's own commits those that it is based on. `limit` 0: all.
  virtual Result<std::vector<CommitLogEntry>> Log(const std::string& ref, int limit) = 0;
  /// The commit of `ref` that put `location` there, if there is one: what became of a commit of unknown outcome.
  virtual Result<std::optional<CommitId>> FindCommitOf(const std::string& ref, const TableName& name,
                                                       const std::string& location) = 0;
  /// Net pointer changes of a branch since its base (one per object).
  virtual Result<std::vector<PointerChange>> BranchChanges(const std::string& ref) = 0;

  virtual void AddGuard(std::shared_ptr<CommitGuard> guard) = 0;
  /// Where a new table lives: <root>/<namespace>/<table>-<8 hex>, or <source>/raw/<table>-<8 hex> for raw zones.
  virtual std::string NewTableLocation(const TableName& name, const std::string& uuid,
                                       const Properties& namespace_properties) = 0;
  virtual const CatalogOptions& options() const = 0;
  virtual io::FileSystem& files() = 0;
  virtual state::Store& store() = 0;
};

}  // namespace leat::lake
