#include "components/source/iceberg/table_list.h"

#include <cstdlib>
#include <set>

#include "component/input_files.h"
#include "component/quoted_name.h"
#include "components/source/iceberg/rest_catalog.h"
#include "components/source/iceberg/table_place.h"

namespace leat::components::iceberg {
namespace {

using component::ListedTable;

constexpr const char* kWhat = "list of tables";

std::optional<int64_t> Number(const lake::Snapshot& snapshot, const char* name) {
  const auto found = snapshot.summary.find(name);
  if (found == snapshot.summary.end()) return std::nullopt;
  return std::strtoll(found->second.c_str(), nullptr, 10);
}

bool IsMoment(data::TypeId id) {
  return id == data::TypeId::kTimestamp || id == data::TypeId::kTimestampTz || id == data::TypeId::kTimestampNs ||
         id == data::TypeId::kTimestampTzNs;
}

void Describe(const lake::TableMetadata& metadata, ListedTable& table) {
  const data::Schema& schema = metadata.current_schema();
  for (const data::Field& field : schema.fields) {
    component::ListedColumn& column = table.columns.emplace_back();
    column.name = field.name;
    column.type = data::TypeName(*field.type);
    column.moment = IsMoment(field.type->id);
    column.nullable = !field.required;
    for (const int id : schema.identifier_field_ids) {
      if (id == field.id) table.primary_key.push_back(field.name);
    }
  }
  const lake::Snapshot* snapshot = metadata.current_snapshot();
  table.rows = snapshot == nullptr ? 0 : Number(*snapshot, "total-records");
  if (snapshot != nullptr && table.rows) *table.rows -= Number(*snapshot, "total-position-deletes").value_or(0);
  table.bytes = snapshot == nullptr ? 0 : Number(*snapshot, "total-files-size");
}

Result<std::vector<ListedTable>> ListCatalog(const config::Values& connection,
                                             const component::SourceContext& context) {
  LEAT_ASSIGN(const auto catalog, RestCatalog::Open(connection, context, kWhat));
  LEAT_ASSIGN(const std::vector<Namespace> namespaces, catalog->Namespaces());
  std::vector<ListedTable> list;
  for (const Namespace& ns : namespaces) {
    LEAT_ASSIGN(const std::vector<std::string> names, catalog->Tables(ns));
    for (const std::string& name : names) {
      ListedTable& table = list.emplace_back();
      for (const std::string& level : ns) table.schema += (table.schema.empty() ? "" : ".") + level;
      table.name = name;
      table.entry = ShownName(ns, name);
      table.kind = "table";
      const auto loaded = catalog->Load(ns, name);
      const auto metadata =
          loaded.ok() ? lake::ParseTableMetadata(loaded->metadata) : Result<lake::TableMetadata>(loaded.error());
      // One table that is closed to us, or of a newer version, hides no other.
      if (metadata.ok()) Describe(*metadata, table);
      else if (metadata.error().kind() == ErrorKind::kCancelled) return metadata.error();
      else table.not_readable = metadata.error().message();
    }
  }
  return list;
}

}  // namespace

Result<std::vector<ListedTable>> List(const config::Values& connection, const component::SourceContext& context) {
  if (!connection.Text("catalog").empty()) return ListCatalog(connection, context);
  LEAT_ASSIGN(const auto files, FilesOf(connection, context, kWhat));
  const std::string root = component::BelowProject(context.project_root, connection.Text("path"));
  LEAT_ASSIGN(const std::set<std::string> folders,
              component::FindTableFolders(*files, root, "metadata",
                                          [](std::string_view name) { return MetadataVersion(name) >= 0; }));
  return component::ListTableFolders(folders, [&](const std::string& folder, ListedTable& table) -> Status {
    LEAT_ASSIGN(const FoundTable found, FindTable(connection, folder, context, "table " + folder));
    Describe(found.metadata, table);
    return Ok();
  });
}

}  // namespace leat::components::iceberg
