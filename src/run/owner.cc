#include "run/owner.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace leat::run {
namespace {

/// Field 22 of /proc/<pid>/stat: start time in ticks since boot; "" when there is no such process. The name in field 2 may
/// hold anything, so fields are counted after its last ')'.
std::string StartTime(long pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  size_t at = text.rfind(')');
  if (at == std::string::npos) return "";
  for (int field = 2; field < 22; ++field) {
    at = text.find(' ', at + 1);
    if (at == std::string::npos) return "";
  }
  return text.substr(at + 1, text.find(' ', at + 1) - at - 1);
}

std::string Machine() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::array<char, 64> space{};
  const ssize_t length = readlink("/proc/self/ns/pid", space.data(), space.size() - 1);
  std::string pids(space.data(), length > 0 ? static_cast<size_t>(length) : 0);
  std::erase_if(pids, [](char c) { return c < '0' || c > '9'; });
  return fmt::format("{}:{}:{}", host.data(), boot.substr(0, 8), pids);
}

const std::string& ThisMachine() {
  static const std::string machine = Machine();
  return machine;
}

}  // namespace

const std::string& ProcessOwner() {
  thread_local pid_t process = 0;  // a child is another process than the one that it was forked from
  thread_local std::string owner;
  if (process != getpid()) {
    process = getpid();
    owner = fmt::format("pid {} since {} on {}", process, StartTime(process), ThisMachine());
  }
  return owner;
}

bool OwnerIsDead(const std::string& owner) {
  long pid = 0;
  std::array<char, 32> since{};
  std::array<char, 320> machine{};
  if (std::sscanf(owner.c_str(), "pid %ld since %31s on %319s", &pid, since.data(), machine.data()) != 3) return false;
  if (pid <= 0 || ThisMachine() != machine.data()) return false;
  if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return true;
  // The number may have been given to another process since.
  const std::string now = StartTime(pid);
  return !now.empty() && now != since.data();
}

Status EndLeasesOfTheDead(state::Store& store) {
  LEAT_ASSIGN(const state::Rows leases, store.Read("SELECT name, token, owner FROM lease"));
  std::vector<std::pair<std::string, int64_t>> dead;
  for (size_t i = 0; i < leases.size(); ++i) {
    if (OwnerIsDead(leases.Text(i, 2))) dead.emplace_back(leases.Text(i, 0), leases.Int(i, 1));
  }
  if (dead.empty()) return Ok();
  return store.Write([&](state::Transaction& tx) -> Status {
    for (const auto& [name, token] : dead) {
      LEAT_TRY(tx.Execute("DELETE FROM lease WHERE name = ?1 AND token = ?2", {name, token}));
    }
    return Ok();
  });
}

}  // namespace leat::run
