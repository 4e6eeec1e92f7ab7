#include "state/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "state/network_file_system.h"
#include "state/sqlite_connection.h"
#include "state/write_queue.h"

namespace leat::state {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kApplicationId = 0x4C454154;  // "LEAT", in the file's header
constexpr size_t kKeptReaders = 16;

class SqliteTransaction : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}
  Result<Rows> Query(std::string_view sql, const Params& params) override { return connection_.Query(sql, params); }
  Result<int64_t> Execute(std::string_view sql, const Params& params) override {
    return connection_.Execute(sql, params);
  }
  Status LockRow(std::string_view, std::string_view, const Params&) override { return Ok(); }
  TimeMicros Now() override { return clock_.Now(); }

 private:
  SqliteConnection& connection_;
  const Clock& clock_;
};

/// The store that this thread is writing to: a Write inside a Write would wait for itself.
thread_local const void* writing_store = nullptr;

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path, const StoreOptions& options)
      : path_(std::move(path)),
        durable_(options.durable),
        clock_(options.clock == nullptr ? SystemClock() : *options.clock) {}

  Status Start(const std::vector<Migration>& migrations);

  Result<Rows> Read(std::string_view sql, const Params& params) override {
    LEAT_ASSIGN(auto reader, TakeReader());
    Result<Rows> rows = reader->Query(sql, params);
    GiveReader(std::move(reader));
    return rows;
  }

  Status ReadAll(const std::function<Status(Transaction&)>& body) override {
    LEAT_ASSIGN(auto reader, TakeReader());
    LEAT_TRY(reader->Execute("BEGIN", {}));
    SqliteTransaction transaction(*reader, clock_);
    Status status = body(transaction);
    Result<int64_t> ended = reader->Execute("COMMIT", {});
    if (ended.ok()) GiveReader(std::move(reader));
    return status;
  }

  Status Write(const std::function<Status(Transaction&)>& body) override;

  bool is_postgres() const override { return false; }
  const std::string& display_name() const override { return path_; }
  std::string folder() const override { return fs::path(path_).parent_path().string(); }

 private:
  Status CheckWhatItIs();
  Status BringUpToDate(const std::vector<Migration>& migrations);
  Status WriteAlone(const std::function<Status(Transaction&)>& body);
  MigrationTarget Target(Transaction& transaction);
  Result<std::unique_ptr<SqliteConnection>> TakeReader();
  void GiveReader(std::unique_ptr<SqliteConnection> reader);

  const std::string path_;
  const bool durable_;
  const Clock& clock_;
  int version_ = 0;
  std::unique_ptr<WriteQueue> queue_;
  std::unique_ptr<SqliteConnection> writer_;  ///< used by whoever is inside queue_
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
};

Status SqliteStore::Start(const std::vector<Migration>& migrations) {
  LEAT_ASSIGN(queue_, WriteQueue::Open(path_ + "-queue"));
  LEAT_ASSIGN(writer_, SqliteConnection::Open(path_, {.writes = true, .durable = durable_}));
  LEAT_TRY(CheckWhatItIs());
  version_ = migrations.back().number;
  SqliteTransaction transaction(*writer_, clock_);
  LEAT_ASSIGN(const int stored, StoredVersion(Target(transaction), migrations));
  if (stored == version_) return Ok();
  return BringUpToDate(migrations);
}

Status SqliteStore::CheckWhatItIs() {
  LEAT_ASSIGN(const Rows id, writer_->Query("PRAGMA application_id", {}));
  if (id.Int(0, 0) == kApplicationId) return Ok();
  LEAT_ASSIGN(const Rows objects, writer_->Query("SELECT count(*) FROM sqlite_master", {}));
  // Asked again: another process may have made the state between the two statements.
  LEAT_ASSIGN(const Rows again, writer_->Query("PRAGMA application_id", {}));
  if (objects.Int(0, 0) == 0 || again.Int(0, 0) == kApplicationId) return Ok();
  return MakeError("STATE-102", ErrorKind::kEnvironment, "{} is a SQLite database, but no state of Leat", path_)
      .WithHint("name another file in `state` of leat.yml");
}

