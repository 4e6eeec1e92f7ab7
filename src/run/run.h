#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "io/s3/client.h"
#include "lake/catalog.h"
#include "lake/publish.h"
#include "project/project.h"
#include "run/budget.h"
#include "sql/engine.h"
#include "state/store.h"

namespace leat::run {

struct FolderState;
struct StepContext;
struct StepOutcome;

/// The opened services that a run, a prompt or the server works on; built once by app/, destroyed in reverse.
struct Lakehouse {
  project::Settings settings;
  std::string root;  ///< project folder, absolute
  std::unique_ptr<io::FileSystem> files;
  std::unique_ptr<state::Store> store;
  std::unique_ptr<lake::Catalog> catalog;
  std::shared_ptr<Budgets> budgets;              ///< of all connections
  std::shared_ptr<io::s3::Client> object_store;  ///< of a warehouse at s3://, else nullptr
  std::string extension_folder;

  /// Opens store, warehouse and catalogue of a project's settings (no DuckDB: `Engine()` opens that on first use).
  /// Without `create` a missing state store is an error (kEnvironment). A project that was moved: LAKE-110.
  /// `cancel` ends waiting for an object store; it must outlive the lakehouse.
  static Result<std::unique_ptr<Lakehouse>> Open(const std::string& root, const project::Settings& settings,
                                                 bool create, const CancelToken* cancel = nullptr);
  /// The instance of a kind, opened on first use. Thread-safe.
  Result<sql::Engine*> Engine(sql::InstanceKind kind);
  /// Folders outside the project that the engine may read besides the warehouse (folders of connections). Only before the
  /// first Engine() call: afterwards DuckDB is locked and this does nothing.
  void AllowFolder(const std::string& folder);
  /// True: the engine for our SQL is closed, and opens again with one thread and no insertion order, the whole memory limit
  /// for one step that ran out of memory beside others; false: as before. Only while nothing else uses the engine.
  void BeCareful(bool careful);
  /// What this process has asked of the object store so far, the engine's own requests included. nullopt: there is none.
  std::optional<io::s3::RequestCounts::Totals> StoreRequests();
  /// Private folder of this project on this machine: spool files, dead letters on their way (0700).
  std::string private_folder() const;

 private:
  void AddEngineRequests(io::s3::RequestCounts::Totals& totals);

