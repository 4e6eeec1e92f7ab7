#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "run/budget.h"
#include "run/discovery.h"
#include "run/source_profile.h"

namespace leat::run {

struct ProfileOptions {
  int64_t most_scanned = 1'000'000;           ///< tables of more rows are looked at through indexes only
  bool full = false;                          ///< whole tables are read, however large
  std::chrono::milliseconds longest{10'000};  ///< of a statement, where the server can end it
};

struct ProfiledTable {
  component::ListedTable table;  ///< its rows as counted, where they were
  TableProfile profile;
  std::optional<TableProfile> before;  ///< the newest that was kept
  TableAdvice advice;                  ///< with what was measured
  std::string asset;                   ///< that loads it already, "" none
};

struct ConnectionProfile {
  component::ServerFacts server;
  std::vector<ProfiledTable> tables;
  std::optional<QuietHours> quiet;
  std::vector<StepCost> costs;  ///< of measuring
};

/// Measures the tables of a connection that `patterns` name (none: those worth loading) under the connection's budget, and keeps what
/// was found. A measurement that fails is told in `not_measured`; errors: as Discover, and what a cancel gives.
Result<ConnectionProfile> ProfileConnection(Lakehouse& lakehouse, const project::Project& project,
                                            const std::string& connection, const std::vector<std::string>& patterns,
                                            const ProfileOptions& options, CancelToken* cancel);

/// The newest profile of a table that was kept; nullopt: none.
Result<std::optional<TableProfile>> NewestProfile(state::Store& store, const std::string& connection,
                                                  const std::string& entry);

}  // namespace leat::run
