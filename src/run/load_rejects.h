#pragma once

#include <string>
#include <vector>

#include "run/load_schema.h"

namespace leat::run {

/// SQL over the inner SELECT's columns: NULL for a good row, else the value that does not fit: "c<number>|<text>".
std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered);
/// Name of the inner SELECT's column with the text of value `i`.
std::string TextColumn(size_t i);

/// Explains a reason of ReaderReason, or of a stream ("b|" and component::RefusedRow).
void DescribeReaderReason(const std::string& reason, const RegisteredTable& registered, RejectedRow& row);

}  // namespace leat::run
