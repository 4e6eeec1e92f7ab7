#include "state/write_queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace leat::state {
namespace {

// The first bytes of the file hold the last number; numbers are locks on the bytes after them.
constexpr int64_t kCounterBytes = sizeof(int64_t);

/// Sets a lock of this open file description; waits for others when `wait`.
int Lock(int file, short type, int64_t offset, int64_t length, bool wait) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = offset;
  lock.l_len = length;
  int result;
  do {
    result = fcntl(file, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

Result<std::unique_ptr<WriteQueue>> WriteQueue::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "cannot open {}: {}", path, std::strerror(errno))
        .WithHint("the folder of the state must be writable");
  }
  return std::unique_ptr<WriteQueue>(new WriteQueue(file, path));
}

WriteQueue::~WriteQueue() { close(file_); }

Status WriteQueue::Enter() {
  {
    std::unique_lock lock(mutex_);
    const uint64_t mine = next_++;
    turn_.wait(lock, [&] { return serving_ == mine; });
  }
  Status status = DrawAndWait();
  if (!status.ok()) Leave();
  return status;
}

Status WriteQueue::DrawAndWait() {
  const auto failed = [&](const char* what) {
    return MakeError("STATE-201", ErrorKind::kEnvironment, "cannot {} {}: {}", what, path_, std::strerror(errno));
  };
  if (Lock(file_, F_WRLCK, 0, kCounterBytes, true) != 0) return failed("lock");
  int64_t last = 0;
  const ssize_t got = pread(file_, &last, sizeof(last), 0);
  if (got < 0) return failed("read");
  if (got < kCounterBytes || last < 0) last = 0;
  number_ = last + 1;
  if (pwrite(file_, &number_, sizeof(number_), 0) != kCounterBytes) return failed("write");
  if (Lock(file_, F_WRLCK, kCounterBytes + number_, 1, true) != 0) return failed("lock");
  if (Lock(file_, F_UNLCK, 0, kCounterBytes, false) != 0) return failed("unlock");
  // First the number just before this one: all but one waiter sleep through every change of turn. Then all lower ones,
  // for that one may have been killed while it waited itself.
  if (number_ > 1) {
    if (Lock(file_, F_RDLCK, kCounterBytes + number_ - 1, 1, true) != 0) return failed("wait for");
    if (Lock(file_, F_RDLCK, kCounterBytes + 1, number_ - 1, true) != 0) return failed("wait for");
  }
  return Ok();
}

void WriteQueue::Leave() {
  LeaveProcess();
  std::lock_guard lock(mutex_);
  ++serving_;
  turn_.notify_all();
}

void WriteQueue::LeaveProcess() { Lock(file_, F_UNLCK, 0, kCounterBytes + number_ + 1, false); }

}  // namespace leat::state
