#include "sql/settings.h"

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "io/file_system.h"

namespace leat::sql {
namespace {

int64_t MachineMemoryBytes() {
  return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGE_SIZE));
}

std::string ListLiteral(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const auto& item : items) text += (text.size() > 1 ? ", " : "") + QuoteLiteral(item);
  return text + "]";
}

}  // namespace

Status MakePrivateFolders(const EngineOptions& options) {
  if (options.private_folder.empty())
    return MakeError("SQL-102", ErrorKind::kInternal, "the SQL engine was opened without a private folder");
  std::string root = io::LocalPath(options.private_folder);
  for (const char* name : {"tmp", "home", "secrets", "extensions"}) {
    std::error_code failed;
    std::filesystem::create_directories(root + "/" + name, failed);
    if (failed)
      return MakeError("SQL-102", ErrorKind::kEnvironment, "the SQL engine's folder {}/{} cannot be made: {}", root,
                       name, failed.message())
          .WithHint("give the project's state folder write access");
  }
  std::filesystem::permissions(root, std::filesystem::perms::owner_all);
  return Ok();
}

std::vector<EngineSetting> OpeningSettings(const EngineOptions& options, const std::string& spill_folder) {
  std::string root = io::LocalPath(options.private_folder);
  auto folder = [&](const char* name) { return QuoteLiteral(root + "/" + name); };
  int64_t memory = options.memory_limit_bytes > 0 ? options.memory_limit_bytes : MachineMemoryBytes() / 10 * 6;
  int threads =
      options.threads > 0 ? options.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::string> folders{root};
  for (const auto& allowed : options.allowed_folders) folders.push_back(io::LocalPath(allowed));
  std::vector<EngineSetting> settings{
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      {"allow_unredacted_secrets", "false"},
      {"extension_directory", folder("extensions")},
      {"secret_directory", folder("secrets")},
      {"home_directory", folder("home")},
      {"temp_directory", QuoteLiteral(spill_folder)},
      {"TimeZone", "'UTC'"},
      {"Calendar", "'gregorian'"},
      {"memory_limit", QuoteLiteral(std::to_string(memory / 1024) + "KiB")},
      {"threads", std::to_string(threads)},
      {"preserve_insertion_order", options.preserve_insertion_order ? "true" : "false"},
      {"errors_as_json", "true"},  // errors carry their position
      {"allowed_directories", ListLiteral(folders)},
  };
  // Reading counters of our own statements needs the profiler, which is a setting of the connection.
  if (options.kind == InstanceKind::kEngine)
    settings.push_back({"allowed_configs", "['enable_profiling', 'profiling_coverage']"});
  return settings;
}

std::vector<EngineSetting> ClosingSettings(const EngineOptions&) {
  return {{"enable_external_access", "false"}, {"lock_configuration", "true"}};
}

}  // namespace leat::sql
