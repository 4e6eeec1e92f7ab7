#include <algorithm>

#include "base/lower.h"
#include "io/hash.h"
#include "project/reader.h"

namespace leat::project {
namespace {

const std::vector<std::string>& ReservedNamespaces() {
  static const std::vector<std::string> names = {"leat", "information_schema", "pg_catalog", "main"};
  return names;
}

}  // namespace

std::string LowerName(std::string_view text) { return Lower(text); }

std::string TableKey(std::string_view ns, std::string_view name) { return LowerName(ns) + '\n' + LowerName(name); }

Asset* ReadState::FindAsset(const std::string& id) {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : &assets[found->second];
}

Asset* ReadState::FindModel(const std::string& name) { return FindAsset("model." + name); }

Asset* ReadState::FindTable(const std::string& ns, const std::string& name) {
  const auto found = by_table.find(TableKey(ns, name));
  return found == by_table.end() ? nullptr : &assets[found->second];
}

std::optional<size_t> ReadState::AddAsset(Asset asset) {
  const std::string ns = LowerName(asset.table.ns);
  const std::string table = LowerName(asset.table.name);
  const bool rejected = table.size() >= 10 && table.compare(table.size() - 10, 10, "__rejected") == 0;
  const auto& reserved = ReservedNamespaces();
  if (rejected || std::find(reserved.begin(), reserved.end(), ns) != reserved.end()) {
    findings.Add(MakeError("PROJ-205", ErrorKind::kConfig, "the name {} is reserved", asset.table.ToString())
                     .WithHint("namespaces leat, information_schema, pg_catalog and main, and names that end in "
                               "__rejected, are Leat's own")
                     .At(asset.where));
    return std::nullopt;
  }
  if (asset.table.ns.empty() || asset.table.name.empty()) {
    findings.Add(MakeError("PROJ-205", ErrorKind::kConfig, "{} has no name or no namespace", asset.id).At(asset.where));
    return std::nullopt;
  }
  // One of mode delete makes no table: it gets that of another asset later.
  const bool makes_table = asset.mode != "delete" || asset.kind != AssetKind::kSourceTable;
  const Asset* other = makes_table ? FindTable(asset.table.ns, asset.table.name) : nullptr;
  if (other == nullptr) other = FindAsset(asset.id);
  if (other != nullptr) {
    findings.Add(MakeError("PROJ-202", ErrorKind::kConfig, "{} and {} both make the table {}", asset.id, other->id,
                           asset.table.ToString())
                     .WithHint(fmt::format("the other one is at {}; rename one of them (schema, alias or name)",
                                           other->where.ToString()))
                     .At(asset.where));
    return std::nullopt;
  }
  by_id[asset.id] = assets.size();
  if (makes_table) by_table[TableKey(asset.table.ns, asset.table.name)] = assets.size();
  assets.push_back(std::move(asset));
  return assets.size() - 1;
}

std::optional<std::string> ReadState::ReadFile(const std::string& shown_name) {
  const auto draft = drafts.find(shown_name);
  auto text = draft != drafts.end() ? Result<std::string>(draft->second)
                                    : config::ReadTextFile(root + "/" + shown_name, shown_name);
  if (!text.ok()) {
    findings.Add(std::move(text).error());
    return std::nullopt;
  }
  hash_input += fmt::format("{}:{}{}:", shown_name.size(), shown_name, text->size());
  hash_input += *text;
  return std::move(text).value();
}

std::optional<config::Node> ReadState::ReadYaml(const std::string& shown_name) {
  const auto text = ReadFile(shown_name);
  if (!text) return std::nullopt;
  auto node = config::ParseYaml(*text, shown_name);
  if (!node.ok()) {
    findings.Add(std::move(node).error());
    return std::nullopt;
  }
  if (node->is_null()) node->kind = config::Node::Kind::kMap;
  return std::move(node).value();
}

std::vector<std::string> ReadState::ModelNames() const {
  std::vector<std::string> names;
  for (const Asset& asset : assets) {
    if (asset.kind == AssetKind::kModel) names.push_back(asset.name);
  }
  return names;
}

Result<Project> ReadProject(const std::string& root, const config::EnvLookup& env) {
  ReadState state;
  state.root = root;
  state.env = env;
  if (const auto node = state.ReadYaml("leat.yml")) ParseSettings(state, *node);
  ReadConnections(state);
  ReadSources(state);
  ReadModels(state);
  ResolveModels(state);
  BuildChecks(state);
  ResolveDeletes(state);
  OrderAssets(state);
  if (!state.findings.ok()) return state.findings.ToError();

  Project project;
  project.root = root;
  project.settings = std::move(state.settings);
  project.connections = std::move(state.connections);
  project.warnings = std::move(state.findings.warnings);
  project.files_hash = io::HashBytes(state.hash_input);
  project.assets = std::move(state.assets);
  for (size_t i = 0; i < project.assets.size(); ++i) {
    Asset& asset = project.assets[i];
    asset.fingerprint = FingerprintOf(asset);
    project.by_id[asset.id] = i;
  }
  return project;
}

const Asset* Project::Find(const std::string& id) const {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : &assets[found->second];
}

const Asset* Project::FindTable(const lake::TableName& table) const {
  for (const Asset& asset : assets) {
    if (asset.table == table) return &asset;
  }
  return nullptr;
}

}  // namespace leat::project
