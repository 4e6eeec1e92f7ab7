#pragma once

#include <string>
#include <vector>

#include "run/load_drift.h"

namespace leat::run {

/// What equal values are worth: the share of them, less where there are few different ones (a constant is no evidence: 1/2;
/// 19 different values: 0.95). Pure.
double RenameConfidence(int64_t compared, int64_t equal, int64_t different);

/// Each column in one pair at most, the surest first; pairs below one half are left out. Pure.
std::vector<RenameEvidence> SurestPairs(std::vector<RenameEvidence> pairs);

/// Renames that the source itself tells: a registered column is gone, and a new one has its id (SourceColumn::id). Pure.
std::vector<RenameEvidence> CertainRenames(const RegisteredTable& registered,
                                           const std::vector<component::ObservedInput>& observed);

/// CertainRenames; and of columns without ids: holds the values of columns that are gone everywhere (as the raw table has them) against those of columns that are new (a
/// sample of what `request` reads): row by row where rows of the same key are found, else as sets. Only types that fit
/// together are compared. Reads from the source only when there is a pair.
Result<std::vector<RenameEvidence>> FindRenames(StepContext& context, component::Source& source,
                                                const component::ReadRequest& request, const Target& target,
                                                const RegisteredTable& registered,
                                                const std::vector<component::ObservedInput>& observed);

}  // namespace leat::run
