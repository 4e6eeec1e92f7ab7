#include "state/postgres_store.h"

#include <condition_variable>
#include <mutex>

#include "base/retry.h"
#include "base/secret.h"
#include "state/later.h"
#include "state/postgres_connection.h"

namespace leat::state {
namespace {

constexpr size_t kMostConnections = 16;
/// A server that is restarted comes back within seconds; until then callers wait. Whoever must know what became of his COMMIT
/// waits longer.
constexpr RetryPolicy kUntilBack{.attempts = 1'000'000,
                                 .first_wait = std::chrono::milliseconds(5),
                                 .longest_wait = std::chrono::milliseconds(250),
                                 .budget = std::chrono::seconds(10)};
/// Of a whole transaction that met a deadlock or whose connection broke.
constexpr RetryPolicy kAnew{.attempts = 20,
                            .first_wait = std::chrono::milliseconds(5),
                            .longest_wait = std::chrono::milliseconds(500),
                            .budget = std::chrono::seconds(60)};
constexpr std::chrono::seconds kUntilKnown(25);
/// Where each connection says how many writes it has committed. Part of how this store commits, not of what it keeps: no
/// migration, and SQLite has none.
constexpr std::string_view kMarks =
    "CREATE TABLE IF NOT EXISTS leat.write_mark (connection TEXT PRIMARY KEY, writes BIGINT NOT NULL, made_at TIMESTAMPTZ NOT "
    "NULL) WITH (fillfactor = 50)";
// Of pg_advisory_xact_lock: one migration at a time in a database. "LEAT".
constexpr int64_t kMigrationLock = 0x4C454154;

class PostgresTransaction : public Transaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection) : connection_(connection) {}

  Result<Rows> Query(std::string_view sql, const Params& params) override {
    return Keep(connection_.Query(sql, params));
  }
  Result<int64_t> Execute(std::string_view sql, const Params& params) override {
    return Keep(connection_.Execute(sql, params));
  }
  Status LockRow(std::string_view table, std::string_view where, const Params& params) override {
    Result<Rows> locked =
        Keep(connection_.Query(fmt::format("SELECT 1 FROM {} WHERE {} FOR UPDATE", table, where), params));
    if (!locked.ok()) return std::move(locked).error();
    return Ok();
  }
  TimeMicros Now() override {
    if (!begun_) {
      Result<Rows> now =
          Keep(connection_.Query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", {}));
      if (!now.ok()) return SystemClock().Now();
      BegunAt(now->Int(0, 0));
    }
    const auto since = std::chrono::steady_clock::now() - asked_;
    return begun_.value_or(0) + std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  }
  /// The server's time now: it is asked once a transaction, its clock goes on as this machine's does.
  void BegunAt(TimeMicros time) {
    begun_ = time;
    asked_ = std::chrono::steady_clock::now();
  }
  Status Send(std::string_view sql, const Params& params) { return Keep(connection_.Send(sql, params)); }

  /// The failure that makes the whole transaction worth another try, whatever the body made of it.
  const std::optional<Error>& retryable() const { return retryable_; }

 private:
  template <typename T>
  T Keep(T result) {
    if (!result.ok() && result.error().code() == "STATE-202") retryable_ = result.error();
    return result;
  }

  PostgresConnection& connection_;
  std::optional<Error> retryable_;
  std::optional<TimeMicros> begun_;
  std::chrono::steady_clock::time_point asked_;
};

/// The URL without its password, for people.
Result<std::string> WithoutPassword(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &message);
  if (options == nullptr) {
    const std::string text = message == nullptr ? "" : message;
    PQfreemem(message);
    return MakeError("STATE-101", ErrorKind::kConfig, "the URL of the state is not understood: {}", text)
        .WithHint("postgresql://user@host:port/database");
  }
  std::string user, host, port, database;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "password" || keyword == "sslpassword") RegisterSecret(option->val);
    if (keyword == "user") user = std::string(option->val) + "@";
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = std::string(":") + option->val;
    if (keyword == "dbname") database = option->val;
  }
  PQconninfoFree(options);
  return fmt::format("postgresql://{}{}{}/{}", user, host, port, database);
}

class PostgresStore : public Store {
 public:
  PostgresStore(std::string url, std::string display_name, bool durable)
      : url_(std::move(url)), display_name_(std::move(display_name)), durable_(durable) {}

  Status Start(const std::vector<Migration>& migrations, bool create);

