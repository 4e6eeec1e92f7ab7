#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "run/run.h"
#include "run/schema_note.h"
#include "sql/session.h"

namespace leat::run {

/// What one configured check found, at one time: a row of leat.check_results.
struct CheckResult {
  std::string check_id;
  std::string when;     ///< "write" (while writing) | "branch" (again on the branch)
  std::string on_fail;  ///< warn | quarantine | block
  std::string status;   ///< pass | warn | quarantined | fail | error
  int64_t failures = 0;
  int64_t total = 0;
  std::string observed;
  std::string message;
};

/// Whether nothing may be published with this result: a failure, or a check that could not be asked, unless it only warns.
bool Blocks(const CheckResult& check);

/// A row that was kept out of a table, on its way to <namespace>.<table>__rejected.
struct RejectedRow {
  std::string reason_code;  ///< "csv.too_many_columns", "cast", "check:<id>"
  std::string message;
  std::string column;
  std::string origin;   ///< "flights_01.csv:17", "planes rowid 12"
  std::string payload;  ///< the row as JSON (raw text where it could not be read)
};

/// One input file that this step took in, as read (a member of an archive has the origin "a.zip!member.csv"). The executor
/// writes one row of leat.files per *listed* file (PlanStep::files) with the publish: rows and archived_as are summed
/// and taken from the entries with the listed file's origin or "<origin>!…".
struct LoadedFile {
  component::InputFile file;
  int64_t rows = 0;
  std::string archived_as;
};

struct StepOutcome;
class RejectFile;

struct NamedCount {
  std::string name;
  int64_t rows = 0;
};

/// What a step is given. The executor's only entry is "run this step on this branch with these inputs and this bookmark".
struct StepContext {
  Lakehouse& lakehouse;
  const project::Project& project;
  const project::Asset& asset;
  const PlanStep& step;
  std::string run_id;
  std::string branch;
  int attempt = 1;
  bool careful = false;      ///< second try after running out of memory, alone: Lakehouse::BeCareful
  int64_t memory_bytes = 0;  ///< budget
  CancelToken* cancel = nullptr;
  std::function<void(int64_t rows, double fraction)> progress;
  std::function<void(const std::string& text)> waiting;  ///< BudgetUser::waiting
  /// What a first try had committed on the branch when its gates ran out of memory: the second try asks the gates only.
  /// Filled and emptied by DoStep; the executor keeps it from one try to the next.
  std::shared_ptr<StepOutcome> written;
};

/// What a step did on its branch. The change is committed on the branch when this is returned; nothing is on main.
struct StepOutcome {
  StepResult result;
  lake::PublishItem item;
  bool changed = false;  ///< false: nothing was written (equal content, empty append with equal bookmark)
  std::vector<CheckResult> checks;
  std::shared_ptr<RejectFile> rejected;  ///< null: none
  std::vector<LoadedFile> files;
  std::vector<NamedCount> filters;
  std::vector<sql::TableRead> inputs;
  std::vector<sql::ColumnOrigin> lineage;
  SchemaToRegister schema;       ///< of a load: written with the publish
  std::vector<DriftNote> drift;  ///< of a load: what is news
};

/// Source table -> raw table. load.cc.
Result<StepOutcome> ExecuteLoad(StepContext& context);
/// SELECT -> table or view (structured copies and models). model.cc. A structured copy's SELECT is
/// project::StructuredSelect over the raw table's columns on the branch (project/structured.h), a model's is asset.sql.
Result<StepOutcome> ExecuteModel(StepContext& context);

/// The executor's step: ExecuteLoad or ExecuteModel, then CheckOnBranch when the step's table exists; its results are added
/// to the outcome's. A check with status "fail" blocks the step. do_step.cc.
Result<StepOutcome> DoStep(StepContext& context);

/// Opens the source of a source table, with paths relative to the project and a spool folder of its own. The name that it is
/// given is the part of the asset's id after "source.<source>.". `user`: who takes of the connection's budget.
/// open_source.cc.
Result<std::unique_ptr<component::Source>> OpenSource(Lakehouse& lakehouse, const project::Project& project,
                                                      const project::Asset& asset, const std::string& spool_name,
                                                      CancelToken* cancel, BudgetUser user = {});

/// Opens the source of a table that a connection has, whether the project loads it or not. open_source.cc.
Result<std::unique_ptr<component::Source>> OpenListed(Lakehouse& lakehouse, const project::Project& project,
                                                      const project::Connection& connection,
                                                      const component::ListedTable& table, CancelToken* cancel,
                                                      BudgetUser user);

/// What a connection can read. RUN-552 where its source cannot tell. open_source.cc.
Result<std::vector<component::ListedTable>> ListTables(Lakehouse& lakehouse, const project::Project& project,
                                                       const project::Connection& connection, CancelToken* cancel);

/// Runs every check of the asset again on the branch (after writing). A blocking failure is in the results, not an error.
/// gates.cc.
Result<std::vector<CheckResult>> CheckOnBranch(StepContext& context);

}  // namespace leat::run
