#pragma once

#include <map>
#include <string>
#include <vector>

#include "project/project.h"

namespace leat::project {

/// What became of a column, or of the key, of a source table since it was registered.
enum class DriftClass { kAdditive, kWidened, kNarrowed, kTypeChange, kRename, kRemoved, kKeyChanged };
/// What a load does about it (docs/project.md).
enum class DriftPolicy { kEvolve, kFreeze, kDiscardColumn, kDiscardRow, kQuarantine, kFail };

const char* DriftClassName(DriftClass kind);
const char* DriftPolicyName(DriftPolicy policy);

/// The words of `drift:` and `renames:` of a table, with the defaults for its source and mode.
struct DriftRules {
  std::map<DriftClass, DriftPolicy> policies;  ///< of every class but kRename
  bool compare_text_types =
      false;                       ///< `widened` or `type_change` is given: types of text are found again from a sample
  bool compare_each_file = false;  ///< `removed` says something else than that the column is NULL
  bool apply_renames = false;      ///< a rename that was found is applied, not only proposed
  double confidence = 0.95;        ///< from which on
  std::map<std::string, std::string> renames;  ///< in the source: old name -> new name

  DriftPolicy Of(DriftClass kind) const { return policies.at(kind); }
};
DriftRules DriftRulesOf(const Asset& asset);

/// `drift` of a source file and of its tables; `renames` of a table.
std::vector<config::FieldSpec> DriftFields();
config::FieldSpec RenamesField();

/// The entry of a table with what its source says of `drift`, where the table does not say it itself.
config::Node WithDriftOf(const config::Node* source_drift, config::Node table);

/// A type may become another one only where no row stays: mode full-refresh that keeps none.
bool AllRowsAreNew(const Asset& asset);

}  // namespace leat::project
