#pragma once

#include <string>

#include "run/ledger.h"

namespace leat::run {

/// The registered columns of a load key that a view has seen: the newest whose publishing commit it reaches and whose
/// revocation it does not, as RegisteredToJson wrote them. "" when there are none.
Result<std::string> NewestSchema(state::Store& store, const lake::View& view, const std::string& load_key);

/// What the step has to register, with the commit of its publish (0: nothing was moved; then the newest that `reach` sees).
Status WriteSchema(state::Transaction& tx, const std::string& run_id, const StepRecord& record, lake::CommitId commit,
                   const Reach& reach);
/// Takes back what a run registered.
Status RevokeSchemas(state::Transaction& tx, const std::string& run_id, lake::CommitId commit);

/// Rows of schema_drift: what a step found, whatever became of it.
Status WriteDrift(state::Transaction& tx, const std::string& run_id, const StepRecord& record);
/// Those of a step that is taken over from another run.
Status CopyDrift(state::Transaction& tx, const std::string& run_id, const std::string& from_run,
                 const std::string& asset);

}  // namespace leat::run
