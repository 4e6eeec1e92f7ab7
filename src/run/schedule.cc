#include "run/schedule.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace leat::run {
namespace {

enum class Phase { kWaiting, kRunning, kWaitingAlone, kDone, kFailed, kNotRun };

/// The shared state of the worker threads; everything below `mutex`.
class Board {
 public:
  Board(const std::vector<Job>& jobs, const ScheduleOptions& options, const RunJob& run)
      : jobs_(jobs), options_(options), run_(run), phases_(jobs.size(), Phase::kWaiting) {}

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const Pick pick = Next();
      if (pick.finished) return;
      if (!pick.found) {
        wake_.wait(lock);
        continue;
      }
      Start(pick);
      lock.unlock();
      const JobEnd end = run_(pick.job, pick.alone);
      lock.lock();
      End(pick, end);
      wake_.notify_all();
    }
  }

  void Wake() {
    std::lock_guard lock(mutex_);
    wake_.notify_all();
  }

  std::vector<JobState> States() const {
    std::vector<JobState> states;
    states.reserve(phases_.size());
    for (const Phase phase : phases_) {
      states.push_back(phase == Phase::kDone     ? JobState::kDone
                       : phase == Phase::kFailed ? JobState::kFailed
                                                 : JobState::kNotRun);
    }
    return states;
  }

 private:
  struct Pick {
    bool found = false;
    bool finished = false;
    size_t job = 0;
    bool alone = false;
  };

  bool Settled(size_t job) const {
    return phases_[job] == Phase::kDone || phases_[job] == Phase::kFailed || phases_[job] == Phase::kNotRun;
  }

  Pick Next() {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) {
      for (Phase& phase : phases_) {
        if (phase == Phase::kWaiting || phase == Phase::kWaitingAlone) phase = Phase::kNotRun;
      }
    }
    Pick pick;
    pick.finished = true;
    bool alone_waits = false;
    for (size_t job = 0; job < jobs_.size(); ++job) {
      if (phases_[job] == Phase::kWaiting && NeedFailed(job)) phases_[job] = Phase::kNotRun;
      if (!Settled(job)) pick.finished = false;
      if (phases_[job] == Phase::kWaitingAlone) alone_waits = true;
    }
    if (pick.finished) {
      wake_.notify_all();
      return pick;
    }
    for (size_t job = 0; job < jobs_.size() && !pick.found; ++job) {
      // Nothing starts beside a job that runs alone, and nothing new while one waits for the others to end.
      const bool may = phases_[job] == Phase::kWaitingAlone
                           ? running_ == 0
                           : !alone_waits && !alone_runs_ && phases_[job] == Phase::kWaiting && Ready(job) && Fits(job);
      if (may) pick = {true, false, job, phases_[job] == Phase::kWaitingAlone};
    }
    return pick;
  }

  bool NeedFailed(size_t job) const {
    return std::any_of(jobs_[job].needs.begin(), jobs_[job].needs.end(), [this](size_t need) {
      return phases_[need] == Phase::kFailed || phases_[need] == Phase::kNotRun;
    });
  }
  bool Ready(size_t job) const {
    return std::all_of(jobs_[job].needs.begin(), jobs_[job].needs.end(),
                       [this](size_t need) { return phases_[need] == Phase::kDone; });
  }
  bool Fits(size_t job) const {
    return options_.memory_bytes == 0 || running_ == 0 ||
           used_bytes_ + jobs_[job].memory_bytes <= options_.memory_bytes;
  }

  void Start(const Pick& pick) {
    phases_[pick.job] = Phase::kRunning;
    alone_runs_ = pick.alone;
    used_bytes_ += jobs_[pick.job].memory_bytes;
    ++running_;
  }

  void End(const Pick& pick, JobEnd end) {
    used_bytes_ -= jobs_[pick.job].memory_bytes;
    --running_;
    if (pick.alone) alone_runs_ = false;
    phases_[pick.job] = end == JobEnd::kDone                        ? Phase::kDone
                        : end == JobEnd::kAgainAlone && !pick.alone ? Phase::kWaitingAlone
                                                                    : Phase::kFailed;
  }

  const std::vector<Job>& jobs_;
  const ScheduleOptions& options_;
  const RunJob& run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Phase> phases_;
  int64_t used_bytes_ = 0;
  int running_ = 0;
  bool alone_runs_ = false;
};

}  // namespace

std::vector<JobState> RunJobs(const std::vector<Job>& jobs, const ScheduleOptions& options, const RunJob& run) {
  Board board(jobs, options, run);
  // Callbacks run on the thread that cancels, maybe a signal watcher: waking is all that is done there.
  int callback = -1;
  if (options.cancel != nullptr) callback = options.cancel->AddCallback([&board] { board.Wake(); });
  {
    const size_t workers =
        std::min<size_t>(static_cast<size_t>(std::max(options.workers, 1)), std::max<size_t>(jobs.size(), 1));
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < workers; ++i) threads.emplace_back([&board] { board.Work(); });
  }
  if (options.cancel != nullptr) options.cancel->RemoveCallback(callback);
  return board.States();
}

}  // namespace leat::run
