#pragma once

#include "lake/catalog.h"
#include "serve/iceberg/call.h"

namespace leat::serve::iceberg {

/// Proves `request`, a commit on `main`, on a branch of its run, before any pointer of main moves: the project's checks are
/// asked about `tables` as they would be. Ok: `request.also` writes what the checks found, too, with the commit; it is for the
/// very state that was proved, since its pointers say what they expect. SERVE-310 (kPermission): a check blocks; the run with
/// its check results is in the ledger, nothing else is left. Errors of the project's files or of the engine: nothing is
/// proved, nothing moves. The branch is gone afterwards, whatever happened.
Status Prove(Call& call, const std::vector<lake::TableName>& tables, lake::CommitRequest& request);

/// The row of an external run, for the transaction of its end. `commit`: nullopt when it was refused, with `error` why.
Status WriteExternalRun(state::Transaction& tx, const Call& call, const std::string& ref, const lake::CommitInfo& info,
                        std::optional<lake::CommitId> commit, const std::string& error);

}  // namespace leat::serve::iceberg
