#include <algorithm>

#include "component/input_files.h"
#include "component/spec.h"

namespace leat::components::parquet {
namespace {

using component::InputFile;
using component::SourceColumn;

std::string QuoteColumn(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

/// Parquet files carry their own types: columns are matched by name over all files.
class ParquetSource : public component::Source {
 public:
  ParquetSource(const config::Values& connection, const config::Values& table, std::string name,
                component::SourceContext context)
      : connection_(connection), table_(table), name_(std::move(name)), context_(std::move(context)) {}

  Status Check() override {
    LEAT_ASSIGN(auto files, ListFiles());
    (void)files;
    return Ok();
  }

  Result<std::vector<InputFile>> ListFiles() override {
    component::FilePatterns patterns{component::BelowProject(context_.project_root, connection_.Text("path")),
                                     table_.TextList("files")};
    return component::ListInputFiles(patterns, context_.project_root, name_);
  }

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, component::PrepareInputFiles(files, "", context_));
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    if (prepared_.empty()) {
      LEAT_ASSIGN(std::vector<InputFile> files, ListFiles());
      LEAT_ASSIGN(files, Prepare(files));
    }
    component::SourceTable found;
    found.name = name_;
    if (prepared_.empty()) return found;
    LEAT_ASSIGN(found.columns, ReadColumns(prepared_));
    return found;
  }

  Result<component::Relation> OpenRelation(const component::ReadRequest& request) override {
    LEAT_ASSIGN(std::vector<SourceColumn> present, ReadColumns(request.files));
    component::Relation relation;
    for (const SourceColumn& column : request.table.columns) {
      bool found = std::any_of(present.begin(), present.end(),
                               [&](const SourceColumn& other) { return other.name == column.name; });
      relation.columns.push_back(
          {found ? QuoteColumn(column.name) : "NULL::" + data::DuckDbTypeName(*column.type), "", false});
    }
    for (const SourceColumn& column : present) {
      bool known = std::any_of(request.table.columns.begin(), request.table.columns.end(),
                               [&](const SourceColumn& other) { return other.name == column.name; });
      if (!known) relation.added.push_back(column);
    }
    std::string paths, origins;
    for (const InputFile& file : request.files) {
      paths += (paths.empty() ? "" : ", ") + component::SqlText(file.path);
      origins += (origins.empty() ? "" : ", ") + component::SqlText(file.origin);
    }
    relation.from =
        "SELECT * EXCLUDE (leat_file), file_row_number + 1 AS leat_row, " +
        (request.files.size() == 1 ? origins
                                   : "map_extract_value(MAP([" + paths + "], [" + origins + "]), leat_file)") +
        " AS leat_origin FROM " + ReadSql(request.files);
    relation.origin_file = "leat_origin";
    relation.origin_row = "leat_row";
    return relation;
  }

 private:
  static std::string ReadSql(const std::vector<InputFile>& files) {
    return "read_parquet(" + component::SqlPathList(files) +
           ", union_by_name = true, hive_partitioning = false, filename = 'leat_file')";
  }

  Result<std::vector<SourceColumn>> ReadColumns(const std::vector<InputFile>& files) {
    auto rows = context_.query("DESCRIBE SELECT * EXCLUDE (leat_file) FROM " + ReadSql(files));
    if (!rows.ok()) {
      return MakeError("SRC-241", ErrorKind::kData, "table {}: {} cannot be read as parquet: {}", name_,
                       files.size() == 1 ? files[0].origin : std::to_string(files.size()) + " files",
                       rows.error().message())
          .WithHint("is each of them a whole parquet file, and do equal columns have types that fit together?");
    }
    std::vector<SourceColumn> columns;
    for (const std::vector<std::string>& row : rows.value()) {
      if (row.size() >= 2) columns.push_back({row[0], nullptr, row[1]});
    }
    return columns;
  }

  config::Values connection_;
  config::Values table_;
  std::string name_;
  component::SourceContext context_;
  std::vector<InputFile> prepared_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<ParquetSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::parquet

leat::component::Spec leat_source_parquet_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "parquet";
  spec.summary = "Parquet files: single or by pattern.";
  spec.description =
      "Reads parquet files below a folder with the types that they carry, columns matched by name. New columns are "
      "added to the\n"
      "table; columns that a file lacks are NULL.";
  spec.examples = {"connections:\n  lakefiles: { type: parquet, path: exports }\n",
                   "source: exports\nconnection: lakefiles\ntables:\n  - name: orders\n    files: orders/*.parquet\n"};
  config::FieldSpec path;
  path.name = "path";
  path.type = config::FieldType::kPath;
  path.description = "Folder of the files, relative to the project.";
  path.default_value = ".";
  config::FieldSpec files;
  files.name = "files";
  files.type = config::FieldType::kList;
  files.required = true;
  files.scalar_ok = true;
  files.description = "File name or pattern (* ? [ ]) below the connection's path, or a list of them.";
  spec.connection_fields = {path};
  spec.fields = {files};
  spec.source.relation = true;
  spec.source.files = true;
  spec.make_source = &components::parquet::Make;
  return spec;
}
