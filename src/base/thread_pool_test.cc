#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

namespace leat {
namespace {

TEST(ThreadPool, WaitReturnsWhenEverythingIsDone) {
  ThreadPool pool(4);
  for (int round = 0; round < 20; ++round) {
    int done = 0;  // not atomic on purpose: Wait must make the tasks' writes visible (each under the mutex below)
    std::mutex mutex;
    for (int i = 0; i < 50; ++i) {
      pool.Submit([&] {
        std::lock_guard lock(mutex);
        ++done;
      });
    }
    pool.Wait();
    EXPECT_EQ(done, 50);
  }
}

TEST(ThreadPool, SeveralThreadsSubmitAndTasksSubmitToo) {
  ThreadPool pool(3);
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          pool.Submit([&] {
            ++done;
            pool.Submit([&] { ++done; });
          });
        }
      });
    }
  }
  pool.Wait();
  EXPECT_EQ(done, 800);
}

TEST(ThreadPool, RunsAsManyTasksAtOnceAsItHasThreads) {
  ThreadPool pool(3);
  std::latch together(3);  // would never open with fewer threads
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 3; ++i) {
    pool.Submit([&] {
      together.arrive_and_wait();
      std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    });
  }
  pool.Wait();
  EXPECT_EQ(threads.size(), 3u);
}

TEST(ThreadPool, TheDestructorFinishesWhatWasSubmitted) {
  std::atomic<int> done{0};
  {
    ThreadPool pool(1);
    for (int i = 0; i < 100; ++i) pool.Submit([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace leat
