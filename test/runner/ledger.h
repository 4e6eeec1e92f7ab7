#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace leat::e2e {

/// Runs leat with these arguments and returns its standard output, or an error when it does not exit with 0.
using RunLeat = std::function<Result<std::string>(const std::vector<std::string>& arguments)>;

/// The harness's own proof that every row is accounted for. For each row of leat.ledger: rows_in = rows_out +
/// rows_rejected + rows_filtered. For row deltas (inserted, updated or deleted rows) that were published: the live
/// records of the table's snapshot = those of its parent + inserted - deleted. E2E-401 names the steps that do not balance.
/// Returns the number of rows checked.
Result<int64_t> CheckLedger(const RunLeat& leat);

}  // namespace leat::e2e
