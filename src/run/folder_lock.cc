#include "run/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/ids.h"
#include "base/log.h"
#include "run/owner.h"

namespace leat::run {
namespace {

constexpr size_t kMostBytes = 4096;

TimeMicros Modified(const struct stat& info) {
  return int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1000;
}

Error CannotLock(const std::string& path, const char* what) {
  return MakeError("IO-312", ErrorKind::kEnvironment, "cannot {} the lock {}: {}", what, path, std::strerror(errno))
      .WithHint("grant access there, or take `lock:` out of the connection");
}

/// The value of a line "name: value", "" when there is none.
std::string Line(const std::string& text, const std::string& name) {
  const size_t at = text.starts_with(name + ": ") ? 0 : text.find("\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t begin = text.find(": ", at) + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Takes a lock that is over out of the way. Another process may have done so meanwhile: then what lies there is its own.
void Break(const std::string& path, const FolderLockState& seen) {
  const std::string aside = path + "." + RandomHex(4);
  if (rename(path.c_str(), aside.c_str()) != 0) return;
  struct stat info {};
  const bool same = stat(aside.c_str(), &info) == 0 && Modified(info) == seen.since;
  if (!same && link(aside.c_str(), path.c_str()) != 0) Log(LogLevel::kWarn, "folder_lock_lost", {{"path", path}});
  unlink(aside.c_str());
}

}  // namespace

Result<std::optional<FolderLockState>> LookAtFolderLock(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FolderLockState>();
    return CannotLock(path, "look at");
  }
  std::string text(kMostBytes, '\0');
  const ssize_t bytes = read(file, text.data(), text.size());
  struct stat info {};
  const bool known = fstat(file, &info) == 0;
  close(file);
  if (!known || bytes < 0) return CannotLock(path, "look at");
  text.resize(static_cast<size_t>(bytes));
  FolderLockState lock;
  lock.owner = Line(text, "owner");
  if (lock.owner.empty()) lock.owner = text.substr(0, std::min<size_t>(text.find('\n'), 100));
  if (lock.owner.empty()) lock.owner = "unknown";
  lock.since = Modified(info);
  const std::string process = Line(text, "process");
  lock.ours = process == ProcessOwner();
  lock.dead = OwnerIsDead(process);
  return std::optional<FolderLockState>(std::move(lock));
}

std::string FolderLockText(const std::string& origin, const FolderLockState& lock, TimeMicros now) {
  const int64_t seconds = std::max<int64_t>(0, now - lock.since) / 1'000'000;
  const std::string age = seconds < 120    ? fmt::format("{} s", seconds)
                          : seconds < 7200 ? fmt::format("{} min", seconds / 60)
                                           : fmt::format("{} h", seconds / 3600);
  return fmt::format("{} of {}, since {} ({})", origin, lock.owner, FormatTime(lock.since), age);
}

Error FolderLocked(const std::string& text) {
  return MakeError("RUN-550", ErrorKind::kConflict, "the folder is locked: {}", text)
      .WithHint("run again when its owner took the lock away; one that nobody sees to is broken after `lock_timeout`")
      .WithRetry(Retry::kSafe);
}

bool IsOver(const FolderLockState& lock, std::chrono::microseconds timeout, TimeMicros now) {
  return lock.dead || now - lock.since > timeout.count();
}

Result<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& path, const std::string& origin,
                                                     const std::string& owner, std::chrono::microseconds timeout) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file >= 0) {
      const std::string text = fmt::format("owner: {}\nprocess: {}\n", owner, ProcessOwner());
      struct stat info {};
      const bool written =
          write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fstat(file, &info) == 0;
      const int failure = errno;
      close(file);
      if (written) return std::unique_ptr<FolderLock>(new FolderLock(path, info.st_ino, timeout));
      unlink(path.c_str());
      errno = failure;
      return CannotLock(path, "write");
    }
    if (errno != EEXIST) return CannotLock(path, "write");
    LEAT_ASSIGN(const std::optional<FolderLockState> lock, LookAtFolderLock(path));
    if (!lock) continue;
    const TimeMicros now = SystemClock().Now();
    const std::string text = FolderLockText(origin, *lock, now);
    if (!IsOver(*lock, timeout, now)) {
      return FolderLocked(text);
    }
    Log(LogLevel::kWarn, "folder_lock_broken", {{"lock", text}, {"why", lock->dead ? "its process is gone" : "age"}});
    Break(path, *lock);
  }
  return MakeError("RUN-550", ErrorKind::kConflict, "the folder's lock {} goes to others each time", origin)
      .WithHint("run again")
      .WithRetry(Retry::kSafe);
}

FolderLock::FolderLock(std::string path, uint64_t inode, std::chrono::microseconds timeout)
    : path_(std::move(path)), inode_(inode), every_(std::max(timeout / 3, std::chrono::microseconds(100'000))) {
  thread_ = std::thread([this] { KeepFresh(); });
}

void FolderLock::KeepFresh() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, every_, [this] { return end_; })) {
    struct stat info {};
    if (stat(path_.c_str(), &info) == 0 && info.st_ino == inode_) utimensat(AT_FDCWD, path_.c_str(), nullptr, 0);
  }
}

FolderLock::~FolderLock() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  thread_.join();
  struct stat info {};
  if (stat(path_.c_str(), &info) == 0 && info.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace leat::run
