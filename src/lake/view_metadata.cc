#include "lake/view_metadata.h"

#include <algorithm>

#include "data/schema_json.h"
#include "lake/catalog_names.h"
#include "lake/json_reader.h"

namespace leat::lake {
namespace {

using nlohmann::json;

Properties StringMap(JsonReader& in, const char* name) {
  Properties map;
  const json* member = in.Find(name);
  if (member == nullptr) return map;
  if (!member->is_object()) in.Fail(fmt::format("the member \"{}\" is not an object", name));
  for (const auto& [key, value] : member->items()) {
    if (!value.is_string()) {
      in.Fail(fmt::format("\"{}\" of \"{}\" is not text", key, name));
      break;
    }
    map[key] = value.get<std::string>();
  }
  return map;
}

ViewVersion ReadVersion(JsonReader& in, const std::string& code, ErrorKind kind) {
  ViewVersion version;
  version.id = in.Int("version-id");
  version.timestamp_ms = in.Int("timestamp-ms");
  version.schema_id = in.SmallInt("schema-id");
  version.summary = StringMap(in, "summary");
  version.default_catalog = in.Text("default-catalog", "");
  for (const json& level : in.Array("default-namespace")) {
    if (!level.is_string()) {
      in.Fail("\"default-namespace\" holds something that is not text");
      break;
    }
    version.default_namespace.push_back(level.get<std::string>());
  }
  for (const json& item : in.Array("representations")) {
    JsonReader inner(item, "representation", code, kind);
    if (const std::string type = inner.Text("type"); inner.ok() && type != "sql")
      inner.Fail(fmt::format("its type is '{}', only sql is known", type));
    version.representations.push_back({inner.Text("sql"), inner.Text("dialect")});
    in.Check(inner.Finish());
  }
  return version;
}

json VersionToJson(const ViewVersion& version) {
  json forms = json::array();
  for (const ViewRepresentation& form : version.representations)
    forms.push_back({{"type", "sql"}, {"sql", form.sql}, {"dialect", form.dialect}});
  json out = {{"version-id", version.id},
              {"timestamp-ms", version.timestamp_ms},
              {"schema-id", version.schema_id},
              {"summary", version.summary},
              {"representations", std::move(forms)},
              {"default-namespace", version.default_namespace}};
  if (!version.default_catalog.empty()) out["default-catalog"] = version.default_catalog;
  return out;
}

template <typename T>
const T* FindIf(const std::vector<T>& all, const auto& matches) {
  const auto found = std::find_if(all.begin(), all.end(), matches);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const ViewRepresentation* ViewVersion::FindDialect(std::string_view dialect) const {
  return FindIf(representations, [folded = FoldName(dialect)](const ViewRepresentation& form) {
    return FoldName(form.dialect) == folded;
  });
}

const ViewVersion* ViewMetadata::FindVersion(int64_t id) const {
  return FindIf(versions, [id](const ViewVersion& version) { return version.id == id; });
}

const data::Schema* ViewMetadata::FindSchema(int id) const {
  return FindIf(schemas, [id](const data::Schema& schema) { return schema.schema_id == id; });
}

Result<ViewVersion> ViewVersionFromJson(const json& object) {
  JsonReader in(object, "view-version", "LAKE-104", ErrorKind::kUsage);
  ViewVersion version = ReadVersion(in, "LAKE-104", ErrorKind::kUsage);
  LEAT_TRY(in.Finish());
  return version;
}

Result<ViewMetadata> ParseViewMetadata(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return MakeError("LAKE-101", ErrorKind::kData, "view metadata: not JSON");
  JsonReader in(object, "view metadata", "LAKE-101", ErrorKind::kData);
  ViewMetadata metadata;
  metadata.format_version = in.SmallInt("format-version");
  if (in.ok() && metadata.format_version != 1) {
    return MakeError("LAKE-102", ErrorKind::kUnsupported, "views of format version {} are not supported",
                     metadata.format_version);
  }
  metadata.uuid = in.Text("view-uuid");
  metadata.location = in.Text("location");
  metadata.current_version_id = in.Int("current-version-id");
  metadata.properties = StringMap(in, "properties");
  for (const json& item : in.Array("versions")) {
    JsonReader inner(item, "version", "LAKE-101", ErrorKind::kData);
    metadata.versions.push_back(ReadVersion(inner, "LAKE-101", ErrorKind::kData));
    in.Check(inner.Finish());
  }
  for (const json& item : in.Array("version-log")) {
    JsonReader inner(item, "version-log", "LAKE-101", ErrorKind::kData);
    metadata.version_log.push_back({inner.Int("timestamp-ms"), inner.Int("version-id")});
    in.Check(inner.Finish());
  }
  for (const json& item : in.Array("schemas")) metadata.schemas.push_back(in.Take(data::SchemaFromJson(item)));
  if (in.ok() && metadata.current_version() == nullptr)
    in.Fail(fmt::format("\"current-version-id\" is {}, which \"versions\" does not have", metadata.current_version_id));
  LEAT_TRY(in.Finish());
  return metadata;
}

std::string FormatViewMetadata(const ViewMetadata& metadata) {
  json out = {{"view-uuid", metadata.uuid},    {"format-version", metadata.format_version},
              {"location", metadata.location}, {"current-version-id", metadata.current_version_id},
              {"versions", json::array()},     {"version-log", json::array()},
              {"schemas", json::array()},      {"properties", metadata.properties}};
  for (const ViewVersion& version : metadata.versions) out["versions"].push_back(VersionToJson(version));
  for (const ViewLogEntry& entry : metadata.version_log)
    out["version-log"].push_back({{"timestamp-ms", entry.timestamp_ms}, {"version-id", entry.version_id}});
  for (const data::Schema& schema : metadata.schemas) out["schemas"].push_back(data::SchemaToJson(schema));
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace leat::lake
