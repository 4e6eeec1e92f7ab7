#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "lake/catalog.h"
#include "lake/catalog_names.h"

namespace leat::lake {

/// Puts the pointer moves of `request` into the commit log, inside an open transaction whose refs are locked. Checks in this
/// order: the ref can be written, fences, names, expected pointers, namespaces, then `unchanged`.
Result<CommitId> CommitInTransaction(state::Transaction& tx, const CommitRequest& request, const Locations& locations);

/// Group commit: requests of several threads that wait at the same time go into one transaction, each behind a savepoint, so
/// that one that is refused takes nobody with it. Thread-safe.
class CommitQueue {
 public:
  CommitQueue(state::Store& store, const Locations& locations) : store_(store), locations_(locations) {}

  /// Blocks until the request is committed or refused.
  Result<CommitId> Commit(const CommitRequest& request);

 private:
  struct Waiting {
    const CommitRequest* request = nullptr;
    std::optional<Result<CommitId>> result;
    bool done = false;
  };
  void CommitBatch(const std::vector<Waiting*>& batch);
  Status CommitMember(state::Transaction& tx, Waiting& member, bool alone);

  state::Store& store_;
  const Locations& locations_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool leading_ = false;
};

}  // namespace leat::lake
