#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/fault.h"
#include "base/ids.h"
#include "base/log.h"
#include "component/dated_files.h"
#include "component/file_listing.h"
#include "io/hash.h"
#include "run/adopt.h"
#include "run/fetched_step.h"
#include "run/folder_state.h"
#include "run/inputs.h"
#include "run/owner.h"
#include "run/plan.h"
#include "run/reject_file.h"
#include "run/rejected.h"
#include "run/rejected_retention.h"
#include "run/run_log.h"
#include "run/walk.h"

namespace leat::run {
namespace {

constexpr int64_t kSmallestBudget = 128LL << 20;
constexpr int kMostReplans = 3;
constexpr int kMostReplansAlone = 8;

int64_t MachineMemory() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGE_SIZE));
}

std::string OptionsJson(const RunOptions& options) {
  return nlohmann::json{{"select", options.plan.select}, {"force", options.plan.force}, {"workers", options.workers}}
      .dump();
}

/// The engine as a step's second try needs it, for as long as this lives.
class CarefulEngine {
 public:
  CarefulEngine(Lakehouse& lakehouse, bool careful) : lakehouse_(lakehouse), careful_(careful) {
    if (careful_) lakehouse_.BeCareful(true);
  }
  ~CarefulEngine() {
    if (careful_) lakehouse_.BeCareful(false);
  }
  CarefulEngine(const CarefulEngine&) = delete;
  CarefulEngine& operator=(const CarefulEngine&) = delete;

 private:
  Lakehouse& lakehouse_;
  const bool careful_;
};

}  // namespace

Walk::Walk(Lakehouse& lakehouse, const project::Project& project, const RunOptions& options)
    : lakehouse_(lakehouse),
      project_(project),
      options_(options),
      cancel_(options.cancel != nullptr ? options.cancel : &own_cancel_),
      step_function_(options.step ? options.step : StepFunction(DoStep)) {
  memory_bytes_ =
      project.settings.memory_limit_bytes > 0 ? project.settings.memory_limit_bytes : MachineMemory() / 10 * 6;
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  workers_ = options.workers > 0 ? options.workers : std::clamp(cores, 1, 8);
}

Result<RunResult> Walk::Go() {
  started_at_ = SystemClock().Now();
  requests_before_ = lakehouse_.StoreRequests();
  result_.run_id = NewUuidV7();
  const LogScope log(result_.run_id);
  LEAT_TRY(RecoverRuns(lakehouse_));
  LEAT_ASSIGN(Plan plan, MakePlan(lakehouse_, project_, options_.plan));
  Tell([&](Observer& observer) { observer.RunStarted(result_.run_id, plan); });
  planned_ = plan.steps;
  if (!options_.retry_of.empty() || !options_.plan.force) {
    LEAT_ASSIGN(adopt_from_, RunToAdoptFrom(lakehouse_, options_.retry_of, plan.target));
  }
  retry_of_ = options_.retry_of;
  if (std::all_of(plan.steps.begin(), plan.steps.end(),
                  [](const PlanStep& s) { return s.action == StepAction::kSkip; })) {
    return NothingToDo(plan);
  }
  LEAT_TRY(Start(plan));
  Status walked = [&]() -> Status {
    for (int attempt = 0;; ++attempt) {
      LEAT_TRY(OpenBranch(plan, attempt));
      if (attempt == 0) LEAT_FAULT_POINT("run.opened");
      RunSteps(plan);
      LEAT_TRY(cancel_->Check());
      LEAT_FAULT_POINT("run.steps.done");
      LEAT_ASSIGN(const std::set<std::string> again, PublishGood(plan));
      if (again.empty()) return Ok();
      if (attempt >= kMostReplans + kMostReplansAlone) {
        return MakeError("RUN-202", ErrorKind::kConflict,
                         "{} was changed by others each time this run wanted to publish: {}", *again.begin(),
                         replan_reason_)
            .WithHint("run again when the other runs have ended; what was done is kept and taken over")
            .WithRetry(Retry::kSafe);
      }
      ++result_.replans;
      Log(LogLevel::kInfo, "planned_again", {{"asset", *again.begin()}, {"reason", replan_reason_}});
      LEAT_FAULT_POINT("run.replan");
      adopt_from_ = PastRun{result_.run_id, branch_, plan.target};
      // From here on other runs that write these tables wait. Who is not asked (another engine) may still come between.
      if (attempt == kMostReplans) LEAT_TRY(TakeWriteLeases(plan));
      LEAT_ASSIGN(plan, MakePlanOf(lakehouse_, project_, again, options_.plan, cancel_));
      for (const PlanStep& step : plan.steps) {
        if (step.action != StepAction::kSkip) continue;
        StepRecord record;
        record.step = step;
        record.started_at = record.ended_at = SystemClock().Now();
        record.outcome.result.status = StepStatus::kSkipped;
        record.outcome.result.reason = step.reason;
        Settle(std::move(record));
      }
    }
  }();
  LEAT_TRY(Finish(walked));
  return std::move(result_);
}

