#include "run/inputs.h"

#include "io/hash.h"
#include "run/fingerprint.h"

namespace leat::run {
namespace {

void Collect(const project::Project& project, const project::Asset& asset, std::set<lake::TableName>& tables,
             std::set<std::string>& views) {
  tables.insert(asset.outside.begin(), asset.outside.end());
  for (const std::string& id : asset.depends_on) {
    const project::Asset* parent = project.Find(id);
    if (parent == nullptr) continue;
    if (!IsView(*parent)) {
      tables.insert(parent->table);
    } else if (views.insert(id).second) {
      Collect(project, *parent, tables, views);
    }
  }
}

}  // namespace

bool IsView(const project::Asset& asset) {
  return asset.kind != project::AssetKind::kSourceTable && asset.materialised == project::Materialisation::kView;
}

std::set<lake::TableName> InputTables(const project::Project& project, const project::Asset& asset) {
  std::set<lake::TableName> tables;
  std::set<std::string> views;
  if (asset.kind != project::AssetKind::kSourceTable) Collect(project, asset, tables, views);
  return tables;
}

std::string ConfigHash(const project::Project& project, const project::Asset& asset) {
  std::set<lake::TableName> tables;
  std::set<std::string> views;
  if (asset.kind != project::AssetKind::kSourceTable) Collect(project, asset, tables, views);
  if (views.empty()) return asset.fingerprint;
  std::string text = asset.fingerprint;
  for (const std::string& view : views) text += '\n' + view + ' ' + project.Find(view)->fingerprint;
  return io::HashBytes(text);
}

std::set<std::string> EffectiveNeeds(const project::Project& project, const project::Asset& asset) {
  std::set<std::string> needs(asset.depends_on.begin(), asset.depends_on.end());
  for (const lake::TableName& table : InputTables(project, asset)) {
    const project::Asset* maker = project.FindTable(table);
    if (maker != nullptr) needs.insert(maker->id);
  }
  return needs;
}

Result<std::map<lake::TableName, int64_t>> InputSnapshots(lake::Catalog& catalog, const lake::View& view,
                                                          const std::set<lake::TableName>& tables) {
  std::map<lake::TableName, int64_t> snapshots;
  for (const lake::TableName& table : tables) {
    LEAT_ASSIGN(const std::optional<lake::Entry> entry, catalog.FindTableNoCase(view, table));
    if (!entry || entry->kind != lake::ObjectKind::kTable) {
      snapshots[table] = 0;
      continue;
    }
    LEAT_ASSIGN(const lake::MetadataPtr metadata, catalog.LoadMetadata(entry->location));
    snapshots[table] = DataSnapshot(*metadata);
  }
  return snapshots;
}

}  // namespace leat::run
