#pragma once

#include <string>
#include <vector>

#include "run/run.h"
#include "run/source_yaml.h"

namespace leat::run {

/// A table of a connection, and what the project makes of it.
struct DiscoveredTable {
  component::ListedTable table;
  TableAdvice advice;       ///< with what `leat profile` measured last
  TimeMicros measured = 0;  ///< when that was, 0: never
  bool counted = false;     ///< its rows were counted then
  std::string asset;        ///< that loads it already, "" none
};

/// The tables of a connection whose name or `schema.name` is one of `patterns` (*, ?, [a-z]; without case); none: all of them.
/// PROJ-206 with the nearest name: no such connection. RUN-552: its source cannot tell. RUN-553: a pattern finds nothing.
Result<std::vector<DiscoveredTable>> Discover(Lakehouse& lakehouse, const project::Project& project,
                                              const std::string& connection, const std::vector<std::string>& patterns,
                                              CancelToken* cancel);

/// True when `text` names this table and no others.
bool NamesExactly(const std::string& text, const component::ListedTable& table);

}  // namespace leat::run