Status Walk::Start(const Plan& plan) {
  LEAT_ASSIGN(lease_, state::Lease::Take(*lakehouse_.store, "run:" + result_.run_id, ProcessOwner(),
                                         "run of " + project_.settings.name, std::chrono::milliseconds(0)));
  branch_ = "run/" + result_.run_id;
  RunRow row;
  row.run_id = result_.run_id;
  row.pipeline_name = project_.settings.name;
  row.status = "running";
  row.retry_of = retry_of_;
  row.branch = branch_;
  row.target = plan.target;
  row.project_hash = project_.files_hash;
  row.options = OptionsJson(options_);
  row.started_at = started_at_;
  const PeriodOfFile periods = Periods();
  return lakehouse_.store->Write([&](state::Transaction& tx) { return WriteRunStart(tx, row, plan, periods); });
}

Status Walk::OpenBranch(const Plan& plan, int attempt) {
  branch_ = "run/" + result_.run_id + (attempt == 0 ? "" : fmt::format("-{}", attempt + 1));
  lake::View base;
  base.ref = plan.target;
  base.commit = plan.base;
  LEAT_TRY(lakehouse_.catalog->CreateBranch(branch_, lake::RefKind::kRun, base));
  branches_.push_back(branch_);
  result_.branch = branch_;
  return Ok();
}

int64_t Walk::Budget(const PlanStep& step) const {
  int64_t bytes = 0;
  for (const component::InputFile& file : step.files) bytes += 2 * file.size_bytes;
  // 64 bytes a row is what a narrow fact table takes in DuckDB's vectors; joins and sorts keep about twice that.
  if (step.estimated_rows) bytes += *step.estimated_rows * 128;
  if (bytes == 0 && step.action == StepAction::kLoad) bytes = memory_bytes_ / workers_;
  return std::clamp(bytes, std::min(kSmallestBudget, memory_bytes_), memory_bytes_);
}

void Walk::Tell(const std::function<void(Observer&)>& what) {
  if (options_.observer == nullptr) return;
  std::lock_guard lock(observer_mutex_);
  what(*options_.observer);
}

void Walk::RunSteps(const Plan& plan) {
  std::vector<const PlanStep*> steps;
  std::map<std::string, size_t> index;
  for (const PlanStep& step : plan.steps) {
    if (step.action == StepAction::kSkip) continue;
    index.emplace(step.asset, steps.size());
    steps.push_back(&step);
  }
  std::vector<Job> jobs;
  for (const PlanStep* step : steps) {
    Job& job = jobs.emplace_back();
    job.name = step->asset;
    job.memory_bytes = Budget(*step);
    for (const std::string& need : step->needs) {
      if (const auto found = index.find(need); found != index.end()) job.needs.push_back(found->second);
    }
  }
  ScheduleOptions schedule{workers_, memory_bytes_, cancel_};
  const std::vector<JobState> states =
      RunJobs(jobs, schedule, [&](size_t job, bool alone) { return RunStep(*steps[job], alone); });
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (states[i] != JobState::kNotRun) continue;
    StepRecord record;
    record.step = *steps[i];
    record.started_at = record.ended_at = SystemClock().Now();
    record.outcome.result.status = cancel_->cancelled() ? StepStatus::kFailed : StepStatus::kUpstreamFailed;
    record.outcome.result.reason = cancel_->cancelled() ? "the run was stopped before this step" : "";
    for (const size_t need : jobs[i].needs) {
      if (record.outcome.result.reason.empty() && states[need] != JobState::kDone) {
        record.outcome.result.reason = jobs[need].name + " did not end well";
      }
    }
    Settle(std::move(record));
  }
}

