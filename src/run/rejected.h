#pragma once

#include <string>
#include <vector>

#include "run/step.h"

namespace leat::run {

/// The dead-letter table of a table: <namespace>.<table>__rejected.
lake::TableName RejectedTable(const lake::TableName& table);
/// Its columns, in order, as data (all text).
const std::vector<std::string>& RejectedColumns();

/// Moves the kept rows of a run (reject_file.h) into their dead-letter tables on main, one commit per table, and removes the files. They are
/// evidence, not data: whatever the outcome of the run; rows of a step without a ledger row are dropped (it never ended, and is
/// done again). Called again after a crash it writes nothing twice. Returns the rows
/// written. Fault points: run.rejected.before, run.rejected.committed.
Result<int64_t> CommitRejected(Lakehouse& lakehouse, const std::string& run_id, const std::string& branch);

/// Runs that left such files on this machine.
Result<std::vector<std::string>> RunsWithKeptRows(Lakehouse& lakehouse);

}  // namespace leat::run
