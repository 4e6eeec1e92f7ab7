#include "components/source/delta/table_list.h"

#include "component/input_files.h"
#include "component/object_store_fields.h"
#include "components/source/delta/table_log.h"
#include "components/source/delta/table_shape.h"
#include "io/s3/s3_file_system.h"

namespace leat::components::delta {
namespace {

using component::ListedTable;

int64_t RowsOf(const AddedFile& file) { return file.deleted.has_value() ? file.rows - file.deleted->rows : file.rows; }

void Size(const TableSnapshot& snapshot, ListedTable& table) {
  int64_t rows = 0, bytes = 0;
  bool all_count = true;
  for (const auto& one : snapshot.files) {
    const LiveFile& live = one.second;
    rows += RowsOf(live.file);
    bytes += live.file.size_bytes;
    all_count = all_count && (live.file.rows > 0 || live.file.size_bytes == 0);
  }
  if (all_count) table.rows = rows;
  table.bytes = bytes;
}

Status Describe(component::TableFiles& files, const component::SourceContext& context, const std::string& folder,
                const std::string& what, ListedTable& table) {
  LEAT_ASSIGN(TableLog log, TableLog::Open(files, context, folder, what));
  LEAT_ASSIGN(const TableSnapshot snapshot, log.Read(log.newest()));
  LEAT_ASSIGN(const TableShape shape, ReadShape(snapshot.definition, snapshot.protocol, what));
  for (const data::Field& field : shape.schema.fields) {
    component::ListedColumn& column = table.columns.emplace_back();
    column.name = field.name;
    column.type = data::TypeName(*field.type);
    column.moment = field.type->id == data::TypeId::kTimestamp || field.type->id == data::TypeId::kTimestampTz;
    column.nullable = !field.required;
  }
  Size(snapshot, table);
  return Ok();
}

}  // namespace

std::string RootOf(const config::Values& connection, const component::SourceContext& context) {
  return component::BelowProject(context.project_root, connection.Text("path"));
}

std::shared_ptr<component::TableFiles> FilesOf(const config::Values& connection,
                                               const component::SourceContext& context, const std::string& what) {
  component::TableFilesOptions options;
  options.what = what;
  const std::string root = RootOf(connection, context);
  if (const config::Values* storage = connection.Has("storage") ? connection.Object("storage") : nullptr)
    options.storage = component::ReadObjectStore(*storage, context.project_root);
  if (!io::IsS3(root)) options.folders = {root};
  return std::make_shared<component::TableFiles>(std::move(options), context);
}

Result<std::vector<ListedTable>> List(const config::Values& connection, const component::SourceContext& context) {
  const std::string root = RootOf(connection, context);
  const auto files = FilesOf(connection, context, "list of tables");
  LEAT_ASSIGN(const std::set<std::string> folders,
              component::FindTableFolders(*files, root, "_delta_log", [](std::string_view name) {
                return name.ends_with(".json") || name.ends_with(".parquet");
              }));
  return component::ListTableFolders(folders, [&](const std::string& folder, ListedTable& table) {
    return Describe(*files, context, io::JoinUri(root, folder), "table " + folder, table);
  });
}

}  // namespace leat::components::delta
