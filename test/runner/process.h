#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace leat::e2e {

struct Command {
  std::vector<std::string> words;                  ///< program and arguments
  std::string folder;                              ///< working folder
  std::map<std::string, std::string> environment;  ///< all of it
  std::string input;                               ///< standard input
  std::string log_prefix;                          ///< <prefix>.in, .out, .err are written
};

/// A child process in a process group of its own, its output in files. The destructor kills what still runs.
class Process {
 public:
  static Result<Process> Start(const Command& command);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  /// Waits for the end; at `limit` the group is killed and the result is nullopt. Exit code, or 128 + signal.
  std::optional<int> Wait(std::chrono::milliseconds limit);
  void Kill(int signal);
  bool running();
  std::string Output() const;
  std::string Errors() const;
  pid_t pid() const { return pid_; }

 private:
  Process() = default;
  void Reap(int options);

  pid_t pid_ = -1;
  std::optional<int> ended_;
  std::string prefix_;
};

std::string ReadWhole(const std::string& path);

}  // namespace leat::e2e
