#include "serve/iceberg/commit_turns.h"

#include <algorithm>

namespace leat::serve::iceberg {

CommitTurns::Turn CommitTurns::Take(std::set<lake::TableName> tables) {
  std::unique_lock lock(mutex_);
  const uint64_t number = next_++;
  // In all queues at once: two that share tables stand in the same order everywhere.
  for (const lake::TableName& table : tables) queues_[table].push_back(number);
  const auto first_everywhere = [&] {
    return std::all_of(tables.begin(), tables.end(),
                       [&](const lake::TableName& table) { return queues_[table].front() == number; });
  };
  const bool waits = !first_everywhere();
  ended_.wait(lock, first_everywhere);
  return Turn(*this, std::move(tables), number, waits);
}

void CommitTurns::End(const std::set<lake::TableName>& tables, uint64_t number) {
  {
    const std::lock_guard lock(mutex_);
    for (const lake::TableName& table : tables) {
      const auto queue = queues_.find(table);
      std::erase(queue->second, number);
      if (queue->second.empty()) queues_.erase(queue);
    }
  }
  ended_.notify_all();
}

}  // namespace leat::serve::iceberg
