#include "run/schedule.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>

namespace leat::run {
namespace {

TEST(Schedule, EachJobRunsOnceAfterItsNeeds) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Job> jobs(20);
    for (size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].memory_bytes = static_cast<int64_t>(random() % 40);
      for (size_t j = 0; j < i; ++j) {
        if (random() % 5 == 0) jobs[i].needs.push_back(j);
      }
    }
    std::mutex mutex;
    std::vector<int> ended(jobs.size(), 0);
    std::atomic<int64_t> used{0};
    std::atomic<int> at_once{0};
    std::atomic<bool> wrong{false};
    ScheduleOptions options;
    options.workers = 4;
    options.memory_bytes = 60;
    const auto states = RunJobs(jobs, options, [&](size_t job, bool alone) {
      if (alone) wrong = true;
      const int64_t now = used += jobs[job].memory_bytes;
      if (++at_once > 4 || (now > 60)) wrong = true;
      {
        std::lock_guard lock(mutex);
        for (const size_t need : jobs[job].needs) {
          if (ended[need] != 1) wrong = true;
        }
      }
      std::this_thread::yield();
      --at_once;
      used -= jobs[job].memory_bytes;
      std::lock_guard lock(mutex);
      ++ended[job];
      return JobEnd::kDone;
    });
    EXPECT_FALSE(wrong);
    EXPECT_EQ(ended, std::vector<int>(jobs.size(), 1));
    EXPECT_EQ(states, std::vector<JobState>(jobs.size(), JobState::kDone));
  }
}

TEST(Schedule, WhatNeedsAFailedJobDoesNotRunAndOthersDo) {
  const std::vector<Job> jobs = {{"a", {}, 0}, {"b", {0}, 0}, {"c", {1}, 0}, {"d", {}, 0}, {"e", {3}, 0}};
  ScheduleOptions options;
  options.workers = 3;
  const auto states =
      RunJobs(jobs, options, [](size_t job, bool) { return job == 0 ? JobEnd::kFailed : JobEnd::kDone; });
  EXPECT_EQ(states, (std::vector<JobState>{JobState::kFailed, JobState::kNotRun, JobState::kNotRun, JobState::kDone,
                                           JobState::kDone}));
}

TEST(Schedule, AJobOutOfMemoryRunsAgainAloneOnce) {
  const std::vector<Job> jobs(6);
  ScheduleOptions options;
  options.workers = 4;
  std::atomic<int> running{0};
  std::atomic<int> calls_of_two{0};
  std::atomic<bool> wrong{false};
  const auto states = RunJobs(jobs, options, [&](size_t job, bool alone) {
    const int now = ++running;
    if (alone && now != 1) wrong = true;
    if (alone && job != 2) wrong = true;
    std::this_thread::yield();
    if (alone && running != 1) wrong = true;
    --running;
    if (job == 2) {
      ++calls_of_two;
      return JobEnd::kAgainAlone;
    }
    return JobEnd::kDone;
  });
  EXPECT_FALSE(wrong);
  EXPECT_EQ(calls_of_two, 2);
  EXPECT_EQ(states[2], JobState::kFailed);
  EXPECT_EQ(states[5], JobState::kDone);
}

TEST(Schedule, AJobLargerThanTheMemoryRunsByItself) {
  const std::vector<Job> jobs = {{"small", {}, 5}, {"huge", {}, 500}, {"small", {}, 5}};
  ScheduleOptions options;
  options.workers = 3;
  options.memory_bytes = 100;
  std::atomic<int> running{0};
  std::atomic<bool> wrong{false};
  const auto states = RunJobs(jobs, options, [&](size_t job, bool) {
    const int now = ++running;
    if (job == 1 && now != 1) wrong = true;
    std::this_thread::yield();
    --running;
    return JobEnd::kDone;
  });
  EXPECT_FALSE(wrong);
  EXPECT_EQ(states, std::vector<JobState>(3, JobState::kDone));
}

TEST(Schedule, AfterCancellingNothingStarts) {
  std::vector<Job> jobs(10);
  for (size_t i = 1; i < jobs.size(); ++i) jobs[i].needs = {i - 1};
  CancelToken cancel;
  ScheduleOptions options;
  options.workers = 2;
  options.cancel = &cancel;
  const auto states = RunJobs(jobs, options, [&](size_t job, bool) {
    if (job == 3) cancel.Cancel();
    return job == 3 ? JobEnd::kFailed : JobEnd::kDone;
  });
  for (size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(states[i], i < 3 ? JobState::kDone : i == 3 ? JobState::kFailed : JobState::kNotRun) << i;
  }
}

}  // namespace
}  // namespace leat::run
