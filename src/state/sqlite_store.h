#pragma once

#include "state/migration.h"
#include "state/store.h"

namespace leat::state {

/// Opens (and makes, and migrates) the SQLite store at `path`. See Store::Open; tests pass migrations of their own.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const StoreOptions& options,
                                               const std::vector<Migration>& migrations);

}  // namespace leat::state
