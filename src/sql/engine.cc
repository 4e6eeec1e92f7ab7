#include "sql/engine.h"

#include <filesystem>
#include <fstream>
#include <mutex>

#include "io/file_system.h"
#include "sql/connection.h"
#include "sql/exact_functions.h"
#include "sql/settings.h"
#include "sql/sql_error.h"

namespace leat::sql {
namespace {

class DuckEngine final : public Engine {
 public:
  DuckEngine(std::shared_ptr<Instance> instance, std::unique_ptr<DuckConnection> setup, EngineOptions options)
      : instance_(std::move(instance)), setup_(std::move(setup)), options_(std::move(options)) {}

  Result<std::unique_ptr<Connection>> Connect() override {
    {
      std::lock_guard lock(mutex_);
      LEAT_TRY(GiveKeys());
      if (setup_ != nullptr) {
        for (const auto& setting : ClosingSettings(options_))
          LEAT_TRY(setup_->Execute("SET GLOBAL " + setting.name + " = " + setting.value));
        setup_.reset();
      }
    }
    LEAT_ASSIGN(std::unique_ptr<DuckConnection> connection, DuckConnection::Open(instance_));
    return std::unique_ptr<Connection>(std::move(connection));
  }

  Status LoadExtension(const std::string& name) override {
    std::lock_guard lock(mutex_);
    if (setup_ == nullptr)
      return MakeError("SQL-103", ErrorKind::kInternal, "extension {} must be loaded before the first connection",
                       name);
    std::string file = options_.extension_folder + "/" + name + ".duckdb_extension";
    if (!std::filesystem::exists(file))
      return MakeError("SQL-104", ErrorKind::kEnvironment, "extension {} is not installed: {} is missing", name, file)
          .WithHint("run the set-up again; extensions come with the program and are never downloaded at run time");
    LEAT_ASSIGN(std::string expected, ExpectedHash(name));
    LEAT_ASSIGN(TextRows rows, setup_->Query("SELECT sha256(content) FROM read_blob(" + QuoteLiteral(file) + ")"));
    if (rows.At(0, 0) != expected)
      return MakeError("SQL-105", ErrorKind::kEnvironment,
                       "extension file {} is not the one that belongs to this program", file)
          .WithHint("install the program again: the file was changed");
    return setup_->Execute("LOAD " + QuoteLiteral(file));
  }

  Result<StoreRequests> store_requests() override {
    StoreRequests sent;
    if (!options_.store || options_.kind != InstanceKind::kEngine) return sent;
    LEAT_ASSIGN(std::unique_ptr<DuckConnection> connection, DuckConnection::Open(instance_));
    LEAT_ASSIGN(
        TextRows rows,
        connection->Query("SELECT CASE WHEN request.url LIKE '%list-type=2%' THEN 'LIST' ELSE request.type END, "
                          "count(*), coalesce(sum(request.request_body_length), 0), "
                          "coalesce(sum(TRY_CAST(response.headers['Content-Length'] AS BIGINT)) FILTER "
                          "(request.type = 'GET'), 0) FROM duckdb_logs_parsed('HTTP') GROUP BY 1"));
    for (const auto& row : rows.rows) {
      const std::string kind = row[0].value_or("");
      const int64_t count = std::stoll(row[1].value_or("0"));
      int64_t& place = kind == "GET"      ? sent.get
                       : kind == "HEAD"   ? sent.head
                       : kind == "LIST"   ? sent.list
                       : kind == "DELETE" ? sent.remove
                                          : sent.put;
      place += count;
      sent.written_bytes += std::stoll(row[2].value_or("0"));
      sent.read_bytes += std::stoll(row[3].value_or("0"));
    }
    return sent;
  }

  std::string version() const override { return duckdb_library_version(); }

  /// Loads httpfs and sets it up for the store of the options. Before the first Connect.
  Status OpenStore() {
    if (!options_.store) return Ok();
    LEAT_TRY(LoadExtension("httpfs"));
    std::lock_guard lock(mutex_);
    std::vector<EngineSetting> settings = StoreSettings(*options_.store);
    // Before httpfs was there, the folder of the store was taken for one of the disk.
    for (auto& setting : OpeningSettings(options_, instance_->spill->path()))
      if (setting.name == "allowed_directories") settings.push_back(std::move(setting));
    for (const auto& setting : settings)
      LEAT_TRY(setup_->Execute("SET GLOBAL " + setting.name + " = " + setting.value));
    if (options_.kind == InstanceKind::kEngine) LEAT_TRY(setup_->Execute("CALL enable_logging('HTTP')"));
    return GiveKeys();
  }

 private:
  /// Keys that were renewed since the last time replace those that the instance has.
  Status GiveKeys() {
    if (!options_.store) return Ok();
    LEAT_ASSIGN(const io::s3::Credentials keys, options_.store->credentials());
    if (keys.access_key_id == given_.access_key_id && keys.session_token == given_.session_token &&
        keys.secret_access_key == given_.secret_access_key)
      return Ok();
    std::unique_ptr<DuckConnection> own;
    if (setup_ == nullptr) {
      LEAT_ASSIGN(own, DuckConnection::Open(instance_));
    }
    LEAT_TRY((own ? own : setup_)->Execute(StoreSecretSql(*options_.store, keys)));
    given_ = keys;
    return Ok();
  }

  /// SHA256SUMS as sha256sum writes it: "<hex>  <file name>".
  Result<std::string> ExpectedHash(const std::string& name) const {
    std::ifstream sums(options_.extension_folder + "/SHA256SUMS");
    std::string hash;
    std::string file;
    while (sums >> hash >> file)
      if (file == name + ".duckdb_extension") return hash;
    return MakeError("SQL-105", ErrorKind::kEnvironment, "extension {} has no line in {}/SHA256SUMS", name,
                     options_.extension_folder)
        .WithHint("run the set-up again");
  }

  std::shared_ptr<Instance> instance_;
  std::mutex mutex_;
  std::unique_ptr<DuckConnection> setup_;  ///< until the instance is locked
  EngineOptions options_;
  io::s3::Credentials given_;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  std::string version = duckdb_library_version();
  if (version != kDuckDbVersion)
    return MakeError("SQL-101", ErrorKind::kEnvironment, "libduckdb {} was found, {} is needed", version,
                     kDuckDbVersion)
        .WithHint("install the program again with its own lib folder");
  LEAT_TRY(MakePrivateFolders(options));
  auto instance = std::make_shared<Instance>();
  LEAT_ASSIGN(instance->spill, SpillFolder::Make(io::LocalPath(options.private_folder) + "/tmp"));
  char* error = nullptr;
  if (duckdb_open_ext(nullptr, &instance->database, nullptr, &error) != DuckDBSuccess) {
    std::string text = error == nullptr ? "unknown error" : error;
    duckdb_free(error);
    return MakeError("SQL-102", ErrorKind::kEnvironment, "DuckDB did not open: {}", text);
  }
  LEAT_ASSIGN(std::unique_ptr<DuckConnection> setup, DuckConnection::Open(instance));
  for (const auto& setting : OpeningSettings(options, instance->spill->path()))
    LEAT_TRY(setup->Execute("SET GLOBAL " + setting.name + " = " + setting.value));
  LEAT_TRY(RegisterExactFunctions(setup->raw()));
  EngineOptions known = options;
  if (known.extension_folder.empty()) known.extension_folder = DefaultExtensionFolder();
  auto engine = std::make_unique<DuckEngine>(std::move(instance), std::move(setup), std::move(known));
  if (options.store) LEAT_TRY(engine->OpenStore());
  return std::unique_ptr<Engine>(std::move(engine));
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace leat::sql
