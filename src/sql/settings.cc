#include "sql/settings.h"

#include <dlfcn.h>
#include <link.h>
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
      {"errors_as_json", "true"},             // errors carry their position
      {"arrow_lossless_conversion", "true"},  // a UUID in an Arrow batch stays one
      {"allowed_directories", ListLiteral(folders)},
  };
  // Reading counters of our own statements needs the profiler, which is a setting of the connection.
  if (options.kind == InstanceKind::kEngine)
    settings.push_back({"allowed_configs", "['enable_profiling', 'profiling_coverage']"});
  return settings;
}

std::vector<EngineSetting> StoreSettings(const ObjectStore& store) {
  std::vector<EngineSetting> settings{
      // As patient as our own client (io/s3/options.h).
      {"http_retries", "7"},
      {"http_retry_wait_ms", "100"},
      {"http_retry_backoff", "2.0"},
      {"http_timeout", "30"},
      // Parts of 5 MB, the smallest that stores take: each file that is written holds some in memory. Our files are far
      // below 50 GB.
      {"s3_uploader_max_filesize", "'50GB'"},
      {"s3_uploader_max_parts_per_file", "10000"},
      {"enable_server_cert_verification", "true"},
  };
  if (!store.endpoint.ca_file.empty()) settings.push_back({"ca_cert_file", QuoteLiteral(store.endpoint.ca_file)});
  return settings;
}

std::string StoreSecretSql(const ObjectStore& store, const io::s3::Credentials& credentials) {
  const io::s3::Endpoint& endpoint = store.endpoint;
  std::string sql = "CREATE OR REPLACE TEMPORARY SECRET leat_warehouse (TYPE s3, PROVIDER config";
  const auto add = [&sql](const char* name, std::string_view value) {
    if (!value.empty()) sql += fmt::format(", {} {}", name, QuoteLiteral(value));
  };
  add("KEY_ID", credentials.access_key_id);
  add("SECRET", credentials.secret_access_key);
  add("SESSION_TOKEN", credentials.session_token);
  add("REGION", endpoint.region);
  add("ENDPOINT", endpoint.host);
  add("URL_STYLE", endpoint.path_style ? "path" : "vhost");
  add("SCOPE", store.scope.ends_with('/') ? store.scope : store.scope + "/");
  return sql + fmt::format(", USE_SSL {})", endpoint.tls);
}

std::string DefaultExtensionFolder() {
  void* library = dlopen("libduckdb.so", RTLD_NOW | RTLD_NOLOAD);
  const link_map* map = nullptr;
  if (library == nullptr || dlinfo(library, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr)
    return "";
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::canonical(map->l_name, ignored).parent_path();
  dlclose(library);
  for (const auto& found : {folder / "extensions", folder.parent_path() / "extensions"})
    if (std::filesystem::is_directory(found, ignored)) return found.string();
  return (folder / "extensions").string();
}

std::vector<EngineSetting> ClosingSettings(const EngineOptions&) {
  return {{"enable_external_access", "false"}, {"lock_configuration", "true"}};
}

}  // namespace leat::sql
