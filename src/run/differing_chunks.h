#pragma once

#include <optional>

#include "run/differing_keys.h"

namespace leat::run {

/// ReadDifferingKeys for keys of several columns and of other types than whole numbers: what is compared are the number of keys and a sum of
/// their hashes, in ranges of the first column where its values have a certain order, else in buckets of the hash. Nullopt, and nothing is done:
/// the source cannot sum such a key, a column of it is NULL somewhere, the table is small, or too many chunks differ.
Result<std::optional<KeysRead>> ReadDifferingChunks(const KeyComparison& comparison);

}  // namespace leat::run
