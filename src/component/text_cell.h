#pragma once

#include <string>
#include <string_view>

#include "component/column_batch.h"
#include "data/type.h"

namespace leat::component {

/// Puts a value that a server sent as text into row `row` of a column, exactly, or as NULL with false where it is not one of the
/// type. Text, binary and types that batches do not carry are taken as they are. Rows come in order, each once.
bool PutText(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, std::string_view text);
/// What a dead letter says of a text that is no value of the type.
std::string NotExactly(std::string_view text, const data::Type& type);
void PutNull(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type);

}  // namespace leat::component