JobEnd Walk::RunStep(const PlanStep& step, bool alone) {
  const LogScope log(result_.run_id);
  Tell([&](Observer& observer) { observer.StepStarted(step); });
  StepRecord record;
  record.step = step;
  record.attempt = alone ? 2 : 1;
  record.started_at = SystemClock().Now();
  Status status;
  try {
    status = TryStep(step, alone, record);
  } catch (const std::exception& e) {
    status = MakeError("RUN-999", ErrorKind::kInternal, "step {} ended with an exception: {}", step.asset, e.what())
                 .WithHint("this is a bug: please report it");
  }
  record.ended_at = SystemClock().Now();
  StepResult& result = record.outcome.result;
  result.attempt = record.attempt;
  if (!status.ok()) {
    if (!alone && status.error().code() == "SQL-301" && !cancel_->cancelled()) {
      Log(LogLevel::kWarn, "step_out_of_memory",
          {{"asset", step.asset}, {"error", status.error().message()}, {"next", "tried once more, alone"}});
      return JobEnd::kAgainAlone;
    }
    result.status = StepStatus::kFailed;
    result.reason = status.error().message();
    result.error = status.error();
  }
  const bool good = result.status == StepStatus::kSuccess || result.status == StepStatus::kAdopted ||
                    result.status == StepStatus::kSkipped;
  Settle(std::move(record));
  return good ? JobEnd::kDone : JobEnd::kFailed;
}

void Walk::Settle(StepRecord record) {
  StepResult& result = record.outcome.result;
  result.asset = record.step.asset;
  result.table = record.step.table;
  if (result.kind.empty() || record.step.action != StepAction::kLoad) {
    result.kind = record.step.load_key.empty() ? "handover" : "load";
  }
  result.seconds = static_cast<double>(record.ended_at - record.started_at) / 1e6;
  const Status written =
      lakehouse_.store->Write([&](state::Transaction& tx) { return WriteStepEnd(tx, result_.run_id, record); });
  if (!written.ok() && result.status != StepStatus::kFailed) {
    result.status = StepStatus::kFailed;
    result.reason = written.error().message();
    result.error = written.error();
  }
  Tell([&](Observer& observer) { observer.StepEnded(record.step, result); });
  std::lock_guard lock(mutex_);
  records_.insert_or_assign(record.step.asset, std::move(record));
}

