#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "component/arrival_fields.h"
#include "run/arrival.h"

namespace leat::run {

/// A queue that is told of the objects of tables: (address of the connection, id).
struct WatchedQueue {
  component::ArrivalQueue queue;
  std::vector<std::pair<std::string, std::string>> tables;
};

/// Tells when the queue has messages of objects below these addresses. A message is deleted once all its tables are settled
/// after it came; until then it comes again. So does one of other objects, or that cannot be read: it is for somebody else,
/// and logged once. What tells nothing (the store's test message, removals) is deleted at once. A queue that fails is asked
/// again, and the looks go on meanwhile. IO-416, IO-501 kConfig: its settings.
Result<std::unique_ptr<ArrivalTeller>> WatchQueue(WatchedQueue watched, TellArrived tell);

}  // namespace leat::run
