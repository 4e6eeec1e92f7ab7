#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "lake/catalog.h"

namespace leat::serve::iceberg {

/// Commits of this server to one table, one after the other in the order in which they came: who waits need not lose the race
/// for the pointer and write its metadata again. Other processes are not kept out: for them the catalogue decides. Thread-safe.
class CommitTurns {
 public:
  /// Ends the turn when it goes.
  class Turn {
   public:
    Turn(CommitTurns& turns, std::set<lake::TableName> tables, uint64_t number, bool waited)
        : turns_(turns), tables_(std::move(tables)), number_(number), waited_(waited) {}
    ~Turn() { turns_.End(tables_, number_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    bool waited() const { return waited_; }  ///< what was read before may be old

   private:
    CommitTurns& turns_;
    const std::set<lake::TableName> tables_;
    const uint64_t number_;
    const bool waited_;
  };

  /// Waits until all commits that came before and touch one of `tables` have ended.
  Turn Take(std::set<lake::TableName> tables);

 private:
  void End(const std::set<lake::TableName>& tables, uint64_t number);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<lake::TableName, std::deque<uint64_t>> queues_;  ///< numbers of those who have or await their turn
  uint64_t next_ = 0;
};

}  // namespace leat::serve::iceberg
