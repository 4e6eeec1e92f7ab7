#include "components/source/sqlite/sqlite_database.h"

#include <sys/stat.h>

namespace leat::components::sqlite {
namespace {

constexpr int kBusyMilliseconds = 5000;

}  // namespace

Error SqliteError(sqlite3* database, const std::string& file, const std::string& what) {
  int code = sqlite3_errcode(database);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    return MakeError("SRC-232", ErrorKind::kEnvironment, "{}: {} is locked by another program", what, file)
        .WithRetry(Retry::kSafe)
        .WithHint("run again when its writer has finished, or give it a WAL (PRAGMA journal_mode=WAL)");
  }
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    return MakeError("SRC-233", ErrorKind::kData, "{}: {} is not a sound SQLite database ({})", what, file,
                     sqlite3_errmsg(database))
        .WithHint("is it the right file? `sqlite3 FILE 'PRAGMA integrity_check'` says what is broken");
  }
  return MakeError("SRC-231", ErrorKind::kEnvironment, "{}: cannot read {}: {}", what, file, sqlite3_errmsg(database));
}

Error MissingFile(const std::string& file, const std::string& what) {
  return MakeError("SRC-201", ErrorKind::kNotFound, "{}: no file {}", what, file)
      .WithHint("put the database there, or change `file:` of the connection");
}

Result<Statement> Compile(sqlite3* database, const std::string& sql, const std::string& file, const std::string& what) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
    return SqliteError(database, file, what);
  return Statement(raw);
}

Result<Database> OpenDatabase(const std::string& path, const std::string& file, const std::string& what,
                              const component::SourceContext& context) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return MissingFile(file, what);
  CloseDatabase close;
  if (context.budget != nullptr) {
    LEAT_ASSIGN(close.slot, context.budget->Connect(context.cancel));
  }
  sqlite3* raw = nullptr;
  int outcome = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw, std::move(close));
  if (outcome != SQLITE_OK) return SqliteError(raw, file, what);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  sqlite3_extended_result_codes(raw, 0);
  return database;
}

}  // namespace leat::components::sqlite
