#pragma once

#include <string>
#include <vector>

#include "run/load_masks.h"
#include "run/load_schema.h"

namespace leat::run {

/// SQL over the inner SELECT's columns: NULL for a good row, else the value that does not fit: "c<number>|<text>", of a masked
/// column without the text.
std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered,
                         const LoadMasks& masks);
/// Name of the inner SELECT's column with the text of value `i`; of a masked column it is '' where the text does not fit,
/// else NULL.
std::string TextColumn(size_t i);

/// Explains a reason of ReaderReason, or of a stream ("b|" and component::RefusedRow). Where columns are masked, what is said of
/// one of them, or of a row as a whole, does not repeat what stands there.
void DescribeReaderReason(const std::string& reason, const RegisteredTable& registered, const LoadMasks& masks,
                          RejectedRow& row);

}  // namespace leat::run