  std::mutex engine_mutex_;
  io::s3::RequestCounts::Totals closed_requests_;  ///< of engines that BeCareful closed
  std::vector<std::string> allowed_folders_;
  bool careful_ = false;
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<sql::Engine> user_engine_;
};

enum class StepAction { kLoad, kBuild, kView, kSkip };

/// Rows that shall be read again: those whose update key lies between the two, ends included, in the source's own writing.
struct KeyRange {
  std::string from;
  std::string to;  ///< "": up to the bookmark
};

/// One step of a plan: plain data, printable.
struct PlanStep {
  std::string asset;  ///< id
  lake::TableName table;
  StepAction action = StepAction::kBuild;
  std::string
      reason;  ///< "2 new files", "input raw_x.y changed (snapshot 12 -> 15)", "nothing new: 12 files unchanged"
  std::vector<std::string> needs;  ///< asset ids of this plan that come before
  std::map<lake::TableName, int64_t>
      inputs;  ///< snapshot ids known when planning (those that other steps will change: absent)
  std::string load_key;
  std::string bookmark;
  /// What to read, as listed (before unpacking): append: the files that are not in the ledger of the target; full-refresh:
  /// all of them.
  std::vector<component::InputFile> files;
  std::vector<component::InputFile> touched;  ///< in the ledger with equal content but another mtime or inode
  std::string fingerprint;       ///< text of a Fingerprint (fingerprint.h): what the step would be made from
  std::string last_fingerprint;  ///< the same of the step that made the target's current state, "" when there is none
  bool wait_for_inputs =
      false;  ///< its only reason is that steps before it may change its inputs: skipped if they do not
  std::optional<Error> problem;  ///< why its source could not be looked at: the step fails with it, the others run
  std::optional<int64_t> estimated_rows;
  std::shared_ptr<const FolderState> folder;  ///< of a table of files (folder_state.h)
  std::optional<KeyRange> backfill;           ///< of a load: what is read; the bookmark stays
  std::optional<BudgetTurn> turn;             ///< what of its connection's budget it has to wait for, as it is now
};

struct Plan {
  std::vector<PlanStep> steps;  ///< in order
  lake::CommitId base = 0;      ///< commit of the target that was planned on
  std::string target = "main";
};

struct PlanOptions {
  std::vector<std::string> select;
  std::map<std::string, KeyRange>
      backfill{};               ///< ids of source tables: this is read, and nothing behind their bookmark
  bool force = false;           ///< run steps that have nothing new
  std::string target = "main";  ///< or env/<name>
};

/// Works out what a run would do. Reads sources' listings and fingerprints, no data. DuckDB is not opened.
Result<Plan> MakePlan(Lakehouse& lakehouse, const project::Project& project, const PlanOptions& options);

/// {"target", "base", "steps": [{"asset", "table", "action", "reason", "needs", "inputs", "files", "load_key", …}]}.
std::string PlanToJson(const Plan& plan);
/// One line a step for people: action, table, reason.
std::string PlanToText(const Plan& plan);
/// "load", "build", "view", "skip".
std::string_view ActionName(StepAction action);

enum class StepStatus { kPending, kRunning, kSuccess, kSkipped, kFailed, kBlocked, kUpstreamFailed, kAdopted };

/// "pending", "running", "success", "skipped", "failed", "blocked", "upstream_failed", "adopted".
std::string_view StepStatusName(StepStatus status);

/// What became of a step: one row of leat.steps and of leat.ledger.
struct StepResult {
  std::string asset;
  lake::TableName table;
  StepStatus status = StepStatus::kPending;
  std::string reason;  ///< of a skip; the first failed gate
  std::optional<Error> error;
  std::string kind = "load";  ///< load | handover
  int64_t rows_in = 0, rows_out = 0, rows_rejected = 0, rows_filtered = 0;
  int64_t rows_inserted = 0, rows_updated = 0, rows_deleted = 0;
  int64_t rows_adopted = 0;  ///< of rows_out: in parts that an earlier run had read
  int64_t bytes_in = 0, bytes_out = 0;
  std::string watermark_before, watermark_after;
  int64_t snapshot_before = 0, snapshot_branch = 0, snapshot_after = 0;
  int checks_passed = 0, checks_failed = 0, checks_warned = 0;
  double seconds = 0;
  int attempt = 0;  ///< 2: done after it had run out of memory; 0: it was not tried
  bool published = false;
};

struct RunResult {
  std::string run_id;
  std::string status;  ///< success | failed | partial | nothing
  std::string branch;  ///< "" when nothing had to be done; open for looking at until its retention ends
  std::optional<lake::CommitId> commit;
  std::vector<StepResult> steps;
  double seconds = 0;
  bool cancelled = false;
  std::optional<Error>
      error;  ///< what stopped the run as a whole (publishing failed, lost too many races); steps have theirs
  /// What the run asked of the object store, engine included; nothing with a warehouse on disk.
  std::optional<io::s3::RequestCounts::Totals> requests;
  std::vector<StepCost> costs;  ///< what the steps took of their connections
  int replans = 0;              ///< how often publishing had to be planned again because the target moved
};

/// What a terminal or a log wants to know while a run goes on. Called from worker threads, one call at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void RunStarted(const std::string& run_id, const Plan& plan) {
    (void)run_id;
    (void)plan;
  }
  virtual void StepStarted(const PlanStep& step) { (void)step; }
  virtual void StepProgress(const PlanStep& step, int64_t rows, double fraction) {
    (void)step;
    (void)rows;
    (void)fraction;
  }
  /// It waits for the budget of its connection: why; "" when it goes on.
  virtual void StepWaits(const PlanStep& step, const std::string& text) {
    (void)step;
    (void)text;
  }
  virtual void StepEnded(const PlanStep& step, const StepResult& result) {
    (void)step;
    (void)result;
  }
  virtual void RunEnded(const RunResult& result) { (void)result; }
};

/// How a step is done: tests give their own; default DoStep (step.h). Called from worker threads, one call per step.
using StepFunction = std::function<Result<StepOutcome>(StepContext&)>;

struct RunOptions {
  PlanOptions plan;
  int workers = 0;       ///< steps at once; 0: by memory and cores
  std::string retry_of;  ///< run id; "" none
  CancelToken* cancel = nullptr;
  Observer* observer = nullptr;
  StepFunction step;  ///< empty: DoStep
};

/// The way of a run (design.md section 6): plan, branch run/<id>, steps with gates, publish, ledger. The error is for what
/// prevents a run from starting; what fails inside is in the result. Cancelled: the result's status is "failed", nothing of
/// what was not published is visible, and RunResult::cancelled says so.
Result<RunResult> Run(Lakehouse& lakehouse, const project::Project& project, const RunOptions& options);

/// Takes a published run back: restores the pointers that it moved on `target` and makes its input files pending again, in
/// one commit. LAKE-303 when a later run changed one of its tables; RUN-301 kNotFound when the run published nothing there.
Result<lake::CommitId> RollbackRun(Lakehouse& lakehouse, const std::string& run_id, const std::string& target = "main");

/// Marks runs whose process is gone as `failed (lost)`, keeps their rejected rows, closes their branches; then drops closed
/// run branches older than `retention`. Called at the start of each run. Returns the ids of the runs that were lost.
Result<std::vector<std::string>> RecoverRuns(Lakehouse& lakehouse,
                                             std::chrono::seconds retention = std::chrono::hours(24 * 7));

/// Runs whose process is gone and that RecoverRuns would mark. Changes nothing.
Result<std::vector<std::string>> FindLostRuns(Lakehouse& lakehouse);

/// The run log of requirements row 26: one JSON object per stage, oldest first.
Result<std::vector<std::string>> ReadRunLog(Lakehouse& lakehouse, const std::string& run_id);

/// Makes the system tables leat.runs, leat.steps, leat.ledger, … for sessions (sql::SystemTableMaker).
std::vector<std::string> SystemTableNames();
Status MakeSystemTable(Lakehouse& lakehouse, sql::Connection& connection, const std::string& table,
                       const std::string& qualified_name);

}  // namespace leat::run
