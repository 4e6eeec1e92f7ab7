#pragma once

#include <optional>
#include <string>

#include "run/reconcile.h"

namespace leat::run {

/// ReadKeys without most of the reading: the keys of a large table need not all come over the network: source and table count and sum their keys of each range, and
/// only ranges in which these differ are read. `name` becomes a temporary table with all keys of the source: those that were read, and
/// the table's own of ranges that are equal. `staged`: new rows, which the source has, too. Nullopt, and nothing is done: the
/// key is not one whole number, the table is small, the source cannot sum, or too many ranges differ.
Result<std::optional<KeysRead>> ReadDifferingKeys(const StepContext& context, component::Source& source,
                                                  const RegisteredTable& registered, LoadStream& stream, StepWork& work,
                                                  const Target& target, const Layout& layout, const std::string& staged,
                                                  const std::string& name);

}  // namespace leat::run
