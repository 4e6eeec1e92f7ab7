#pragma once

#include "run/load_schema.h"

namespace leat::run {

/// `required_columns` of a table: every file that a load is about to read (or the source's table) must have each of them, by
/// its name there. Looked at in headers, footers and catalogues, before any row is read. RUN-563 kData names the
/// files, what they lack and what they have. RUN-564 kConfig: columns of this source cannot be told before its rows are read.
Status CheckRequiredColumns(const StepContext& context, component::Source& source,
                            const component::ReadRequest& request);

}  // namespace leat::run
