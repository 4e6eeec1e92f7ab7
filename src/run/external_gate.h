#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/step.h"

namespace leat::run {

/// What the checks of one asset say about its table as another engine wrote it: a row of leat.steps with action `check`.
struct GatedAsset {
  std::string asset;
  lake::TableName table;
  TimeMicros started_at = 0;
  TimeMicros ended_at = 0;
  std::vector<CheckResult> checks;
  std::string failed;  ///< the first check that blocks, with what it found; "" when none does
};

struct GateVerdict {
  std::vector<GatedAsset> assets;
  std::string failed;  ///< of the first asset where one blocks
};

/// The checks of a project for what other engines write into namespaces with `leat.external_writes=gate`. The project's files
/// are read for each commit: what they say now is what counts. Thread-safe.
class ExternalGate {
 public:
  using ReadProject = std::function<Result<project::Project>()>;

  ExternalGate(Lakehouse& lakehouse, ReadProject read) : lakehouse_(lakehouse), read_(std::move(read)) {}

  /// Whether any asset of the project has checks for one of `tables`. The errors of the project's files: nothing can be
  /// proved with them.
  Result<bool> HasChecks(const std::vector<lake::TableName>& tables) const;
  /// Asks every check of every asset of `tables` on `branch`. A check that blocks is in the verdict, not an error.
  Result<GateVerdict> Ask(const std::string& run_id, const std::string& branch,
                          const std::vector<lake::TableName>& tables) const;
  /// The rows of a verdict: one of leat.steps for each asset, and its check results.
  static Status Write(state::Transaction& tx, const std::string& run_id, const GateVerdict& verdict);

 private:
  Lakehouse& lakehouse_;
  ReadProject read_;
};

}  // namespace leat::run
