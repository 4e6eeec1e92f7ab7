#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "project/project.h"

namespace leat::run {

/// Ids of tables whose files are waited for.
using Arrived = std::set<std::string>;

/// What tells that files may have come, from threads of its own. What it tells are hints: which files there are and which of
/// them are new only the listing and the ledger say. A hint that is lost costs time, one that comes twice a look in vain.
class ArrivalTeller {
 public:
  virtual ~ArrivalTeller() = default;
  /// Everything is about to be looked at: what cannot tell yet (a folder that was missing) tries again.
  virtual void Refresh() {}
  /// A look at these tables begins: what was told of them up to now is what it answers to.
  virtual void Begin(const Arrived& tables) { (void)tables; }
  /// The look that began last has ended, and what came for these tables is published, or was not new.
  virtual void Settled(const Arrived& tables) { (void)tables; }
};

/// How tellers tell. Thread-safe, never blocks.
using TellArrived = std::function<void(const Arrived& tables)>;

/// Waits for files of tables: told by local folders (inotify) and by queues of a store's events (`arrival:` of connections),
/// and else by looking again after a while. For `leat watch`, and for whoever else runs when files come. One thread.
class Arrival {
 public:
  /// `tables`: assets of files. `every`: how long until all are looked at without a hint; sooner where a table's `settle`
  /// is shorter. Errors of the queues' settings: SRC-382, IO-416, IO-501.
  static Result<std::unique_ptr<Arrival>> Open(const project::Project& project,
                                               const std::vector<const project::Asset*>& tables,
                                               std::chrono::microseconds every);
  ~Arrival();

  /// The tables to look at: all at the first call, then those that were told of, once it has been quiet for a moment, and all
  /// when their time has come. RUN-900.
  Result<Arrived> Wait(const CancelToken& cancel);
  /// Of those that the last Wait gave: what came for them is published, or was not new. For the others the hints come again.
  void Settled(const Arrived& tables);

 private:
  struct Mailbox;
  Arrival(Arrived all, std::chrono::microseconds every);

  const Arrived all_;
  const std::chrono::microseconds every_;
  bool first_ = true;
  std::chrono::steady_clock::time_point next_;
  std::unique_ptr<Mailbox> mailbox_;
  std::vector<std::unique_ptr<ArrivalTeller>> tellers_;
};

}  // namespace leat::run