Status Walk::TryStep(const PlanStep& step, bool alone, StepRecord& record) {
  const project::Asset* asset = project_.Find(step.asset);
  if (asset == nullptr)
    return MakeError("RUN-106", ErrorKind::kInternal, "the plan names {}, which is no asset", step.asset);
  if (step.problem) return *step.problem;
  LEAT_TRY(cancel_->Check());
  LEAT_FAULT_POINT("run.step.begun");
  LEAT_ASSIGN(const lake::View view, lakehouse_.catalog->Resolve(branch_));
  if (const auto planned = Fingerprint::Parse(step.fingerprint)) record.fingerprint = *planned;
  LEAT_ASSIGN(record.fingerprint.inputs, InputSnapshots(*lakehouse_.catalog, view, InputTables(project_, *asset)));

  StepResult& result = record.outcome.result;
  if (step.wait_for_inputs && record.fingerprint.ToText() == step.last_fingerprint) {
    result.status = StepStatus::kSkipped;
    result.reason = "its inputs did not change after all";
    record.step.action = StepAction::kSkip;
    return Ok();
  }
  // Of a table that two steps write, no pointer belongs to one of them alone.
  const bool shared = asset->mode == "delete" ||
                      std::any_of(project_.assets.begin(), project_.assets.end(), [&](const project::Asset& other) {
                        return other.mode == "delete" && other.into == asset->id;
                      });
  // A source that cannot say whether it changed is read again.
  const bool can_read_less = step.action != StepAction::kLoad || !step.files.empty() ||
                             !record.fingerprint.source.empty() || asset->bookmarked();
  const bool stopped = step.folder != nullptr && step.folder->stops();
  if (adopt_from_ && can_read_less && !shared && !stopped) {
    LEAT_ASSIGN(const bool adopted, AdoptStep(lakehouse_, *adopt_from_, result_.run_id, branch_, record));
    if (adopted) {
      result.status = StepStatus::kAdopted;
      result.reason = adopt_from_->run_id == result_.run_id ? "unchanged since this run did it"
                                                            : "taken over from run " + adopt_from_->run_id;
      std::lock_guard lock(mutex_);
      if (retry_of_.empty() && adopt_from_->run_id != result_.run_id) retry_of_ = adopt_from_->run_id;
      return Ok();
    }
  }
  if (!step.files.empty()) LEAT_TRY(LockFolder(*asset));
  const auto waiting = [&](const std::string& text) {
    Tell([&](Observer& observer) { observer.StepWaits(step, text); });
  };
  LEAT_ASSIGN(const FetchedStep fetched,
              FetchedStep::Of(lakehouse_, project_, step, cancel_, BudgetUser{result_.run_id, asset->id, waiting}));
  LEAT_TRY(CallStep(fetched.step(), alone, record));
  LEAT_FAULT_POINT("run.step.done");
  if (record.outcome.rejected != nullptr) {
    LEAT_TRY(record.outcome.rejected->Keep());
    record.outcome.rejected.reset();
  } else {
    LEAT_TRY(lakehouse_.files->Remove(RejectFile::PathOf(lakehouse_, result_.run_id, step.asset)));
  }
  LEAT_FAULT_POINT("run.step.kept");
  return Ok();
}

Status Walk::CallStep(const PlanStep& step, bool alone, StepRecord& record) {
  const project::Asset& asset = *project_.Find(step.asset);
  StepContext context{lakehouse_, project_, asset, step, result_.run_id, branch_, record.attempt, alone, Budget(step),
                      cancel_,    {},       {},    {}};
  context.progress = [&](int64_t rows, double fraction) {
    Tell([&](Observer& observer) { observer.StepProgress(step, rows, fraction); });
  };
  context.waiting = [&](const std::string& text) { Tell([&](Observer& observer) { observer.StepWaits(step, text); }); };
  if (alone) {
    context.memory_bytes = memory_bytes_;
    std::lock_guard lock(mutex_);
    context.written = std::exchange(written_[step.asset], nullptr);
  }
  // Content hashes for the file ledger, beside the reading: the pages are warm then, and a changed mtime later costs no
  // second load.
  auto hashes = std::async(step.files.empty() ? std::launch::deferred : std::launch::async,
                           [&] { return HashFiles(step.files); });
  Result<StepOutcome> outcome = [&] {
    const CarefulEngine careful(lakehouse_, alone);
    return step_function_(context);
  }();
  Result<std::vector<LoadedFile>> listed = hashes.get();
  if (!outcome.ok()) {
    std::lock_guard lock(mutex_);
    written_[step.asset] = std::move(context.written);
    return std::move(outcome).error();
  }
  record.outcome = std::move(outcome).value();
  if (!listed.ok()) return std::move(listed).error();
  // What was read and what was hashed is one and the same only if nobody wrote to it meanwhile.
  for (const component::InputFile& file : step.files) LEAT_TRY(component::CheckUnchanged(file));
  record.listed = std::move(listed).value();
  for (LoadedFile& file : record.listed) {
    for (const LoadedFile& read : record.outcome.files) {
      if (read.file.origin != file.file.origin && !read.file.origin.starts_with(file.file.origin + "!")) continue;
      file.rows += read.rows;
      if (file.archived_as.empty()) file.archived_as = read.archived_as;
    }
  }
  lake::PublishItem& item = record.outcome.item;
  item.table = step.table;
  item.step = step.asset;
  if (item.load_key.empty()) item.load_key = step.load_key;
  if (item.reads.empty()) {
    for (const sql::TableRead& read : record.outcome.inputs) item.reads[read.table] = read.snapshot_id;
  }
  Judge(record);
  return Ok();
}

