#include "components/source/iceberg/table_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "component/input_files.h"
#include "component/object_store_fields.h"
#include "component/quoted_name.h"
#include "components/source/iceberg/rest_catalog.h"
#include "io/s3/s3_file_system.h"
#include "io/unpack.h"

namespace leat::components::iceberg {
namespace {

constexpr std::string_view kMetadata = ".metadata.json";
constexpr std::string_view kPackedMetadata = ".metadata.json.gz";  // of early writers; later ones: v1.gz.metadata.json
constexpr size_t kLongestMetadata = size_t{1} << 30;
constexpr size_t kMostLevels = 64;

io::s3::StorageSettings StorageOf(const config::Values& connection, const component::SourceContext& context) {
  const config::Values* storage = connection.Has("storage") ? connection.Object("storage") : nullptr;
  return storage == nullptr ? io::s3::StorageSettings() : component::ReadObjectStore(*storage, context.project_root);
}

component::TableFilesOptions OptionsOf(const config::Values& connection, const component::SourceContext& context,
                                       const std::string& what) {
  component::TableFilesOptions options;
  options.what = what;
  options.storage = StorageOf(connection, context);
  const std::string path = connection.Text("path");
  if (!path.empty() && !io::IsS3(path)) options.folders.push_back(component::BelowProject(context.project_root, path));
  return options;
}

/// Keys and address that a catalogue gives with a table; what the connection itself says wins.
void TakeVended(const std::map<std::string, std::string>& config, io::s3::StorageSettings& storage) {
  const auto text = [&](const char* name) {
    const auto found = config.find(name);
    return found == config.end() ? std::string() : found->second;
  };
  const auto take = [&](std::string& setting, const char* name) {
    if (setting.empty()) setting = text(name);
  };
  if (storage.access_key_id.empty() && storage.profile.empty()) {
    storage.access_key_id = text("s3.access-key-id");
    storage.secret_access_key = text("s3.secret-access-key");
    storage.session_token = text("s3.session-token");
  }
  take(storage.endpoint, "s3.endpoint");
  take(storage.region, "client.region");
  take(storage.region, "s3.region");
  if (!storage.path_style && !text("s3.path-style-access").empty())
    storage.path_style = text("s3.path-style-access") == "true";
}

Result<FoundTable> FindInCatalog(const config::Values& connection, const std::string& table,
                                 const component::SourceContext& context, const std::string& what) {
  Namespace ns = component::SplitQuotedName(table, kMostLevels);
  const std::string name = ns.back();
  ns.pop_back();
  if (ns.empty()) {
    return MakeError("SRC-418", ErrorKind::kConfig, "{}: '{}' names no namespace of the catalogue", what, table)
        .WithHint("write `table: namespace.table`; `leat discover` shows what the catalogue has");
  }
  LEAT_ASSIGN(const auto catalog, RestCatalog::Open(connection, context, what));
  LEAT_ASSIGN(const LoadedTable loaded, catalog->Load(ns, name));
  FoundTable found;
  auto metadata = lake::ParseTableMetadata(loaded.metadata);
  if (!metadata.ok()) return std::move(metadata).error().In(what);
  found.metadata = std::move(*metadata);
  found.location = loaded.metadata_location;
  component::TableFilesOptions options = OptionsOf(connection, context, what);
  TakeVended(loaded.config, options.storage);
  found.files = std::make_shared<component::TableFiles>(std::move(options), context);
  return found;
}

/// The newest metadata file of a table's folder.
Result<std::string> NewestMetadata(component::TableFiles& files, const std::string& folder, const std::string& what) {
  const std::string place = io::JoinUri(folder, "metadata");
  LEAT_ASSIGN(const std::vector<io::FileInfo> all, files.List(place));
  const io::FileInfo* newest = nullptr;
  int64_t version = -1;
  for (const io::FileInfo& file : all) {
    const std::string_view name = std::string_view(file.uri).substr(file.uri.rfind('/') + 1);
    const int64_t one = MetadataVersion(name);
    if (one < version || (one == version && newest != nullptr && file.modified_ns <= newest->modified_ns)) continue;
    if (one < 0) continue;
    version = one;
    newest = &file;
  }
  if (newest != nullptr) return newest->uri;
  return MakeError("SRC-415", ErrorKind::kNotFound, "{}: there is no Iceberg metadata in {}", what, place)
      .WithHint(
          "`path` of the connection and `table` of the entry together are the folder of a table, with a folder metadata");
}

}  // namespace

int64_t MetadataVersion(std::string_view file_name) {
  if (!file_name.ends_with(kMetadata) && !file_name.ends_with(kPackedMetadata)) return -1;
  if (file_name.starts_with('v')) file_name.remove_prefix(1);
  int64_t version = -1;
  const auto read = std::from_chars(file_name.data(), file_name.data() + file_name.size(), version);
  return read.ec == std::errc() && version >= 0 ? version : -1;
}

Result<std::shared_ptr<component::TableFiles>> FilesOf(const config::Values& connection,
                                                       const component::SourceContext& context,
                                                       const std::string& what) {
  if (connection.Text("path").empty()) {
    return MakeError("SRC-410", ErrorKind::kConfig, "{}: the connection has neither `catalog` nor `path`", what)
        .At(connection.span)
        .WithHint(
            "write `catalog: https://host/path` of an Iceberg REST catalogue, or `path:` of the folder of tables");
  }
  return std::make_shared<component::TableFiles>(OptionsOf(connection, context, what), context);
}

Result<FoundTable> FindTable(const config::Values& connection, const std::string& table,
                             const component::SourceContext& context, const std::string& what) {
  if (!connection.Text("catalog").empty()) return FindInCatalog(connection, table, context, what);
  FoundTable found;
  LEAT_ASSIGN(found.files, FilesOf(connection, context, what));
  const std::string root = component::BelowProject(context.project_root, connection.Text("path"));
  found.location = io::JoinUri(root, table);
  if (!found.location.ends_with(kMetadata) && !found.location.ends_with(kPackedMetadata)) {
    LEAT_ASSIGN(found.location, NewestMetadata(*found.files, found.location, what));
  }
  auto text = found.files->Read(found.location);
  if (!text.ok()) return std::move(text).error().In(what);
  LEAT_ASSIGN(const std::string json,
              io::UnpackBytes(*text, fmt::format("{}: {}", what, found.location), kLongestMetadata));
  auto metadata = lake::ParseTableMetadata(json);
  if (!metadata.ok()) return std::move(metadata).error().In(what + ", " + found.location);
  found.metadata = std::move(*metadata);
  return found;
}

}  // namespace leat::components::iceberg
