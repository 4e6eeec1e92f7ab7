#pragma once

#include <string>
#include <vector>

#include "component/column_batch.h"
#include "component/source.h"

namespace leat::component {

/// The reason code of an entry that is nothing (an empty line): such rows are filtered under this name, not rejected.
inline constexpr const char* kBlankLine = "blank_line";

/// The columns of a stream's batches: k<n> for each that is asked for, as text where batches do not carry its type, then what
/// AddRowColumns adds.
std::vector<ArrowBatchBuilder::Column> StreamColumns(const std::vector<SourceColumn>& asked);
/// Appends what the engine takes of a row beside its values: leat_row (its place), leat_bad (why it is refused), leat_payload
/// (all of it, for the dead letter).
void AddRowColumns(std::vector<ArrowBatchBuilder::Column>& columns);
/// These three of a row without a place; `first` is the column of leat_row. `bad`: "" for a good row.
void PutVerdict(ColumnBatch& batch, size_t first, int64_t row, const std::string& bad, const std::string& payload);

}  // namespace leat::component
