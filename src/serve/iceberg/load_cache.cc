#include "serve/iceberg/load_cache.h"

namespace leat::serve::iceberg {

std::shared_ptr<const std::string> LoadCache::Get(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->answer;
}

void LoadCache::Put(const std::string& key, std::shared_ptr<const std::string> answer) {
  const size_t size = answer->size() + 2 * key.size();
  if (size > limit_bytes_ / 4) return;
  const std::lock_guard lock(mutex_);
  if (by_key_.count(key) != 0) return;
  items_.push_front({key, std::move(answer)});
  by_key_[key] = items_.begin();
  bytes_ += size;
  while (bytes_ > limit_bytes_) {
    const Item& oldest = items_.back();
    bytes_ -= oldest.answer->size() + 2 * oldest.key.size();
    by_key_.erase(oldest.key);
    items_.pop_back();
  }
}

size_t LoadCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace leat::serve::iceberg
