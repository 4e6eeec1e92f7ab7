#pragma once

#include <algorithm>
#include <vector>

#include "app/context.h"

namespace leat::app {

/// branches, tag, drop-ref.
std::vector<CommandSpec> LakeRefCommands();
/// content-hash: an order-free hash of a table's rows.
CommandSpec LakeContentHashCommand();
/// alter: columns, partitioning, order and properties of a table.
CommandSpec LakeAlterCommand();

/// The refs of these kinds, as JSON or as a table, to standard output.
Status PrintRefs(Context& context, const std::vector<lake::Ref>& refs);

}  // namespace leat::app
