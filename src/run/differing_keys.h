#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/reconcile.h"

namespace leat::run {

/// What keys are compared of, and with what.
struct KeyComparison {
  const StepContext& context;
  component::Source& source;
  const RegisteredTable& registered;
  LoadStream& stream;
  StepWork& work;
  const Target& target;
  const Layout& layout;
  const std::string& staged;  ///< new rows, which the source has, too
  const std::string& name;    ///< of the temporary table that shall have all keys of the source
};

/// ReadKeys without most of the reading: the keys of a large table need not all come over the network: source and table count and sum their keys of each range, and
/// only ranges in which these differ are read. `name` becomes a temporary table with all keys of the source: those that were read, and
/// the table's own of ranges that are equal. Nullopt, and nothing is done: the table is small, the source cannot sum its key, or too many ranges
/// differ.
Result<std::optional<KeysRead>> ReadDifferingKeys(const KeyComparison& comparison);

/// A number of the first row, 0 for NULL.
int64_t NumberAt(const sql::TextRows& rows, size_t column);

/// First and last value of ranges that lie side by side.
struct RangeSpan {
  int64_t first = 0, last = 0;
};
/// What ranges of `width` hold (component::RangeOf); `numbers` in order.
std::vector<RangeSpan> SpansOf(const std::vector<int64_t>& numbers, int64_t width);

/// The table's own keys, each once, as temp.leat_own_keys: k0, k1 …, without those that have a NULL where there is only one column. How many
/// they are; 0: the table is new or empty, or has too few of them to be worth a comparison.
Result<int64_t> MakeOwnKeys(const KeyComparison& comparison);

}  // namespace leat::run
