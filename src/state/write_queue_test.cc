#include "state/write_queue.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "test/support/temp_folder.h"

namespace leat::state {
namespace {

TEST(WriteQueue, LetsOneInAtATimeInOrder) {
  test::TempFolder folder;
  const std::string path = folder / "queue";
  std::atomic<int> inside{0}, most{0}, entered{0};
  const auto work = [&](WriteQueue& queue) {
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(queue.Enter().ok());
      most = std::max<int>(most, ++inside);
      ++entered;
      --inside;
      queue.Leave();
    }
  };
  // Two queues on one file are as two processes: locks belong to the open file description.
  auto first = WriteQueue::Open(path), second = WriteQueue::Open(path);
  ASSERT_TRUE(first.ok() && second.ok());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] { work(**first); });
      threads.emplace_back([&] { work(**second); });
    }
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(entered, 1200);
}

/// A child that stands in the queue: writes 'i' into a pipe when it is in, then waits to be killed or told to leave.
class Child {
 public:
  explicit Child(const std::string& path) {
    EXPECT_EQ(pipe(to_parent_.data()), 0);
    EXPECT_EQ(pipe(to_child_.data()), 0);
    pid_ = fork();
    if (pid_ != 0) return;
    auto queue = WriteQueue::Open(path);
    if (!queue.ok() || !(*queue)->Enter().ok()) _exit(1);
    if (write(to_parent_[1], "i", 1) != 1) _exit(1);
    char go;
    if (read(to_child_[0], &go, 1) != 1) _exit(1);
    (*queue)->Leave();
    _exit(0);
  }
  ~Child() {
    Kill();
    for (const int file : {to_parent_[0], to_parent_[1], to_child_[0], to_child_[1]}) close(file);
  }
  void WaitUntilIn() {
    char in = 0;
    EXPECT_EQ(read(to_parent_[0], &in, 1), 1);
  }
  void Leave() { EXPECT_EQ(write(to_child_[1], "g", 1), 1); }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  /// True once it sleeps without having said that it is in; false when it is in.
  bool WaitsInQueue() const {
    for (;;) {
      pollfd said = {to_parent_[0], POLLIN, 0};
      if (poll(&said, 1, 0) == 1) return false;
      FILE* file = fopen(("/proc/" + std::to_string(pid_) + "/stat").c_str(), "r");
      char text[256] = {};
      const size_t length = file == nullptr ? 0 : fread(text, 1, sizeof(text) - 1, file);
      if (file != nullptr) fclose(file);
      const std::string line(text, length);
      const size_t end = line.rfind(')');
      // Asleep, and still nothing said: it sleeps in the queue, for whoever is in speaks before sleeping.
      if (end != std::string::npos && line.compare(end + 2, 1, "S") == 0) return poll(&said, 1, 0) == 0;
      std::this_thread::yield();
    }
  }

 private:
  pid_t pid_ = 0;
  std::array<int, 2> to_parent_{};
  std::array<int, 2> to_child_{};
};

TEST(WriteQueue, KilledProcessesHoldNobodyUp) {
  test::TempFolder folder;
  const std::string path = folder / "queue";
  ASSERT_TRUE(WriteQueue::Open(path).ok());
  auto holder = std::make_unique<Child>(path);
  holder->WaitUntilIn();
  auto waiting = std::make_unique<Child>(path);
  ASSERT_TRUE(waiting->WaitsInQueue());
  auto last = std::make_unique<Child>(path);
  ASSERT_TRUE(last->WaitsInQueue());
  // One that only waits dies: the one behind it must still wait for the holder.
  waiting->Kill();
  EXPECT_TRUE(last->WaitsInQueue());
  // The holder dies: the last one is in.
  holder->Kill();
  last->WaitUntilIn();
  last->Leave();
  auto queue = WriteQueue::Open(path);
  ASSERT_TRUE(queue.ok());
  ASSERT_TRUE((*queue)->Enter().ok());
  (*queue)->Leave();
}

}  // namespace
}  // namespace leat::state
