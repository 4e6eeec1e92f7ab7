#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "state/store.h"

namespace leat::state {

/// One connection to a SQLite file, with its prepared statements kept. Used by one thread at a time.
class SqliteConnection {
 public:
  struct Settings {
    bool writes = false;  ///< false: PRAGMA query_only
    bool durable = true;  ///< synchronous FULL, else OFF
  };
  /// STATE-101, STATE-102.
  static Result<std::unique_ptr<SqliteConnection>> Open(const std::string& path, const Settings& settings);
  ~SqliteConnection();

  Result<Rows> Query(std::string_view sql, const Params& params);
  /// Rows changed by this statement.
  Result<int64_t> Execute(std::string_view sql, const Params& params);
  /// Several statements without parameters.
  Status RunScript(std::string_view sql);
  bool InTransaction() const { return sqlite3_get_autocommit(database_) == 0; }
  /// Copies the whole database into a new file at `path`, through SQLite (never by copying the file: closing any
  /// descriptor of it would drop this process's locks).
  Status CopyTo(const std::string& path);

 private:
  SqliteConnection(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  Result<sqlite3_stmt*> Prepare(std::string_view sql);
  Error MakeFailure(int code, std::string_view sql) const;
  Result<Rows> Step(sqlite3_stmt* statement, std::string_view sql);

  sqlite3* const database_;
  const std::string path_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace leat::state
