#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"

namespace leat::run {

/// Somebody's lock on a folder: a file with "owner: …" in it, whose mtime says when its owner was last seen to.
struct FolderLockState {
  std::string owner;     ///< "unknown" when the file does not say
  TimeMicros since = 0;  ///< when it was written or touched last
  bool dead = false;     ///< its process was on this machine and is gone
  bool ours = false;     ///< this process wrote it
};

/// nullopt: the folder is free. Errors: IO-312, the file cannot be looked at.
Result<std::optional<FolderLockState>> LookAtFolderLock(const std::string& path);

/// "in/.leat-lock of pump 7, since 2026-11-21T05:00:00Z (12 min)".
std::string FolderLockText(const std::string& origin, const FolderLockState& lock, TimeMicros now);

/// RUN-550 kConflict: somebody else works in the folder; `text`: what FolderLockText says.
Error FolderLocked(const std::string& text);

/// True for a lock that need not be waited for: its owner is gone, or was not seen for `timeout`.
bool IsOver(const FolderLockState& lock, std::chrono::microseconds timeout, TimeMicros now);

/// A lock on a folder that is ours while this lives: a thread of its own touches the file every third of the timeout. It is a
/// sign for others who look for it, no more: nothing keeps them from writing.
class FolderLock {
 public:
  /// RUN-550 kConflict: somebody else holds it; a lock that is over is broken (logged). IO-312: it cannot be written.
  static Result<std::unique_ptr<FolderLock>> Take(const std::string& path, const std::string& origin,
                                                  const std::string& owner, std::chrono::microseconds timeout);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  FolderLock(std::string path, uint64_t inode, std::chrono::microseconds timeout);
  void KeepFresh();

  const std::string path_;
  const uint64_t inode_;
  const std::chrono::microseconds every_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace leat::run