PeriodOfFile Walk::Periods() const {
  auto patterns = std::make_shared<std::map<std::string, component::DatedFiles>>();
  for (const project::Asset& asset : project_.assets) {
    if (asset.source == nullptr || !asset.source->source.files) continue;
    Result<component::DatedFiles> dated =
        component::DatedFiles::Make(asset.connection_values, asset.table_values, project_.root);
    if (dated.ok() && dated->has_dates()) patterns->emplace(asset.id, std::move(dated).value());
  }
  return [patterns](const std::string& asset, const std::string& origin) -> std::optional<TimeMicros> {
    const auto known = patterns->find(asset);
    return known == patterns->end() ? std::nullopt : known->second.PeriodOf(origin);
  };
}

Result<std::vector<LoadedFile>> Walk::HashFiles(const std::vector<component::InputFile>& files) const {
  std::vector<LoadedFile> listed;
  for (const component::InputFile& file : files) {
    LEAT_TRY(cancel_->Check());
    LoadedFile& loaded = listed.emplace_back();
    loaded.file = file;
    if (loaded.file.content_hash.empty()) {
      LEAT_ASSIGN(loaded.file.content_hash, io::HashFile(io::LocalPath(file.path)));
    }
  }
  return listed;
}

void Walk::Judge(StepRecord& record) const {
  StepResult& result = record.outcome.result;
  // A check may have looked twice (while writing and on the branch): its worst result counts once.
  std::map<std::string, int> worst;
  const CheckResult* blocking = nullptr;
  for (const CheckResult& check : record.outcome.checks) {
    const int rank = check.status == "pass" ? 0 : Blocks(check) ? 2 : 1;
    int& known = worst[check.check_id];
    known = std::max(known, rank);
    if (rank == 2 && blocking == nullptr) blocking = &check;
  }
  result.checks_passed = result.checks_warned = result.checks_failed = 0;
  for (const auto& [id, rank] : worst)
    ++(rank == 0 ? result.checks_passed : rank == 1 ? result.checks_warned : result.checks_failed);
  if (blocking != nullptr || result.status == StepStatus::kBlocked) {
    result.status = StepStatus::kBlocked;
    if (blocking != nullptr) result.reason = blocking->message.empty() ? blocking->check_id : blocking->message;
  } else if (result.status != StepStatus::kFailed) {
    result.status = StepStatus::kSuccess;
    if (result.reason.empty()) result.reason = record.step.reason;
  }
}

Result<RunResult> Walk::NothingToDo(const Plan& plan) {
  result_.status = "nothing";
  for (const PlanStep& step : plan.steps) {
    StepResult& result = result_.steps.emplace_back();
    result.asset = step.asset;
    result.table = step.table;
    result.kind = step.load_key.empty() ? "handover" : "load";
    result.status = StepStatus::kSkipped;
    result.reason = step.reason;
  }
  planned_ = plan.steps;
  CleanUpFolders();
  const TimeMicros now = SystemClock().Now();
  result_.seconds = static_cast<double>(now - started_at_) / 1e6;
  CountRequests();
  RunRow row{result_.run_id,      project_.settings.name, "nothing",   retry_of_, "", plan.target,
             project_.files_hash, OptionsJson(options_),  started_at_, now};
  const RunEnd end{"nothing", "",  retry_of_,
                   "",        now, RunLogEntries(project_.settings.name, result_, started_at_, now, "")};
  const PeriodOfFile periods = Periods();
  LEAT_TRY(lakehouse_.store->Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(WriteRunStart(tx, row, plan, periods));
    return WriteRunEnd(tx, result_.run_id, end);
  }));
  Tell([&](Observer& observer) { observer.RunEnded(result_); });
  return std::move(result_);
}

