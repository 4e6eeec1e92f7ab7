#include "state/migration.h"

#include "base/log.h"

namespace leat::state {

Result<int> StoredVersion(const MigrationTarget& target, const std::vector<Migration>& migrations) {
  LEAT_ASSIGN(const bool exists, target.has_migration_table());
  if (!exists) return 0;
  LEAT_ASSIGN(const Rows rows,
              target.transaction->Query("SELECT number, program FROM migration ORDER BY number DESC LIMIT 1"));
  if (rows.empty()) return 0;
  const int version = static_cast<int>(rows.Int(0, 0));
  const int ours = migrations.empty() ? 0 : migrations.back().number;
  if (version > ours) {
    return MakeError(
               "STATE-103", ErrorKind::kEnvironment,
               "the state in {} has schema version {}, written by leat {}; this is leat {} with schema version {}",
               target.display_name, version, rows.Text(0, 1), LEAT_VERSION, ours)
        .WithHint(fmt::format("use leat {} or newer; nothing was changed", rows.Text(0, 1)));
  }
  return version;
}

Status Migrate(const MigrationTarget& target, const std::vector<Migration>& migrations, TimeMicros now) {
  LEAT_ASSIGN(const int version, StoredVersion(target, migrations));
  if (!migrations.empty() && version == migrations.back().number) return Ok();
  if (version > 0) {
    LEAT_TRY(target.backup(version));
  } else {
    LEAT_TRY(target.run_script(
        "CREATE TABLE IF NOT EXISTS migration "
        "(number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL, program TEXT NOT NULL)"));
  }
  for (const Migration& migration : migrations) {
    if (migration.number <= version) continue;
    if (Status status = target.run_script(migration.sql); !status.ok()) {
      return MakeError("STATE-105", ErrorKind::kEnvironment, "migration {} of the state in {} failed: {}",
                       migration.name, target.display_name, status.error().message())
          .WithHint("nothing was changed; the state still opens with the program that wrote it");
    }
    LEAT_TRY(target.transaction->Execute(
        "INSERT INTO migration (number, name, applied_at, program) VALUES (?1, ?2, ?3, ?4)",
        {int64_t{migration.number}, std::string(migration.name), now, std::string(LEAT_VERSION)}));
    Log(LogLevel::kInfo, "state.migrated",
        {{"store", target.display_name}, {"migration", std::string(migration.name)}});
  }
  return Ok();
}

}  // namespace leat::state
