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

  std::string version() const override { return duckdb_library_version(); }

 private:
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
  return std::unique_ptr<Engine>(std::make_unique<DuckEngine>(std::move(instance), std::move(setup), options));
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
