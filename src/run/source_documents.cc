#include "run/source_documents.h"

#include <nlohmann/json.hpp>

#include "io/hash.h"

namespace leat::run {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json SchemaOf(const project::Asset& asset, const RegisteredTable& registered, const LoadMasks& masks) {
  Json columns = Json::array();
  for (size_t i = 0; i < registered.table.columns.size(); ++i) {
    const component::SourceColumn& column = registered.table.columns[i];
    if (registered.watched.contains(column.name)) continue;
    const auto there = registered.source_types.find(column.name);
    columns.push_back(
        {{"name", column.name},
         {"column", registered.names[i]},
         {"source_type", data::TypeName(there == registered.source_types.end() ? *column.type : *there->second)},
         {"type", data::TypeName(*masks.RawType(i, column.type))}});
  }
  Json left_out = Json::array();
  for (const LeftOutColumn& column : registered.left_out) left_out.push_back(column.name);
  return {{"version", 1},
          {"connection", asset.connection},
          {"table", registered.table.name},
          {"columns", columns},
          {"left_out", left_out}};
}

Json KeysOf(const project::Asset& asset, const RegisteredTable& registered) {
  const std::vector<std::string>& key = asset.primary_key.empty() ? registered.table.primary_key : asset.primary_key;
  return {{"version", 1},
          {"connection", asset.connection},
          {"table", registered.table.name},
          {"primary_key", key},
          {"declared", !asset.primary_key.empty()},
          {"update_key", asset.update_key.empty() ? Json(nullptr) : Json(asset.update_key)},
          {"mode", asset.mode}};
}

}  // namespace

Status WriteSourceDocuments(const StepContext& context, const Target& target, const Layout& layout,
                            const RegisteredTable& registered, const LoadMasks& masks, lake::Properties& summary) {
  const lake::Snapshot* before = target.metadata == nullptr ? nullptr : target.metadata->current_snapshot();
  auto write = [&](const char* property, const std::string& folder, const Json& document) -> Status {
    const std::string text = Text(document);
    const std::string path = folder + "/" + io::HashBytes(text).substr(0, 16) + ".json";
    summary[property] = path;
    if (before != nullptr) {
      const auto last = before->summary.find(property);
      if (last != before->summary.end() && last->second == path) return Ok();
    }
    Status written = context.lakehouse.files->WriteNew(io::JoinUri(layout.metadata.location, path), text);
    return written.ok() || written.error().kind() == ErrorKind::kExists ? Ok() : std::move(written);
  };
  LEAT_TRY(write("leat.source-schema", "schema", SchemaOf(context.asset, registered, masks)));
  return write("leat.source-keys", "keys", KeysOf(context.asset, registered));
}

}  // namespace leat::run
