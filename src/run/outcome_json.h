#pragma once

#include <string>
#include <string_view>

#include "run/step.h"

namespace leat::run {

/// What a publish needs of a step beyond its ledger rows, as JSON text: kept until the step is published, so that a later
/// run can adopt it.
std::string OutcomeToJson(const StepOutcome& outcome, const std::vector<LoadedFile>& listed);

struct KeptOutcome {
  lake::PublishItem item;
  bool changed = false;
  std::vector<LoadedFile> listed;
  SchemaToRegister schema;
};
/// RUN-103 kInternal when the text is not one of ours.
Result<KeptOutcome> OutcomeFromJson(std::string_view text);

}  // namespace leat::run
