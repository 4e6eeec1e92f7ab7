#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace leat::state {

/// A column value or parameter: NULL, BIGINT, DOUBLE PRECISION, TEXT. Times are BIGINT microseconds UTC, JSON is TEXT.
using Value = std::variant<std::monostate, int64_t, double, std::string>;
using Row = std::vector<Value>;
using Params = std::vector<Value>;

/// The rows of one statement. Accessors assert on a wrong type; NULL reads as 0 / "" through the *_or forms.
struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;

  bool empty() const { return rows.empty(); }
  size_t size() const { return rows.size(); }
  int64_t Int(size_t row, size_t column) const;
  std::string Text(size_t row, size_t column) const;
  bool IsNull(size_t row, size_t column) const;
  std::optional<int64_t> OptInt(size_t row, size_t column) const;
  std::optional<std::string> OptText(size_t row, size_t column) const;
};

/// One open transaction; valid only inside the function that received it. SQL is the common dialect of SQLite and
/// PostgreSQL, with parameters as ?1, ?2 ... (translated to $1 for PostgreSQL).
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Result<Rows> Query(std::string_view sql, const Params& params = {}) = 0;
  /// Returns the number of rows changed.
  virtual Result<int64_t> Execute(std::string_view sql, const Params& params = {}) = 0;
  /// Locks a row until the end of the transaction where the database needs telling (PostgreSQL: SELECT … FOR UPDATE on
  /// `table` WHERE `where`); nothing on SQLite, whose writers are alone.
  virtual Status LockRow(std::string_view table, std::string_view where, const Params& params) = 0;
  /// The store's own clock.
  virtual TimeMicros Now() = 0;
};

struct StoreOptions {
  bool create = true;            ///< make a new store where there is none
  bool durable = true;           ///< false only in benchmarks: no device flush
  const Clock* clock = nullptr;  ///< SQLite only; default SystemClock()
};

/// The state store: SQLite ("path/state.db", one writer per process behind a fair ticket between processes) or PostgreSQL
/// ("postgresql://..."). Thread-safe. No file or network I/O of the caller inside a transaction.
/// Errors: STATE-101 cannot open (kEnvironment), STATE-102 not a state store or corrupted, STATE-103 newer than this
/// program (says the version needed), STATE-104 on a network file system, STATE-201 statement failed, STATE-301 commit of
/// unknown outcome (connection lost: Retry::kUnknownOutcome).
class Store {
 public:
  static Result<std::unique_ptr<Store>> Open(const std::string& url, const StoreOptions& options = {});
  virtual ~Store() = default;

  /// Reads in one consistent snapshot. Many at once. The body of ReadAll may run again, as that of Write.
  virtual Result<Rows> Read(std::string_view sql, const Params& params = {}) = 0;
  virtual Status ReadAll(const std::function<Status(Transaction&)>& body) = 0;
  /// Runs `body` in one writing transaction (SQLite: BEGIN IMMEDIATE) and commits if it returns Ok; anything else rolls
  /// back. The body may run again after a deadlock or serialization failure: it must have no effect outside.
  virtual Status Write(const std::function<Status(Transaction&)>& body) = 0;

  virtual bool is_postgres() const = 0;
  /// What to show people: the path, or the URL without the password.
  virtual const std::string& display_name() const = 0;
  /// Path of a folder for this store's private files (temp, home), "" for PostgreSQL.
  virtual std::string folder() const = 0;
};

/// Schema version that this program writes (number of the last migration).
int SchemaVersion();

}  // namespace leat::state
