#pragma once

#include "run/load_masks.h"
#include "run/load_schema.h"
#include "run/load_stream.h"
#include "run/load_work.h"

namespace leat::run {

/// True when the table says `reconcile:` and its keys were not compared, by a run that published, within `every`.
Result<bool> ReconcileIsDue(StepContext& context);

/// The columns of the key, as registered, and what they are called in the raw table.
struct KeyColumns {
  std::vector<component::SourceColumn> columns;
  std::vector<std::string> names;
  std::vector<size_t> numbers;  ///< among the registered columns
};
KeyColumns KeyColumnsOf(const StepContext& context, const RegisteredTable& registered);

/// Opens `stream` for the keys of the rows that `request` (without a table) means: the SELECT that gives them, typed and masked, by their raw names.
Result<std::string> OpenKeys(const StepContext& context, component::Source& source, const RegisteredTable& registered,
                             LoadStream& stream, StepWork& work, component::ReadRequest request,
                             const LoadMasks& masks = {});

/// The rows from `first` to `last` of a column, both included.
component::ReadRequest RequestBetween(const std::string& column, const std::string& first, const std::string& last);

/// What was compared.
struct KeysRead {
  int64_t keys = 0;  ///< that the source has
  std::string how;   ///< "; 3 of 812 ranges differ, 2900 keys were read", "" all were
};

/// All keys that the source has now, as the temporary table `name`.
Result<KeysRead> ReadKeys(const StepContext& context, component::Source& source, const RegisteredTable& registered,
                          const LoadMasks& masks, LoadStream& stream, StepWork& work, const std::string& name);

/// What comparing the keys found, as the check `<asset>.reconcile`: how many keys the source has, how many rows are gone. A
/// source without a key takes nothing out: that is a warning.
CheckResult ReconcileResult(const StepContext& context, const KeysRead& read, int64_t gone);

}  // namespace leat::run
