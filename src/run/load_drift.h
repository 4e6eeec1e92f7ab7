#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/gates_split.h"
#include "run/schema_drift.h"

namespace leat::run {

/// Rows that a policy takes out, whatever their values fit.
struct DriftRowRule {
  project::DriftClass kind = project::DriftClass::kAdditive;
  std::string column;           ///< in the source
  std::string has_value;        ///< rows with a value in this column of the raw table's SELECT; "" by file
  std::vector<size_t> files{};  ///< rows of these; empty: all rows
};

/// Two columns of the source that may be one: `from` is gone, `to` is new, and their values are the same (rename_evidence.h), or
/// the source says that they are one.
struct RenameEvidence {
  std::string from, to;
  double confidence = 0;  ///< 0 to 1
  std::string how;        ///< "120 of 120 rows of the same key are equal"
  bool certain = false;   ///< the source says so: applied whatever the rules of the table
};

/// What becomes of one load by the policies of its table.
struct DriftDecision {
  std::vector<DriftNote> notes;  ///< every difference
  std::vector<DriftNote> news;   ///< those that were not noted before
  std::vector<DriftRowRule> row_rules;
  /// Columns whose values may not fit, by their names in the source and in the raw table: what a row is set aside for.
  std::map<std::string, project::DriftClass> fitting;
  std::map<std::string, std::string> renamed;  ///< columns of the raw table: new name -> old name
  std::string changes;                         ///< of what is registered, in words
  bool fails() const;
};

/// Holds what is registered against what is there, by the rules of its table, and brings `registered` up to date: what is to be
/// read now, what is to be kept of it. Nothing is read or written.
/// `held`: the raw table's columns (a column that is back keeps its type there). `evidence`: renames that were found.
Result<DriftDecision> DecideDrift(const project::Asset& asset, const project::DriftRules& rules,
                                  const data::Schema* held, const std::vector<component::ObservedInput>& observed,
                                  const std::vector<component::InputFile>& files,
                                  const std::vector<RenameEvidence>& evidence, RegisteredTable& registered);

/// What the source has now of what `request` reads, without excluded columns, with the types that they would get. Where it does
/// not tell all of it: as registered, with what appeared. `relation`: the request's, of a source that delivers one; else null.
Result<std::vector<component::ObservedInput>> ObserveSource(const project::Asset& asset, component::Source& source,
                                                            const component::ReadRequest& request,
                                                            const project::DriftRules& rules,
                                                            const component::Relation* relation);

/// The entry `drift` of the log.
void LogDrift(const StepContext& context, const DriftNote& note);

/// RUN-549, of a decision that fails.
Error DriftError(const project::Asset& asset, const DriftDecision& decision);

/// Rows that leave a load by policy: refused while they are read, then told apart from other refused rows.
class DriftRows {
 public:
  DriftRows() = default;
  DriftRows(const project::DriftRules& rules, DriftDecision decision) : rules_(rules), decision_(std::move(decision)) {}

  /// Makes the rows of the row rules refused ones. `files`: those that were observed.
  void AddTo(SplitInput& input, const std::vector<component::InputFile>& files) const;
  /// A refused row on its way to the dead letters: true when it goes there (its reason may become drift's), false when it is
  /// filtered.
  bool Keep(RejectedRow& row);

  const DriftDecision& decision() const { return decision_; }
  int64_t rejected() const { return rejected_; }
  int64_t filtered() const;
  std::vector<NamedCount> filters() const;
  int64_t set_aside() const { return rejected_ + filtered(); }

 private:
  project::DriftRules rules_;
  DriftDecision decision_;
  int64_t rejected_ = 0;
  std::map<std::string, int64_t> filtered_;
};

}  // namespace leat::run