void Walk::CollectSteps() {
  result_.steps.clear();
  for (const PlanStep& step : planned_) {
    const auto found = records_.find(step.asset);
    if (found != records_.end()) {
      result_.steps.push_back(found->second.outcome.result);
      continue;
    }
    StepResult& result = result_.steps.emplace_back();
    result.asset = step.asset;
    result.table = step.table;
    result.kind = step.load_key.empty() ? "handover" : "load";
    result.status = step.action == StepAction::kSkip ? StepStatus::kSkipped : StepStatus::kPending;
    result.reason = step.reason;
  }
}

void Walk::CountRequests() {
  const auto now = lakehouse_.StoreRequests();
  if (requests_before_ && now) result_.requests = now->Since(*requests_before_);
}

void Walk::Sum(const std::string& error_text) {
  int bad = 0;
  int visible = 0;
  for (const StepResult& step : result_.steps) {
    const bool done = step.status == StepStatus::kSuccess || step.status == StepStatus::kAdopted;
    if (step.published) ++visible;
    if (step.status != StepStatus::kSkipped && !(done && step.published)) ++bad;
  }
  result_.status = bad == 0 && error_text.empty() ? "success" : visible > 0 ? "partial" : "failed";
}

Status Walk::Finish(const Status& walked) {
  CollectSteps();
  CleanUpFolders();
  result_.cancelled = cancel_->cancelled();
  const std::string error = walked.ok() ? "" : walked.error().code() + ": " + walked.error().message();
  Sum(error);
  // Rejected rows are evidence: kept whatever the outcome. When even that fails they stay in their files until a later run.
  const Result<int64_t> rejected = CommitRejected(lakehouse_, result_.run_id, branch_);
  if (!rejected.ok()) Log(LogLevel::kWarn, "rejected_rows_kept_back", {{"error", rejected.error().ToString()}});
  const Result<int64_t> dropped = DropOldRejected(lakehouse_, project_.settings.rejected_retention);
  if (!dropped.ok()) Log(LogLevel::kWarn, "rejected_rows_not_dropped", {{"error", dropped.error().ToString()}});
  const TimeMicros now = SystemClock().Now();
  result_.seconds = static_cast<double>(now - started_at_) / 1e6;
  CountRequests();
  result_.costs = lakehouse_.budgets->TakeCosts(result_.run_id);
  RunEnd end{result_.status, error, retry_of_,
             branch_,        now,   RunLogEntries(project_.settings.name, result_, started_at_, now, error)};
  LEAT_FAULT_POINT("run.ending");
  LEAT_TRY(lakehouse_.store->Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(WriteCosts(tx, result_.run_id, result_.costs));
    return WriteRunEnd(tx, result_.run_id, end);
  }));
  LEAT_FAULT_POINT("run.ended");
  for (const std::string& branch : branches_) {
    const Status closed = lakehouse_.catalog->CloseBranch(branch);
    if (!closed.ok())
      Log(LogLevel::kWarn, "branch_not_closed", {{"branch", branch}, {"error", closed.error().ToString()}});
  }
  write_leases_.clear();
  LEAT_TRY(lease_->Release());
  Tell([&](Observer& observer) { observer.RunEnded(result_); });
  // What the walk itself could not do, beyond what steps report: the caller sees it as the run's error.
  if (!walked.ok() && !result_.cancelled) result_.error = walked.error();
  return Ok();
}

Result<RunResult> Run(Lakehouse& lakehouse, const project::Project& project, const RunOptions& options) {
  return Walk(lakehouse, project, options).Go();
}

}  // namespace leat::run
