#pragma once

#include <string>

#include "run/step.h"

namespace leat::run {

/// A step whose files are on this machine: where its source has them elsewhere, copies in a spool folder, which goes away with
/// this object.
class FetchedStep {
 public:
  /// Errors of the source's place. Steps without such files are taken as they are.
  static Result<FetchedStep> Of(Lakehouse& lakehouse, const project::Project& project, const PlanStep& step,
                                CancelToken* cancel, BudgetUser user);
  ~FetchedStep();
  FetchedStep(FetchedStep&& other) noexcept;
  FetchedStep& operator=(FetchedStep&&) = delete;

  const PlanStep& step() const { return step_; }

 private:
  explicit FetchedStep(PlanStep step) : step_(std::move(step)) {}

  PlanStep step_;
  std::string folder_;  ///< "": none
};

}  // namespace leat::run