  Result<Rows> Read(std::string_view sql, const Params& params) override {
    Result<Rows> rows = Rows();
    LEAT_TRY(WithConnection([&](PostgresConnection& connection) -> Status {
      rows = connection.Query(sql, params);
      return rows.ok() ? Ok() : Status(rows.error());
    }));
    return rows;
  }

  Status ReadAll(const std::function<Status(Transaction&)>& body) override {
    return WithConnection([&](PostgresConnection& connection) -> Status {
      LEAT_TRY(connection.RunScript("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
      PostgresTransaction transaction(connection);
      Status status = body(transaction);
      // What was read before the connection broke came from one snapshot all the same: only a failed statement counts.
      if (Result<Rows> ended = connection.RunScript("ROLLBACK"); !ended.ok() && status.ok())
        return transaction.retryable() ? Status(*transaction.retryable()) : Ok();
      if (!status.ok() && transaction.retryable()) return *transaction.retryable();
      return status;
    });
  }

  Status Write(const std::function<Status(Transaction&)>& body) override {
    return Anew([&] { return WriteOnce(body); });
  }

  bool is_postgres() const override { return true; }
  const std::string& display_name() const override { return display_name_; }
  std::string folder() const override { return ""; }

 private:
  Status StartOn(PostgresConnection& connection, const std::vector<Migration>& migrations, bool create);
  Status WriteOnce(const std::function<Status(Transaction&)>& body);
  Result<bool> WasCommitted(const PostgresConnection& broken);
  MigrationTarget Target(PostgresConnection& connection, Transaction& transaction);
  /// One that is kept, or a new one, waiting for a server that is away (`wait` false: that is an error at once).
  Result<std::unique_ptr<PostgresConnection>> Take(bool wait = true);
  void Give(std::unique_ptr<PostgresConnection> connection);

  /// Tries again what the store itself could not do (a deadlock, a connection that broke). An error of a body may be safe to
  /// retry for its caller only.
  static Status Anew(const std::function<Status()>& work) {
    Status last = Ok();
    Status status = RunWithRetry(kAnew, nullptr, [&]() -> Status {
      last = work();
      const bool again = !last.ok() && last.error().code() == "STATE-202" && last.error().retry() == Retry::kSafe;
      return again ? Status(last.error()) : Ok();
    });
    return status.ok() ? std::move(last) : std::move(status);
  }

  Status WithConnection(const std::function<Status(PostgresConnection&)>& work) {
    return Anew([&]() -> Status {
      LEAT_ASSIGN(auto connection, Take());
      Status status = work(*connection);
      Give(std::move(connection));
      return status;
    });
  }

  const std::string url_;
  const std::string display_name_;
  const bool durable_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  size_t taken_ = 0;
};

Result<std::unique_ptr<PostgresConnection>> PostgresStore::Take(bool wait) {
  std::unique_lock lock(mutex_);
  given_.wait(lock, [&] { return taken_ < kMostConnections; });
  ++taken_;
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  lock.unlock();
  std::unique_ptr<PostgresConnection> opened;
  Status status = RunWithRetry(wait ? kUntilBack : RetryPolicy{.attempts = 1}, nullptr, [&]() -> Status {
    LEAT_ASSIGN(opened, PostgresConnection::Open(url_, display_name_, durable_));
    return Ok();
  });
  if (status.ok()) return opened;
  Give(nullptr);
  return std::move(status).error();
}

void PostgresStore::Give(std::unique_ptr<PostgresConnection> connection) {
  std::lock_guard lock(mutex_);
  --taken_;
  if (connection != nullptr && !connection->broken()) {
    idle_.push_back(std::move(connection));
  } else {
    idle_.clear();  // the others are of the same server: most likely broken too
  }
  given_.notify_one();
}

Status PostgresStore::WriteOnce(const std::function<Status(Transaction&)>& body) {
  LEAT_ASSIGN(auto connection, Take());
  const auto work = [&]() -> Status {
    LEAT_ASSIGN(const TimeMicros now, connection->BeginWrite());
    PostgresTransaction transaction(*connection);
    transaction.BegunAt(now);
    Status status = body(transaction);
    if (!status.ok()) {
      // A broken connection has rolled back by itself.
      if (Result<Rows> undone = connection->RunScript("ROLLBACK"); !undone.ok() && !transaction.retryable())
        return std::move(undone).error();
      return transaction.retryable() ? Status(*transaction.retryable()) : std::move(status);
    }
    status = connection->Commit();
    if (status.ok()) return status;
    if (status.error().retry() != Retry::kUnknownOutcome) {
      // A statement that was sent before had failed: the transaction is still open. (On a broken connection this does nothing.)
      (void)connection->RunScript("ROLLBACK");
      return status;
    }
    const Result<bool> committed = WasCommitted(*connection);
    if (!committed.ok()) return status;
    if (*committed) return Ok();
    return MakeError("STATE-202", ErrorKind::kEnvironment, "the connection to the state in {} broke before COMMIT",
                     display_name_)
        .WithRetry(Retry::kSafe);
  };
  Status status = work();
  Give(std::move(connection));
  return status;
}

Result<bool> PostgresStore::WasCommitted(const PostgresConnection& broken) {
  bool committed = false;
  RetryPolicy policy = kUntilBack;
  policy.budget = kUntilKnown;
  LEAT_TRY(RunWithRetry(policy, nullptr, [&]() -> Status {
    LEAT_ASSIGN(const auto connection, PostgresConnection::Open(url_, display_name_, durable_));
    LEAT_ASSIGN(committed, connection->WasCommitted(broken));
    return Ok();
  }));
  return committed;
}

MigrationTarget PostgresStore::Target(PostgresConnection& connection, Transaction& transaction) {
  MigrationTarget target;
  target.display_name = display_name_;
  target.transaction = &transaction;
  target.has_migration_table = [&connection]() -> Result<bool> {
    LEAT_ASSIGN(const Rows rows, connection.RunScript("SELECT to_regclass('leat.migration') IS NOT NULL"));
    return rows.Int(0, 0) == 1;
  };
  // Copies of a server are its own affair; the migration is one transaction all the same.
  target.backup = [](int) { return Ok(); };
  target.run_script = [&connection](std::string_view sql) -> Status {
    LEAT_TRY(connection.RunScript(sql));
    return Ok();
  };
  return target;
}

Status PostgresStore::Start(const std::vector<Migration>& migrations, bool create) {
  // Who finds no server is told so at once; one that goes away in the middle of this was there, and is waited for.
  bool was_there = false;
  return Anew([&]() -> Status {
    LEAT_ASSIGN(auto connection, Take(/*wait=*/was_there));
    was_there = true;
    Status status = StartOn(*connection, migrations, create);
    Give(std::move(connection));
    return status;
  });
}

Status PostgresStore::StartOn(PostgresConnection& connection, const std::vector<Migration>& migrations, bool create) {
  PostgresTransaction transaction(connection);
  const MigrationTarget target = Target(connection, transaction);
  LEAT_ASSIGN(const int stored, StoredVersion(target, migrations));
  LEAT_ASSIGN(const Rows marks, connection.RunScript("SELECT to_regclass('leat.write_mark') IS NOT NULL"));
  if (stored == migrations.back().number && marks.Int(0, 0) == 1) return Ok();
  if (stored == 0 && !create) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "there is no state in {}", display_name_)
        .WithHint("run `leat init` or `leat run` first, or name the right database in `state` of leat.yml");
  }
  LEAT_TRY(connection.RunScript("BEGIN READ WRITE"));
  const auto migrate = [&]() -> Status {
    LEAT_TRY(connection.RunScript(fmt::format("SELECT pg_advisory_xact_lock({})", kMigrationLock)));
    LEAT_TRY(connection.RunScript("CREATE SCHEMA IF NOT EXISTS leat"));
    LEAT_TRY(connection.RunScript(kMarks));
    return Migrate(target, migrations, transaction.Now());
  };
  Status status = migrate();
  if (status.ok()) return connection.Commit();
  LEAT_TRY(connection.RunScript("ROLLBACK"));
  return status;
}

}  // namespace

Status ExecuteLater(Transaction& tx, std::string_view sql, const Params& params) {
  if (auto* postgres = dynamic_cast<PostgresTransaction*>(&tx)) return postgres->Send(sql, params);
  LEAT_TRY(tx.Execute(sql, params));
  return Ok();
}

Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, const StoreOptions& options,
                                                 const std::vector<Migration>& migrations) {
  LEAT_ASSIGN(const std::string display_name, WithoutPassword(url));
  auto store = std::make_unique<PostgresStore>(url, display_name, options.durable);
  LEAT_TRY(store->Start(migrations, options.create));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace leat::state
