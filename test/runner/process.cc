#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace leat::e2e {

std::string ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<Process> Process::Start(const Command& command) {
  Process process;
  process.prefix_ = command.log_prefix;
  std::ofstream(command.log_prefix + ".in", std::ios::binary) << command.input;

  std::vector<char*> arguments;
  for (const std::string& word : command.words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> settings;
  for (const auto& [name, value] : command.environment) settings.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (const std::string& setting : settings) environment.push_back(const_cast<char*>(setting.c_str()));
  environment.push_back(nullptr);
  const std::string in = command.log_prefix + ".in", out = command.log_prefix + ".out",
                    err = command.log_prefix + ".err";

  const pid_t pid = fork();
  if (pid < 0) return MakeError("E2E-201", ErrorKind::kEnvironment, "fork: {}", std::strerror(errno));
  if (pid == 0) {  // only async-signal-safe calls: other threads may hold locks
    setpgid(0, 0);
    if (chdir(command.folder.c_str()) != 0) _exit(126);
    const int in_fd = open(in.c_str(), O_RDONLY);
    const int out_fd = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    const int err_fd = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (in_fd < 0 || out_fd < 0 || err_fd < 0) _exit(126);
    dup2(in_fd, 0);
    dup2(out_fd, 1);
    dup2(err_fd, 2);
    for (int fd = 3; fd < 256; ++fd) close(fd);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execvpe(arguments[0], arguments.data(), environment.data());
    _exit(127);
  }
  setpgid(pid, pid);
  process.pid_ = pid;
  return process;
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(ended_, other.ended_);
  std::swap(prefix_, other.prefix_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0 && !ended_) {
    Kill(SIGKILL);
    Reap(0);
  }
}

void Process::Reap(int options) {
  if (ended_ || pid_ < 0) return;
  int status = 0;
  if (waitpid(pid_, &status, options) == pid_) {
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

std::optional<int> Process::Wait(std::chrono::milliseconds limit) {
  if (ended_) return ended_;
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd waited{descriptor, POLLIN, 0};
  const int ready = poll(&waited, 1, static_cast<int>(limit.count()));
  close(descriptor);
  if (ready <= 0) {
    Kill(SIGKILL);
    Reap(0);
    return std::nullopt;
  }
  Reap(0);
  return ended_;
}

void Process::Kill(int signal) {
  if (pid_ > 0 && !ended_) kill(-pid_, signal);
}

bool Process::running() {
  Reap(WNOHANG);
  return !ended_;
}

std::string Process::Output() const { return ReadWhole(prefix_ + ".out"); }
std::string Process::Errors() const { return ReadWhole(prefix_ + ".err"); }

}  // namespace leat::e2e
