#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "run/folder_lock.h"
#include "run/groups.h"
#include "run/history.h"
#include "run/ledger.h"
#include "run/schedule.h"
#include "state/lease.h"

namespace leat::run {

/// One run while it goes on: walks a plan on a branch, publishes the groups that are good, plans the others again when the
/// target moved. Used by Run only; one thread calls Go, its steps run on worker threads.
class Walk {
 public:
  Walk(Lakehouse& lakehouse, const project::Project& project, const RunOptions& options);
  Result<RunResult> Go();

 private:
  // execute.cc: steps on the branch.
  Status Start(const Plan& plan);
  Status OpenBranch(const Plan& plan, int attempt);
  void RunSteps(const Plan& plan);
  JobEnd RunStep(const PlanStep& step, bool alone);
  /// Fills the record's outcome; the error is the step's.
  Status TryStep(const PlanStep& step, bool alone, StepRecord& record);
  Status CallStep(const PlanStep& step, bool alone, StepRecord& record);
  /// What files' names say, by the patterns of their tables.
  PeriodOfFile Periods() const;
  Result<std::vector<LoadedFile>> HashFiles(const std::vector<component::InputFile>& files) const;
  void Judge(StepRecord& record) const;
  void Settle(StepRecord record);
  int64_t Budget(const PlanStep& step) const;
  void Tell(const std::function<void(Observer&)>& what);

  // walk_folders.cc: folders of input files.
  /// Takes the lock of the table's folder, if it has one, until CleanUpFolders. False: it has none. RUN-550 kConflict.
  Result<bool> LockFolder(const project::Asset& asset);
  /// Moves and deletes what was loaded, as tables say it, and gives the locks back. What went wrong is in the steps' reasons.
  void CleanUpFolders();

  // publish_groups.cc: what becomes visible.
  /// Publishes every good group of the current plan; the assets of groups that must be planned again.
  Result<std::set<std::string>> PublishGood(const Plan& plan);
  Result<std::set<std::string>> PublishOnce(const std::vector<StepRecord*>& records, lake::PublishResult& published);
  /// RUN-204: another run took a write lease after WaitForWriters looked.
  Result<std::set<std::string>> PublishNow(const std::vector<StepRecord*>& records, lake::PublishResult& published);
  Status WaitForWriters(const std::vector<StepRecord*>& records);
  /// Takes `name` as soon as its holder gives it back: a holder that died loses it by itself.
  Result<std::unique_ptr<state::Lease>> TakeTurn(const std::string& name, const std::string& purpose);
  Status TakeWriteLeases(const Plan& plan);
  void HoldBack(const PublishGroup& group, const std::vector<GroupMember>& members);
  void FailGroup(const std::vector<StepRecord*>& records, const Error& error);

  // execute.cc: the end.
  Result<RunResult> NothingToDo(const Plan& plan);
  Status Finish(const Status& walked);
  void CollectSteps();
  void CountRequests();
  void Sum(const std::string& error_text);

  Lakehouse& lakehouse_;
  const project::Project& project_;
  const RunOptions& options_;
  CancelToken own_cancel_;
  CancelToken* const cancel_;
  StepFunction step_function_;
  RunResult result_;
  TimeMicros started_at_ = 0;
  std::optional<io::s3::RequestCounts::Totals> requests_before_;
  int64_t memory_bytes_ = 0;
  int workers_ = 1;
  std::unique_ptr<state::Lease> lease_;
  std::vector<std::unique_ptr<state::Lease>> write_leases_;
  std::string replan_reason_;  ///< of the newest publish that was refused
  std::optional<PastRun> adopt_from_;
  std::string retry_of_;
  std::string branch_;
  std::vector<std::string> branches_;
  std::vector<PlanStep> planned_;  ///< of the first plan, in order: the order of the result
  std::mutex mutex_;               ///< of records_
  std::map<std::string, StepRecord> records_;
  std::map<std::string, std::shared_ptr<StepOutcome>> written_;  ///< StepContext::written of steps that are tried again
  std::mutex observer_mutex_;
  std::mutex folders_mutex_;
  std::map<std::string, std::unique_ptr<FolderLock>> folder_locks_;  ///< by path
};

}  // namespace leat::run
