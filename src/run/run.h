#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "lake/catalog.h"
#include "lake/publish.h"
#include "project/project.h"
#include "sql/engine.h"
#include "state/store.h"

namespace leat::run {

/// The opened services that a run, a prompt or the server works on; built once by app/, destroyed in reverse.
struct Lakehouse {
  project::Settings settings;
  std::string root;  ///< project folder
  std::unique_ptr<io::FileSystem> files;
  std::unique_ptr<state::Store> store;
  std::unique_ptr<lake::Catalog> catalog;
  std::string extension_folder;

  /// Opens store, warehouse and catalogue of a project's settings (no DuckDB: `Engine()` opens that on first use).
  static Result<std::unique_ptr<Lakehouse>> Open(const std::string& root, const project::Settings& settings, bool create);
  Result<sql::Engine*> Engine(sql::InstanceKind kind);

 private:
  std::mutex engine_mutex_;
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<sql::Engine> user_engine_;
};

enum class StepAction { kLoad, kBuild, kView, kSkip };

/// One step of a plan: plain data, printable.
struct PlanStep {
  std::string asset;        ///< id
  lake::TableName table;
  StepAction action = StepAction::kBuild;
  std::string reason;       ///< "2 new files", "input raw_x.y changed (snapshot 12 -> 15)", "nothing new: 12 files unchanged"
  std::vector<std::string> needs;  ///< asset ids of this plan that come before
  std::map<lake::TableName, int64_t> inputs;  ///< snapshot ids known when planning (those that other steps will change: absent)
  std::string load_key;
  std::string bookmark;
  std::vector<component::InputFile> files;
  std::string fingerprint;
  std::optional<int64_t> estimated_rows;
};

struct Plan {
  std::vector<PlanStep> steps;  ///< in order
  lake::CommitId base = 0;      ///< commit of the target that was planned on
  std::string target = "main";
};

struct PlanOptions {
  std::vector<std::string> select;
  bool force = false;          ///< run steps that have nothing new
  std::string target = "main"; ///< or env/<name>
};

/// Works out what a run would do. Reads sources' listings and fingerprints, no data.
Result<Plan> MakePlan(Lakehouse& lakehouse, const project::Project& project, const PlanOptions& options);

enum class StepStatus { kPending, kRunning, kSuccess, kSkipped, kFailed, kBlocked, kUpstreamFailed, kAdopted };

/// What became of a step: one row of leat.steps and of leat.ledger.
struct StepResult {
  std::string asset;
  lake::TableName table;
  StepStatus status = StepStatus::kPending;
  std::string reason;          ///< of a skip; the first failed gate
  std::optional<Error> error;
  std::string kind = "load";   ///< load | handover
  int64_t rows_in = 0, rows_out = 0, rows_rejected = 0, rows_filtered = 0;
  int64_t rows_inserted = 0, rows_updated = 0, rows_deleted = 0;
  int64_t bytes_in = 0, bytes_out = 0;
  std::string watermark_before, watermark_after;
  int64_t snapshot_before = 0, snapshot_branch = 0, snapshot_after = 0;
  int checks_passed = 0, checks_failed = 0, checks_warned = 0;
  double seconds = 0;
  bool published = false;
};

struct RunResult {
  std::string run_id;
  std::string status;  ///< success | failed | partial | nothing
  std::string branch;
  std::optional<lake::CommitId> commit;
  std::vector<StepResult> steps;
  double seconds = 0;
};

/// What a terminal or a log wants to know while a run goes on. Called from worker threads, one call at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void RunStarted(const std::string& run_id, const Plan& plan) { (void)run_id; (void)plan; }
  virtual void StepStarted(const PlanStep& step) { (void)step; }
  virtual void StepProgress(const PlanStep& step, int64_t rows, double fraction) { (void)step; (void)rows; (void)fraction; }
  virtual void StepEnded(const PlanStep& step, const StepResult& result) { (void)step; (void)result; }
  virtual void RunEnded(const RunResult& result) { (void)result; }
};

struct RunOptions {
  PlanOptions plan;
  int workers = 0;                 ///< steps at once; 0: by memory and cores
  std::string retry_of;            ///< run id; "" none
  CancelToken* cancel = nullptr;
  Observer* observer = nullptr;
};

/// The way of a run (design.md section 6): plan, branch run/<id>, steps with gates, publish, ledger. The error is for what
/// prevents a run from starting; what fails inside is in the result.
Result<RunResult> Run(Lakehouse& lakehouse, const project::Project& project, const RunOptions& options);

/// Makes the system tables leat.runs, leat.steps, leat.ledger, … for sessions (sql::SystemTableMaker).
std::vector<std::string> SystemTableNames();
Status MakeSystemTable(Lakehouse& lakehouse, sql::Connection& connection, const std::string& table, const std::string& qualified_name);

}  // namespace leat::run
