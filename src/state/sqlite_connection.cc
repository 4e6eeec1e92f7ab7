#include "state/sqlite_connection.h"

#include <algorithm>
#include <cstring>

namespace leat::state {
namespace {

// The write queue keeps our own writers apart; this wait is for other programs (a sqlite3 shell) and for recovery.
constexpr int kBusyTimeoutMs = 60'000;
constexpr size_t kKeptStatements = 512;

int Bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, index);
}

Value ColumnValue(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return std::monostate();
    case SQLITE_INTEGER: return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    default: break;
  }
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return std::string(text == nullptr ? "" : text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, const Settings& settings) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database, path));
  if (code != SQLITE_OK) return connection->MakeFailure(code, "");
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  LEAT_TRY(
      connection->RunScript("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"));
  LEAT_TRY(connection->RunScript(settings.durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF"));
  if (!settings.writes) LEAT_TRY(connection->RunScript("PRAGMA query_only = ON"));
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Error SqliteConnection::MakeFailure(int code, std::string_view sql) const {
  const std::string text = database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_);
  const std::string in = sql.empty() ? "" : fmt::format(" (in: {})", sql.substr(0, 200));
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return MakeError("STATE-102", ErrorKind::kEnvironment, "the state in {} is damaged or no state of Leat: {}{}",
                       path_, text, in)
          .WithHint("put back a copy of it, or move it away: the tables in the warehouse are not touched");
    case SQLITE_CANTOPEN:
      return MakeError("STATE-101", ErrorKind::kEnvironment, "cannot open the state in {}: {}", path_, text)
          .WithHint("look whether the file exists and is yours to read and write");
    case SQLITE_FULL:
      return MakeError("STATE-201", ErrorKind::kEnvironment, "the disk of {} is full{}", path_, in)
          .WithHint("make room and run again; nothing of this transaction was kept");
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_PERM:
      return MakeError("STATE-201", ErrorKind::kEnvironment, "cannot write the state in {}: {}{}", path_, text, in)
          .WithHint("look at the disk and the rights of the state's folder");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return MakeError("STATE-202", ErrorKind::kEnvironment, "the state in {} is held by another program: {}{}", path_,
                       text, in)
          .WithHint("close programs that have it open, such as a database browser")
          .WithRetry(Retry::kSafe);
    case SQLITE_CONSTRAINT:
      return MakeError("STATE-203", ErrorKind::kConflict, "the state in {} refused a row: {}{}", path_, text, in);
    default:
      return MakeError("STATE-201", ErrorKind::kInternal, "a statement on the state in {} failed: {}{}", path_, text,
                       in);
  }
}

Result<sqlite3_stmt*> SqliteConnection::Prepare(std::string_view sql) {
  std::string key(sql);
  if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
  if (statements_.size() >= kKeptStatements) {
    for (auto& [text, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return MakeFailure(code, sql);
  if (statement == nullptr)
    return MakeError("STATE-201", ErrorKind::kInternal, "an empty statement was given to the state");
  statements_.emplace(std::move(key), statement);
  return statement;
}

Result<Rows> SqliteConnection::Step(sqlite3_stmt* statement, std::string_view sql) {
  Rows rows;
  const int columns = sqlite3_column_count(statement);
  for (int i = 0; i < columns; ++i) rows.columns.emplace_back(sqlite3_column_name(statement, i));
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    Row row;
    row.reserve(static_cast<size_t>(columns));
    for (int i = 0; i < columns; ++i) row.push_back(ColumnValue(statement, i));
    rows.rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) {
    Error failure = MakeFailure(code, sql);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return failure;
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return rows;
}

Result<Rows> SqliteConnection::Query(std::string_view sql, const Params& params) {
  LEAT_ASSIGN(sqlite3_stmt * statement, Prepare(sql));
  for (size_t i = 0; i < params.size(); ++i) {
    if (const int code = Bind(statement, static_cast<int>(i) + 1, params[i]); code != SQLITE_OK) {
      Error failure = MakeFailure(code, sql);
      sqlite3_clear_bindings(statement);
      return failure;
    }
  }
  return Step(statement, sql);
}

Result<int64_t> SqliteConnection::Execute(std::string_view sql, const Params& params) {
  const int64_t before = sqlite3_total_changes64(database_);
  LEAT_ASSIGN(const Rows rows, Query(sql, params));
  return sqlite3_total_changes64(database_) - before;
}

Status SqliteConnection::RunScript(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return MakeFailure(code, sql);
  return Ok();
}

Status SqliteConnection::CopyTo(const std::string& path) {
  sqlite3* copy = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_backup* backup = sqlite3_backup_init(copy, "main", database_, "main");
    if (backup == nullptr) {
      code = sqlite3_errcode(copy);
    } else {
      sqlite3_backup_step(backup, -1);
      code = sqlite3_backup_finish(backup);
    }
  }
  const std::string text = copy == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(copy);
  sqlite3_close(copy);
  if (code != SQLITE_OK) {
    return MakeError("STATE-201", ErrorKind::kEnvironment, "cannot copy the state from {} to {}: {}", path_, path, text)
        .WithHint("the copy is made before the state is migrated: make room for it");
  }
  return Ok();
}

}  // namespace leat::state
