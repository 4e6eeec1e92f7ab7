#pragma once

#include "state/migration.h"
#include "state/store.h"

namespace leat::state {

/// Opens (and makes, and migrates) the store in schema `leat` of a PostgreSQL database. See Store::Open; tests pass
/// migrations of their own.
Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, const StoreOptions& options,
                                                 const std::vector<Migration>& migrations);

}  // namespace leat::state
