#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace leat::serve::iceberg {

/// Answers that never change: of load-table by metadata location, of lists by commit. Least recently used dropped first.
/// Thread-safe.
class LoadCache {
 public:
  explicit LoadCache(size_t limit_bytes = 64 * 1024 * 1024) : limit_bytes_(limit_bytes) {}

  /// nullptr when unknown.
  std::shared_ptr<const std::string> Get(const std::string& key);
  /// Answers over a quarter of the limit are not kept.
  void Put(const std::string& key, std::shared_ptr<const std::string> answer);
  size_t bytes() const;

 private:
  struct Item {
    std::string key;
    std::shared_ptr<const std::string> answer;
  };

  const size_t limit_bytes_;
  mutable std::mutex mutex_;
  std::list<Item> items_;  ///< newest first
  std::unordered_map<std::string, std::list<Item>::iterator> by_key_;
  size_t bytes_ = 0;
};

}  // namespace leat::serve::iceberg
