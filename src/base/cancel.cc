#include "base/cancel.h"

namespace leat {

void CancelToken::Cancel() {
  cancelled_ = true;
  std::lock_guard lock(mutex_);
  for (auto& [id, callback] : callbacks_) callback();
  callbacks_.clear();
}

Status CancelToken::Check() const {
  if (!cancelled()) return Ok();
  return MakeError("RUN-900", ErrorKind::kCancelled, "stopped on request");
}

int CancelToken::AddCallback(std::function<void()> callback) {
  {
    std::lock_guard lock(mutex_);
    if (!cancelled_) {
      callbacks_.emplace(next_, std::move(callback));
      return next_++;
    }
  }
  callback();
  return -1;
}

void CancelToken::RemoveCallback(int id) {
  std::lock_guard lock(mutex_);
  callbacks_.erase(id);
}

}  // namespace leat
