#include <algorithm>
#include <filesystem>

#include "base/nearest.h"
#include "base/plain_name.h"
#include "component/budget_fields.h"
#include "project/drift_policy.h"
#include "project/fields.h"
#include "project/reader.h"

namespace leat::project {
namespace {

constexpr std::string_view kRunBound = "_loaded_at,_batch_id";

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string NearOrAll(const std::string& name, const std::vector<std::string>& names, const std::string& label) {
  const std::string near = DidYouMean(name, names);
  const std::string all = names.empty() ? "" : label + Joined(names);
  return near.empty() ? all : near + (all.empty() ? "" : "\n" + all);
}

void ReadConnection(ReadState& state, const config::Node::Member& member) {
  Connection connection;
  connection.name = member.key;
  connection.where = member.key_span;
  const config::Node* type = member.value.Find("type");
  const auto types = component::SpecNames("source");
  if (type == nullptr || !type->is_scalar()) {
    state.findings.Add(
        MakeError("CFG-105", ErrorKind::kConfig, "field 'type' of connection '{}' is missing", member.key)
            .WithHint("types: " + Joined(types))
            .At(type == nullptr ? member.key_span : type->span));
    return;
  }
  connection.source = component::FindSpec("source", type->scalar);
  if (connection.source == nullptr) {
    state.findings.Add(
        MakeError("PROJ-206", ErrorKind::kConfig, "connection '{}' has the unknown type '{}'", member.key, type->scalar)
            .WithHint(NearOrAll(type->scalar, types, "types: "))
            .At(type->span));
    return;
  }
  connection.values =
      config::Validate(member.value, component::ConnectionFields(*connection.source),
                       fmt::format("connection '{}' ({})", member.key, type->scalar), state.env, state.findings);
  if (const auto budget = component::ReadBudget(connection.values); !budget.ok()) state.findings.Add(budget.error());
  state.connections[member.key] = std::move(connection);
}

// The namespace's and table's name of a table of a source: the default schema of databases is dropped.
std::string LakeTableName(const std::string& name) {
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return name;
  const std::string schema = LowerName(name.substr(0, dot));
  if (schema == "public" || schema == "dbo" || schema == "main") return name.substr(dot + 1);
  return name.substr(0, dot) + "__" + name.substr(dot + 1);
}

struct SourceFile {
  std::string path;
  std::string name;
  std::string raw_namespace;
  std::vector<std::string> tags;
  const Connection* connection = nullptr;
  const config::Node* drift = nullptr;  ///< of all tables
};

OnEmpty OnEmptyOf(const std::string& word) {
  if (word == "replace") return OnEmpty::kReplace;
  return word == "fail" ? OnEmpty::kFail : OnEmpty::kKeep;
}

LargeValues::Keep KeepOf(const std::string& word) {
  if (word == "nothing") return LargeValues::Keep::kNothing;
  return word == "file" ? LargeValues::Keep::kFile : LargeValues::Keep::kStart;
}

std::vector<ColumnInfo> ColumnsOf(const config::Values& values) {
  std::vector<ColumnInfo> columns;
  for (const config::Values& column : values.Objects("columns")) {
    ColumnInfo info;
    info.name = column.Text("name");
    info.description = column.Text("description");
    if (column.items.count("data_type") > 0) info.data_type = column.Text("data_type");
    if (column.items.count("format") > 0) info.format = column.Text("format");
    if (column.items.count("rename_to") > 0) info.rename_to = column.Text("rename_to");
    if (column.items.count("time_zone") > 0) info.time_zone = column.Text("time_zone");
    if (const config::Values* large = column.items.contains("large_values") ? column.Object("large_values") : nullptr)
      info.large_values = LargeValues{large->Bytes("over"), KeepOf(large->Text("keep"))};
    columns.push_back(std::move(info));
  }
  return columns;
}

void AddStructured(ReadState& state, const SourceFile& file, const Asset& raw, const config::Node* node) {
  if (node != nullptr && node->is_scalar() && node->scalar == "false") return;
  if (node != nullptr && node->is_scalar() && node->scalar != "true") {
    state.findings.Add(MakeError("CFG-106", ErrorKind::kConfig,
                                 "field 'structured' of table '{}': expected true, false or a map, found '{}'",
                                 raw.name, node->scalar)
                           .At(node->span));
    return;
  }
  const config::Node empty{
      .kind = config::Node::Kind::kMap, .scalar = "", .items = {}, .members = {}, .span = raw.where};
  const bool configured = node != nullptr && !node->is_scalar() && !node->is_null();
  const config::Values values =
      config::Validate(configured ? *node : empty, StructuredFields(),
                       fmt::format("structured of table '{}'", raw.name), state.env, state.findings);
  Asset asset;
  asset.id = fmt::format("structured.{}.{}", file.name, raw.name);
  asset.name = raw.name;
  asset.path = raw.path;
  asset.tags = raw.tags;
  asset.kind = AssetKind::kStructured;
  asset.zone = "structured";
  asset.source_name = raw.source_name;
  asset.table = {values.Has("schema") ? values.Text("schema") : "structured_" + file.name, raw.table.name};
  asset.description = values.Has("description") ? values.Text("description") : raw.description;
  asset.where = configured ? node->span : raw.where;
  asset.columns = ColumnsOf(values);
  asset.max_reject = values.Has("max_reject") ? values.Percent("max_reject") : raw.max_reject;
  asset.partition_by = values.TextList("partition_by");
  asset.sort_by = values.TextList("sort_by");
  asset.table_properties = TableProperties(state, values);
  asset.table_properties["leat.run-bound"] = kRunBound;
  asset.mode = raw.mode;
  asset.update_key = raw.update_key;
  asset.primary_key = raw.primary_key;
  asset.soft_delete = raw.soft_delete;
  asset.raw_sql = fmt::format("select * from {}\n", QualifiedName(state.settings, raw.table));
  asset.sql = asset.raw_sql;
  for (const config::Values& column : values.Objects("columns")) {
    if (column.Has("time_zone")) CheckTimeZone(column.Text("time_zone"), column.Where("time_zone"), state.findings);
  }
  const std::string id = asset.id;
  const auto index = state.AddAsset(std::move(asset));
  if (!index) return;
  state.references[id].push_back({raw.id, raw.where, false});
  CollectChecks(state, *index, "", values);
  CollectColumns(state, *index, values);
}

void ReadTable(ReadState& state, const SourceFile& file, const config::Node& own) {
  const config::Node node = WithDriftOf(file.drift, own);
  const component::Spec* source = file.connection == nullptr ? nullptr : file.connection->source;
  const config::Node* name = node.Find("name");
  const std::string shown = name != nullptr && name->is_scalar() ? name->scalar : "?";
  auto fields = TableFields(source);
  // Without a known connection its own fields are unknown too: do not report each.
  config::Findings scratch;
  const config::Values values = config::Validate(
      node, fields, fmt::format("table '{}'{}", shown, source == nullptr ? "" : " (" + source->name + ")"), state.env,
      source == nullptr ? scratch : state.findings);
  if (source == nullptr || !values.Has("name")) return;
  Asset asset;
  asset.name = values.Text("name");
  asset.id = fmt::format("source.{}.{}", file.name, asset.name);
  asset.path = file.path;
  asset.tags = file.tags;
  for (std::string& tag : values.TextList("tags")) asset.tags.push_back(std::move(tag));
  asset.kind = AssetKind::kSourceTable;
  asset.zone = "raw";
  asset.source_name = file.name;
  asset.where = values.Where("name");
  asset.table = {file.raw_namespace, LakeTableName(asset.name)};
  asset.description = values.Text("description");
  asset.columns = ColumnsOf(values);
  asset.max_reject = values.Has("max_reject") ? values.Percent("max_reject") : state.settings.max_reject;
  asset.partition_by = values.TextList("partition_by");
  asset.sort_by = values.TextList("sort_by");
  asset.table_properties = TableProperties(state, values);
  asset.table_properties["leat.run-bound"] = kRunBound;
  asset.connection = file.connection->name;
  asset.source = source;
  asset.connection_values = file.connection->values;
  asset.table_values = values;
  asset.mode = !values.Text("mode").empty() ? values.Text("mode") : source->source.files ? "append" : "full-refresh";
  asset.primary_key = values.TextList("primary_key");
  asset.update_key = values.Text("update_key");
  asset.delete_when = values.Text("delete_when");
  asset.soft_delete = values.Boolean("soft_delete");
  asset.into = values.Text("into");
  asset.on_empty = OnEmptyOf(values.Text("on_empty"));
  ReadMasks(state, asset, values);
  CheckLoadMode(state, asset, values);
  CheckDrift(state, asset, values);
  const bool deletes = asset.mode == "delete";
  const auto index = state.AddAsset(std::move(asset));
  if (!index) return;
  CollectChecks(state, *index, "", values);
  CollectColumns(state, *index, values);
  const Asset raw = state.assets[*index];
  if (!deletes) AddStructured(state, file, raw, values.Raw("structured"));
}

void ReadSourceFile(ReadState& state, const std::string& path, std::map<std::string, SourceSpan>& names) {
  const auto node = state.ReadYaml(path);
  if (!node) return;
  SourceFile file;
  file.path = path;
  const config::Values values =
      config::Validate(*node, SourceFileFields(), fmt::format("source file {}", path), state.env, state.findings);
  file.name = values.Has("source") ? values.Text("source") : std::filesystem::path(path).stem().string();
  const SourceSpan where = values.Has("source") ? values.Where("source") : SourceSpan{path, 0, 0, 0};
  if (!IsPlainName(file.name)) {
    state.findings.Add(MakeError("PROJ-205", ErrorKind::kConfig, "'{}' cannot name a source", file.name)
                           .WithHint("letters, digits and _: it becomes a part of namespaces")
                           .At(where));
    return;
  }
  const auto [other, is_new] = names.emplace(file.name, where);
  if (!is_new) {
    state.findings.Add(MakeError("PROJ-202", ErrorKind::kConfig, "source '{}' is defined twice, first at {}", file.name,
                                 other->second.ToString())
                           .WithHint("put its tables in one file, or rename one of the two")
                           .At(where));
    return;
  }
  file.raw_namespace = values.Has("schema") ? values.Text("schema") : "raw_" + file.name;
  file.tags = values.TextList("tags");
  if (values.Has("drift")) file.drift = values.Raw("drift");
  const std::string connection = values.Has("connection") ? values.Text("connection") : file.name;
  const auto found = state.connections.find(connection);
  if (found != state.connections.end()) {
    file.connection = &found->second;
  } else if (state.connections_known) {
    std::vector<std::string> known;
    known.reserve(state.connections.size());
    for (const auto& [name, unused] : state.connections) known.push_back(name);
    const std::string hint = NearOrAll(connection, known, "connections: ");
    state.findings.Add(
        MakeError("PROJ-206", ErrorKind::kConfig, "source '{}': there is no connection '{}'", file.name, connection)
            .WithHint(hint.empty() ? "add it to connections.yml" : hint)
            .At(values.Has("connection") ? values.Where("connection") : where));
  }
  const config::Node* tables = values.Raw("tables");
  if (tables == nullptr || !tables->is_list()) return;
  for (const config::Node& table : tables->items) {
    if (table.is_scalar()) {  // a bare name is a table with all defaults
      config::Node full{.kind = config::Node::Kind::kMap, .scalar = "", .items = {}, .members = {}, .span = table.span};
      full.members.push_back({"name", table.span, table});
      ReadTable(state, file, full);
    } else {
      ReadTable(state, file, table);
    }
  }
}

}  // namespace

void ReadConnections(ReadState& state) {
  std::error_code ignored;
  if (!state.drafts.contains("connections.yml") && !std::filesystem::exists(state.root + "/connections.yml", ignored))
    return;
  const auto node = state.ReadYaml("connections.yml");
  if (!node) {
    state.connections_known = false;
    return;
  }
  const size_t before = state.findings.errors.size();
  const config::Values values =
      config::Validate(*node, ConnectionsFileFields(), "connections.yml", state.env, state.findings);
  const config::Node* connections = values.Raw("connections");
  if (connections != nullptr && connections->is_map()) {
    for (const config::Node::Member& member : connections->members) ReadConnection(state, member);
  }
  if (state.findings.errors.size() > before) state.connections_known = false;
}

void ReadSources(ReadState& state) {
  std::map<std::string, SourceSpan> names;
  std::vector<std::string> files = ListProjectFiles(state.root, "sources", {".yml", ".yaml"});
  // Drafts come last: what is there already is not what is wrong.
  std::erase_if(files, [&](const std::string& path) { return state.drafts.contains(path); });
  for (const auto& [path, text] : state.drafts) {
    if (path.starts_with("sources/")) files.push_back(path);
  }
  for (const std::string& path : files) ReadSourceFile(state, path, names);
}

}  // namespace leat::project
