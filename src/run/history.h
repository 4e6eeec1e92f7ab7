#pragma once

#include <optional>
#include <string>

#include "run/run.h"

namespace leat::run {

/// A step of an earlier run, as the state store remembers it.
struct PastStep {
  std::string run_id;
  std::string fingerprint;
  int64_t snapshot_after = 0;
  std::string watermark_after;
};

/// The newest step of `asset` whose result became the state of `target` (or of a ref below it). With `snapshot`: only steps
/// after which the table had this snapshot.
Result<std::optional<PastStep>> LastPublishedStep(state::Store& store, const std::string& asset,
                                                  const std::vector<std::string>& refs,
                                                  std::optional<int64_t> snapshot);

/// A run that ended without publishing everything, whose branch is still there: its steps may be adopted.
struct PastRun {
  std::string run_id;
  std::string branch;
  std::string target;
};

/// The run `run_id`, or with "" the newest that failed on `target`. Nothing when its branch is gone or it is still running.
Result<std::optional<PastRun>> RunToAdoptFrom(Lakehouse& lakehouse, const std::string& run_id,
                                              const std::string& target);

/// An unpublished step of `run_id` that ended well, with what its publish needs.
struct UnpublishedStep {
  std::string fingerprint;
  std::string outcome;  ///< JSON (outcome_json.h)
};
Result<std::optional<UnpublishedStep>> FindUnpublishedStep(state::Store& store, const std::string& run_id,
                                                           const std::string& asset);

}  // namespace leat::run
