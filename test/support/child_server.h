#pragma once

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "base/retry.h"
#include "test/support/source_tree.h"

namespace leat::test {

/// A server of this test program: a script of test/support that gets a folder to make, writes the server's address into
/// FOLDER/url and is the server until it is stopped. Stopped with the program, also when that is killed (by the script).
class ChildServer {
 public:
  /// `answers` says whether the server at an address is ready; `stop` is the signal that ends it.
  ChildServer(const std::string& name, int stop, const std::function<bool(const std::string&)>& answers)
      : folder_("/tmp/leat-" + name + "-" + std::to_string(getpid())), stop_(stop) {
    answers_ = answers;
    script_ = SourcePath("test/support/" + name + ".sh");
    Start();
  }
  ~ChildServer() {
    kill(pid_, stop_);
    waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  /// Ends the server by `stop` and starts it again after a pause, where its script can take up what is there.
  void Restart(int stop, std::chrono::milliseconds pause) {
    kill(pid_, stop);
    waitpid(pid_, nullptr, 0);
    std::this_thread::sleep_for(pause);
    Start();
  }

  ChildServer(const ChildServer&) = delete;
  ChildServer& operator=(const ChildServer&) = delete;

  const std::string& folder() const { return folder_; }
  const std::string& url() const { return url_; }  ///< "" when it did not start

 private:
  void Start() {
    pid_ = fork();
    if (pid_ == 0) {
      execl("/bin/sh", "sh", script_.c_str(), folder_.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    RetryPolicy policy;
    policy.attempts = 1000;
    policy.first_wait = std::chrono::milliseconds(20);
    policy.factor = 1.0;
    policy.budget = std::chrono::seconds(60);
    const Status ready = RunWithRetry(policy, nullptr, [&]() -> Status {
      std::ifstream file(folder_ + "/url");
      std::getline(file, url_);
      if (!url_.empty() && answers_(url_)) return Ok();
      const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
      Error error = MakeError("TEST-001", ErrorKind::kEnvironment, "{} {}; see {}/log", script_,
                              ended ? "ended at once" : "did not start a server", folder_);
      return ended ? error : std::move(error).WithRetry(Retry::kSafe);
    });
    if (!ready.ok()) {
      fprintf(stderr, "%s\n", ready.error().ToString().c_str());
      url_.clear();
    }
  }

  const std::string folder_;
  const int stop_;
  std::function<bool(const std::string&)> answers_;
  std::string script_;
  std::string url_;
  pid_t pid_ = 0;
};

}  // namespace leat::test
