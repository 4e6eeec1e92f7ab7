#pragma once

#include "run/load_masks.h"
#include "run/load_schema.h"

namespace leat::run {

/// Writes what the raw table's rows look like in their source beside them: schema/<hash>.json (columns, types there and in the
/// raw table, what is left out) and keys/<hash>.json (primary key, update key, mode), below the table's location. A document
/// is named by its content and written once; the snapshot names the two that hold for its rows (`leat.source-schema`,
/// `leat.source-keys`: paths below the location). Rule: requirements, "Zones".
Status WriteSourceDocuments(const StepContext& context, const Target& target, const Layout& layout,
                            const RegisteredTable& registered, const LoadMasks& masks, lake::Properties& summary);

}  // namespace leat::run
