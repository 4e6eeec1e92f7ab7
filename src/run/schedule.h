#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/cancel.h"

namespace leat::run {

/// One thing to do: after the jobs `needs` (indexes), with a memory budget.
struct Job {
  std::string name;
  std::vector<size_t> needs;
  int64_t memory_bytes = 0;
};

enum class JobEnd {
  kDone,
  kFailed,      ///< jobs that need it do not run
  kAgainAlone,  ///< call it once more while nothing else runs (it ran out of memory)
};

enum class JobState { kNotRun, kDone, kFailed };

struct ScheduleOptions {
  int workers = 1;
  int64_t memory_bytes = 0;       ///< sum of the budgets of jobs that run at once; 0: no bound
  CancelToken* cancel = nullptr;  ///< once cancelled no further job starts
};

/// Called from worker threads, once per job, or twice when the first call said kAgainAlone (then `alone` is true and a second
/// kAgainAlone counts as kFailed). Must not throw.
using RunJob = std::function<JobEnd(size_t job, bool alone)>;

/// Runs all jobs, as many at once as workers and memory allow, earlier ones first, each after its needs. A job larger than
/// the whole memory runs when nothing else does. Blocks until all that can run has ended; a job whose need did not end well
/// stays kNotRun.
std::vector<JobState> RunJobs(const std::vector<Job>& jobs, const ScheduleOptions& options, const RunJob& run);

}  // namespace leat::run