MigrationTarget SqliteStore::Target(Transaction& transaction) {
  MigrationTarget target;
  target.display_name = path_;
  target.transaction = &transaction;
  target.has_migration_table = [this]() -> Result<bool> {
    LEAT_ASSIGN(const Rows rows,
                writer_->Query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'", {}));
    return !rows.empty();
  };
  target.backup = [this](int version) -> Status {
    const std::string copy = fmt::format("{}.v{}.backup", path_, version);
    if (fs::exists(copy)) return Ok();
    // A second connection: the copy is of what is committed.
    LEAT_ASSIGN(const auto reader, SqliteConnection::Open(path_, {}));
    const std::string unfinished = copy + ".unfinished";
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    const int file = open(unfinished.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
    LEAT_TRY(reader->CopyTo(unfinished));
    std::error_code failed;
    fs::rename(unfinished, copy, failed);
    if (failed) return MakeError("STATE-201", ErrorKind::kEnvironment, "cannot write {}: {}", copy, failed.message());
    return Ok();
  };
  target.run_script = [this](std::string_view sql) { return writer_->RunScript(sql); };
  return target;
}

Status SqliteStore::BringUpToDate(const std::vector<Migration>& migrations) {
  LEAT_TRY(queue_->Enter());
  const auto work = [&]() -> Status {
    LEAT_TRY(writer_->RunScript("PRAGMA journal_mode = WAL"));
    return WriteAlone([&](Transaction& transaction) -> Status {
      LEAT_TRY(Migrate(Target(transaction), migrations, clock_.Now()));
      return writer_->RunScript(
          fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, version_));
    });
  };
  Status status = work();
  queue_->Leave();
  return status;
}

Status SqliteStore::WriteAlone(const std::function<Status(Transaction&)>& body) {
  LEAT_TRY(writer_->Execute("BEGIN IMMEDIATE", {}));
  SqliteTransaction transaction(*writer_, clock_);
  Status status = body(transaction);
  if (status.ok()) {
    if (Result<int64_t> committed = writer_->Execute("COMMIT", {}); !committed.ok())
      status = std::move(committed).error();
  }
  // SQLite ends the transaction itself after some failures (disk full); a ROLLBACK would then be an error.
  if (!status.ok() && writer_->InTransaction()) {
    if (Result<int64_t> undone = writer_->Execute("ROLLBACK", {}); !undone.ok()) return std::move(undone).error();
  }
  return status;
}

Status SqliteStore::Write(const std::function<Status(Transaction&)>& body) {
  if (writing_store == this) {
    return MakeError("STATE-204", ErrorKind::kInternal, "a transaction on the state was begun inside another one");
  }
  LEAT_TRY(queue_->Enter());
  writing_store = this;
  Status status = WriteAlone([&](Transaction& transaction) -> Status {
    LEAT_ASSIGN(const Rows version, writer_->Query("PRAGMA user_version", {}));
    if (version.Int(0, 0) > version_) {
      return MakeError("STATE-103", ErrorKind::kEnvironment,
                       "the state in {} was migrated to schema version {} by a newer leat", path_, version.Int(0, 0))
          .WithHint("stop this process and start it with the newer program");
    }
    return body(transaction);
  });
  writing_store = nullptr;
  queue_->Leave();
  return status;
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::TakeReader() {
  {
    std::lock_guard lock(readers_mutex_);
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  return SqliteConnection::Open(path_, {.writes = false, .durable = durable_});
}

void SqliteStore::GiveReader(std::unique_ptr<SqliteConnection> reader) {
  std::lock_guard lock(readers_mutex_);
  if (readers_.size() < kKeptReaders) readers_.push_back(std::move(reader));
}

/// Makes every missing folder of `folder` private, leaves existing ones as they are.
Status MakePrivateFolder(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return Ok();
  LEAT_TRY(MakePrivateFolder(folder.parent_path()));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "cannot make the folder {} for the state: {}",
                     folder.string(), std::strerror(errno))
        .WithHint("name a path that you may write in `state` of leat.yml");
  }
  return Ok();
}

Status MakeFile(const std::string& path, bool create) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) {
    return MakeError("STATE-101", ErrorKind::kConfig, "the state {} is a folder", path)
        .WithHint("name a file, such as ./.leat/state.db");
  }
  if (fs::exists(status)) return Ok();
  if (!create) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "there is no state at {}", path)
        .WithHint("run `leat init` or `leat run` first, or name the right path in `state` of leat.yml");
  }
  // Exclusive: a descriptor of a file that is open already must never be closed, that would drop SQLite's locks.
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "cannot make the state {}: {}", path, std::strerror(errno))
        .WithHint("the folder of the state must be writable");
  }
  if (file >= 0) close(file);
  return Ok();
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const StoreOptions& options,
                                               const std::vector<Migration>& migrations) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed).lexically_normal();
  if (failed || path.empty()) return MakeError("STATE-101", ErrorKind::kConfig, "'{}' is no path for the state", path);
  if (options.create) LEAT_TRY(MakePrivateFolder(absolute.parent_path()));
  if (const std::string network = NetworkFileSystemOf(absolute.parent_path()); !network.empty()) {
    return MakeError("STATE-104", ErrorKind::kEnvironment, "the state {} is on a network file system ({})",
                     absolute.string(), network)
        .WithHint("locks do not hold there: keep the state on a local disk, or use postgresql://");
  }
  LEAT_TRY(MakeFile(absolute.string(), options.create));
  auto store = std::make_unique<SqliteStore>(absolute.string(), options);
  LEAT_TRY(store->Start(migrations));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace leat::state
