#include <algorithm>
#include <filesystem>

#include "base/secret.h"
#include "component/object_store_fields.h"
#include "config/env.h"
#include "io/s3/s3_file_system.h"
#include "project/fields.h"
#include "project/reader.h"
#include "project/store_sharing.h"

namespace leat::project {
namespace {

namespace fs = std::filesystem;

bool IsWord(const std::string& text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

std::string Absolute(const std::string& root, const std::string& path) {
  const fs::path full = fs::path(path).is_absolute() ? fs::path(path) : fs::path(root) / path;
  std::string text = full.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

void BadSetting(ReadState& state, const config::Values& values, const std::string& field, std::string message,
                std::string hint) {
  state.findings.Add(MakeError("PROJ-103", ErrorKind::kConfig, "{}: {}", field, message)
                         .WithHint(std::move(hint))
                         .At(values.Where(field)));
}

void TakeWarehouse(ReadState& state, const config::Values& values) {
  const std::string text = values.Text("warehouse");
  const size_t scheme = text.find("://");
  if (scheme == std::string::npos) {
    state.settings.warehouse = io::FileUri(Absolute(state.root, text));
  } else if (text.substr(0, scheme) == "file" || text.substr(0, scheme) == "s3") {
    state.settings.warehouse = text;
    while (state.settings.warehouse.size() > scheme + 4 && state.settings.warehouse.back() == '/')
      state.settings.warehouse.pop_back();
    if (!io::IsS3(text)) return;
    if (const auto address = io::s3::ParseAddress(text); !address.ok())
      state.findings.Add(Error(address.error()).At(values.Where("warehouse")));
  } else {
    BadSetting(state, values, "warehouse", fmt::format("'{}' is not a place for a lake", text),
               "a folder or s3://bucket/prefix");
  }
}

StoreSharing TakeSharing(ReadState& state, const config::Values& storage) {
  StoreSharing sharing{storage.Text("vend"), storage.Text("role"), storage.Text("sts_endpoint")};
  if (storage.Has("vend") && sharing.vend == "role" && sharing.role.empty())
    BadSetting(state, storage, "vend", "`vend: role` without a role", "write `role: arn:aws:iam::…:role/…` beside it");
  if (!sharing.role.empty() && sharing.vend != "role")
    BadSetting(state, storage, "role", "a role is only asked for its keys with `vend: role`", "write `vend: role`");
  std::string& service = sharing.sts_endpoint;
  while (service.ends_with('/')) service.pop_back();
  const size_t scheme = service.starts_with("https://") ? 8 : service.starts_with("http://") ? 7 : 0;
  if (!service.empty() && (scheme == 0 || service.find_first_of("/?#@ ", scheme) != std::string::npos))
    BadSetting(state, storage, "sts_endpoint", fmt::format("'{}' is not the address of a service", service),
               "write https://host or http://host:port, without a path");
  return sharing;
}

void TakeStorage(ReadState& state, const config::Values& values) {
  const config::Values* storage = values.Object("storage");
  if (storage == nullptr) return;
  if (!io::IsS3(state.settings.warehouse)) {
    BadSetting(state, values, "storage", "the warehouse is a folder, which needs none",
               "leave it out, or write `warehouse: s3://bucket/prefix`");
    return;
  }
  io::s3::StorageSettings& settings = state.settings.storage;
  settings = component::ReadObjectStore(*storage, state.root);
  TakeSharing(state, *storage);
  const Result<io::s3::Endpoint> checked = io::s3::Resolve(settings, [](const std::string&) { return std::nullopt; });
  if (!checked.ok()) state.findings.Add(Error(checked.error()).At(storage->span));
}

void TakeState(ReadState& state, const config::Values& values) {
  const std::string text = values.Text("state");
  const size_t scheme = text.find("://");
  if (scheme == std::string::npos) {
    state.settings.state = Absolute(state.root, text);
    return;
  }
  if (text.substr(0, scheme) != "postgresql" && text.substr(0, scheme) != "postgres") {
    BadSetting(state, values, "state", fmt::format("'{}' is not a state store", text),
               "a file or postgresql://user@host/db");
    return;
  }
  state.settings.state = text;
  const size_t at = text.find('@', scheme);
  const size_t colon = text.find(':', scheme + 3);
  if (at != std::string::npos && colon != std::string::npos && colon < at) {
    RegisterSecret(std::string_view(text).substr(colon + 1, at - colon - 1));
  }
}

}  // namespace

void CheckTimeZone(const std::string& zone, const SourceSpan& where, config::Findings& findings) {
  static const std::string kZones = "/usr/share/zoneinfo/";
  std::error_code ignored;
  if (!fs::is_directory(kZones, ignored)) return;
  const bool plain = IsWord(zone, "/_+-") && zone.front() != '/';
  if (plain && fs::is_regular_file(kZones + zone, ignored)) return;
  findings.Add(MakeError("PROJ-103", ErrorKind::kConfig, "'{}' is not a time zone", zone)
                   .WithHint("an IANA name such as UTC, Europe/Berlin or America/New_York")
                   .At(where));
}

std::vector<std::string> ListProjectFiles(const std::string& root, const std::string& folder,
                                          const std::vector<std::string>& endings) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator it(fs::path(root) / folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.front() == '.') {
      if (it->is_directory(error)) it.disable_recursion_pending();
      continue;
    }
    const std::string ending = it->path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) == endings.end() || !it->is_regular_file(error)) continue;
    files.push_back(it->path().lexically_relative(root).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

lake::Properties TableProperties(ReadState& state, const config::Values& values) {
  lake::Properties properties = state.settings.table_properties;
  for (const auto& [key, value] : values.TextMap("properties")) {
    properties[key] = value;
    if (key != "format-version" || value == "2" || value == "3") continue;
    BadSetting(state, values, "properties", fmt::format("'{}' is no format version that is written", value),
               "format-version: 2 (the default) or 3");
  }
  return properties;
}

void ParseSettings(ReadState& state, const config::Node& node) {
  const config::Values values = config::Validate(node, SettingsFields(), "leat.yml", state.env, state.findings);
  Settings& settings = state.settings;
  if (values.Has("version") && values.Integer("version") > 1) {
    state.findings.Add(MakeError("PROJ-102", ErrorKind::kUnsupported,
                                 "leat.yml has version {}, this program reads version 1", values.Integer("version"))
                           .WithHint("install a newer leat")
                           .At(values.Where("version")));
  }
  settings.name = values.Text("name");
  settings.warehouse_name = values.Text("warehouse_name");
  if (!IsWord(settings.warehouse_name, "_")) {
    BadSetting(state, values, "warehouse_name", fmt::format("'{}' is not a name", settings.warehouse_name),
               "letters, digits and _");
  }
  TakeWarehouse(state, values);
  TakeStorage(state, values);
  TakeState(state, values);
  settings.publish = values.Text("publish");
  settings.display_timezone = values.Text("display_timezone");
  if (values.Has("display_timezone")) {
    CheckTimeZone(settings.display_timezone, values.Where("display_timezone"), state.findings);
  }
  settings.memory_limit_bytes = values.Bytes("memory_limit");
  settings.threads = static_cast<int>(values.Integer("threads"));
  settings.landing = Absolute(state.root, values.Text("landing"));
  settings.archive = values.Boolean("archive");
  if (values.Has("read_files_below")) settings.read_files_below = Absolute(state.root, values.Text("read_files_below"));
  settings.rejected_retention = values.Duration("rejected_retention");
  if (const config::Values* defaults = values.Object("defaults")) {
    settings.max_reject = defaults->Percent("max_reject");
    settings.table_properties = TableProperties(state, *defaults);
  }
  if (const config::Values* models = values.Object("models")) settings.default_schema = models->Text("schema");
}

Result<std::string> FindProjectRoot(const std::string& start) {
  std::error_code error;
  fs::path folder = fs::absolute(start.empty() ? "." : start, error).lexically_normal();
  const std::string first = folder.string();
  while (true) {
    if (fs::exists(folder / "leat.yml", error)) {
      std::string root = folder.string();
      while (root.size() > 1 && root.back() == '/') root.pop_back();
      return root;
    }
    if (!folder.has_parent_path() || folder.parent_path() == folder) break;
    folder = folder.parent_path();
  }
  return MakeError("PROJ-101", ErrorKind::kNotFound, "there is no leat.yml in {} or a folder above it", first)
      .WithHint("start a project with `leat init`, or name its folder with --project");
}

Result<Settings> ReadSettings(const std::string& root, const config::EnvLookup& env) {
  ReadState state;
  state.root = root;
  state.env = env;
  LEAT_ASSIGN(const config::Node node, config::ReadYamlFile(root + "/leat.yml", "leat.yml"));
  ParseSettings(state, node);
  if (!state.findings.ok()) return state.findings.ToError();
  return std::move(state.settings);
}

Result<StoreSharing> ReadStoreSharing(const std::string& root, const config::EnvLookup& env) {
  ReadState state;
  state.root = root;
  state.env = env;
  LEAT_ASSIGN(const config::Node node, config::ReadYamlFile(root + "/leat.yml", "leat.yml"));
  const config::Values values = config::Validate(node, SettingsFields(), "leat.yml", state.env, state.findings);
  StoreSharing sharing;
  if (const config::Values* storage = values.Object("storage")) sharing = TakeSharing(state, *storage);
  if (!state.findings.ok()) return state.findings.ToError();
  return sharing;
}

}  // namespace leat::project
