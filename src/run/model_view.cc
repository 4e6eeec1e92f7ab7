#include "run/model_view.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "data/schema_json.h"

namespace leat::run {

using nlohmann::json;

std::string FormatViewMetadata(const ViewDefinition& view) {
  int64_t now_ms = view.now / 1000;
  json version = {{"version-id", 1},
                  {"timestamp-ms", now_ms},
                  {"schema-id", view.schema.schema_id},
                  {"summary", {{"operation", "replace"}, {"engine-name", "leat"}}},
                  {"representations", json::array({{{"type", "sql"}, {"sql", view.sql}, {"dialect", "duckdb"}}})},
                  {"default-namespace", json::array({view.default_namespace})}};
  return json{{"view-uuid", view.uuid},
              {"format-version", 1},
              {"location", view.location},
              {"current-version-id", 1},
              {"versions", json::array({version})},
              {"version-log", json::array({{{"timestamp-ms", now_ms}, {"version-id", 1}}})},
              {"schemas", json::array({data::SchemaToJson(view.schema)})},
              {"properties", view.properties}}
      .dump();
}

std::string ReadViewSql(const std::string& metadata_json) {
  json parsed = json::parse(metadata_json, nullptr, false);
  try {
    for (const json& version : parsed.at("versions")) {
      if (version.at("version-id") != parsed.at("current-version-id")) continue;
      for (const json& form : version.at("representations")) {
        if (form.value("dialect", "") == "duckdb") return form.at("sql");
      }
    }
  } catch (const json::exception&) {
    return "";
  }
  return "";
}

Result<bool> CommitView(StepContext& context, const Target& target, const std::string& sql,
                        const data::Schema& schema) {
  lake::Catalog& catalog = *context.lakehouse.catalog;
  io::FileSystem& files = *context.lakehouse.files;
  bool view_there = target.entry && target.entry->kind == lake::ObjectKind::kView;
  if (view_there) {
    LEAT_ASSIGN(std::string bytes, files.Read(target.entry->location));
    if (ReadViewSql(bytes) == sql) return false;
  }
  ViewDefinition view;
  view.uuid = view_there ? target.entry->uuid : NewUuidV4();
  view.location = catalog.NewTableLocation(context.asset.table, view.uuid, target.namespace_properties);
  view.sql = sql;
  view.default_namespace = context.asset.table.ns;
  view.schema = schema;
  view.properties = context.asset.table_properties;
  view.properties["leat.run-id"] = context.run_id;
  if (!context.asset.description.empty()) view.properties["comment"] = context.asset.description;
  view.now = SystemClock().Now();
  std::string location = io::JoinUri(view.location, "metadata/" + NewUuidV7() + ".metadata.json");
  LEAT_TRY(files.WriteNew(location, FormatViewMetadata(view)));

  lake::CommitRequest request;
  request.ref = context.branch;
  request.info.author = "leat";
  request.info.run_id = context.run_id;
  request.info.message = "step " + context.asset.id;
  if (target.entry && !view_there) {  // a table stood there
    lake::PointerChange drop;
    drop.kind = target.entry->kind;
    drop.name = target.entry->name;
    drop.uuid = target.entry->uuid;
    drop.expected = target.entry->location;
    request.changes = {drop};
    LEAT_ASSIGN(lake::CommitId dropped, catalog.Commit(request));
    (void)dropped;
  }
  lake::PointerChange pointer;
  pointer.kind = lake::ObjectKind::kView;
  pointer.name = context.asset.table;
  pointer.uuid = view.uuid;
  if (view_there) pointer.expected = target.entry->location;
  pointer.location = location;
  request.changes = {pointer};
  auto commit = catalog.Commit(request);
  if (commit.ok()) return true;
  if (commit.error().retry() == Retry::kUnknownOutcome) {
    LEAT_ASSIGN(std::optional<lake::CommitId> found,
                catalog.FindCommitOf(context.branch, context.asset.table, location));
    if (found) return true;
  } else {
    (void)files.Remove(location).ok();
  }
  return std::move(commit).error();
}

}  // namespace leat::run
