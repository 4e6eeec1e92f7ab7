#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "state/store.h"

namespace leat::state {

/// One step of the state's schema: src/state/migrations/NNNN_name.sql, in the common dialect, never edited later.
struct Migration {
  int number = 0;
  std::string_view name;
  std::string_view sql;
};

/// All migrations of this program, ascending without gaps.
const std::vector<Migration>& Migrations();

/// What Migrate asks of a database. The calls come in the order given.
struct MigrationTarget {
  std::string display_name;
  std::function<Result<bool>()> has_migration_table;
  /// Copies the store before it is changed (version > 0 only); `version` is the one that it has.
  std::function<Status(int version)> backup;
  /// Runs a script of several statements inside the open transaction.
  std::function<Status(std::string_view)> run_script;
  Transaction* transaction = nullptr;
};

/// The version recorded in the store, 0 for an empty one. STATE-103 when it is above the last of `migrations`.
Result<int> StoredVersion(const MigrationTarget& target, const std::vector<Migration>& migrations);

/// Applies what is missing. Call inside one writing transaction that nobody else can enter; the caller commits.
/// STATE-105: a migration failed (nothing was changed once the caller rolls back).
Status Migrate(const MigrationTarget& target, const std::vector<Migration>& migrations, TimeMicros now);

}  // namespace leat::state
