#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "lake/table_metadata.h"

namespace leat::lake {

/// Parsed metadata by location, least recently used out first. Files of metadata never change, so nothing is ever stale.
/// Thread-safe.
class MetadataCache {
 public:
  /// `capacity_bytes` of metadata JSON; the parsed form is about three times that.
  explicit MetadataCache(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  MetadataPtr Find(const std::string& location) {
    std::lock_guard lock(mutex_);
    const auto found = index_.find(location);
    if (found == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->metadata;
  }

  void Insert(const std::string& location, MetadataPtr metadata, size_t bytes) {
    std::lock_guard lock(mutex_);
    if (index_.contains(location)) return;
    order_.push_front({location, std::move(metadata), bytes});
    index_.emplace(location, order_.begin());
    bytes_ += bytes;
    while (bytes_ > capacity_bytes_ && order_.size() > 1) {
      bytes_ -= order_.back().bytes;
      index_.erase(order_.back().location);
      order_.pop_back();
    }
  }

  size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Item {
    std::string location;
    MetadataPtr metadata;
    size_t bytes = 0;
  };

  const size_t capacity_bytes_;
  mutable std::mutex mutex_;
  std::list<Item> order_;
  std::unordered_map<std::string, std::list<Item>::iterator> index_;
  size_t bytes_ = 0;
};

}  // namespace leat::lake
