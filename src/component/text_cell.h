#pragma once

#include <string>
#include <string_view>

#include "component/column_batch.h"
#include "data/type.h"

namespace leat::component {

/// Puts a value that a server sent as text into row `row` of a column, exactly, or as NULL with false where it is not one of the
/// type. Text, binary and types that batches do not carry are taken as they are. Rows come in order, each once.
bool PutText(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, std::string_view text);
/// The same where the text of a moment has no zone and means UTC.
bool PutUtcText(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, std::string_view text);
/// A float or a double; NULL with false where it is a double that no float is.
bool PutReal(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, double value);
/// What a dead letter says of a text that is no value of the type.
std::string NotExactly(std::string_view text, const data::Type& type);
/// RefusedRow for a server's value that is not exactly one of the lake's type; `declared`: the server's word for its own.
std::string RefusedCell(const std::string& column, std::string_view text, const std::string& declared,
                        const data::Type& type);
/// Two digits for each byte.
std::string HexText(std::string_view bytes);
void PutNull(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type);

}  // namespace leat::component
