#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/field.h"
#include "io/sqs/queue.h"

namespace leat::component {

/// `arrival:` of connections: what tells of files.
config::FieldSpec ArrivalField();

/// A queue that is told of a store's objects.
struct ArrivalQueue {
  io::sqs::QueueOptions options;
  std::chrono::seconds hidden{};  ///< how long a message that was received is not given again
};
/// nullopt: the connection has none. SRC-382 kConfig: its files lie in no object store, or the time is out of bounds.
Result<std::optional<ArrivalQueue>> ReadArrivalQueue(const config::Values& connection, const std::string& project_root);

}  // namespace leat::component
