#include <algorithm>
#include <set>

#include "component/file_source.h"
#include "component/observed_input.h"
#include "component/spec.h"
#include "component/sql_text.h"
#include "component/text_inference.h"

namespace leat::components::parquet {
namespace {

using component::InputFile;
using component::SourceColumn;

/// Parquet files carry their own types: columns are matched by name over all files.
class ParquetSource : public component::FileSource, public component::SchemaObserver {
 public:
  ParquetSource(const config::Values& connection, const config::Values& table, std::string name,
                component::SourceContext context)
      : FileSource(connection, table, std::move(name), std::move(context)) {}

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, PrepareFiles(files, ""));
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(PrepareAll());
    component::SourceTable found;
    found.name = name_;
    if (prepared_.empty()) return found;
    LEAT_TRY(ReadThrough(prepared_));
    LEAT_ASSIGN(found.columns, ReadColumns(prepared_));
    return found;
  }

  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override {
    std::vector<component::ObservedInput> inputs;
    if (!wish.each_file) {
      LEAT_ASSIGN(inputs.emplace_back().columns, ReadColumns(request.files));
      return inputs;
    }
    for (size_t i = 0; i < request.files.size(); ++i) {
      component::ObservedInput& input = inputs.emplace_back();
      LEAT_ASSIGN(input.columns, ReadColumns({request.files[i]}));
      input.files = {i};
    }
    return inputs;
  }

  Result<component::Relation> OpenRelation(const component::ReadRequest& request) override {
    LEAT_TRY(ReadThrough(request.files));
    LEAT_ASSIGN(std::vector<SourceColumn> present, ReadColumns(request.files));
    component::Relation relation;
    for (const SourceColumn& column : request.table.columns) {
      const auto found = std::find_if(present.begin(), present.end(),
                                      [&](const SourceColumn& other) { return other.name == column.name; });
      relation.columns.push_back(found == present.end()
                                     ? component::ReadColumn{"NULL::" + data::DuckDbTypeName(*column.type), "", false}
                                     : ReadAs(*found, *column.type));
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
  /// Values that the table's narrower, or altogether other type may not hold go in where their text is exactly one of it;
  /// what loses nothing is left to the engine.
  static component::ReadColumn ReadAs(const SourceColumn& present, const data::Type& type) {
    const std::string name = component::SqlName(present.name);
    const std::string& from = present.engine_type;
    const bool is_text = from == "VARCHAR";
    const bool text_wanted = type.id == data::TypeId::kString;
    const bool wider =
        (type.id == data::TypeId::kInt && from == "BIGINT") || (type.id == data::TypeId::kFloat && from == "DOUBLE") ||
        (type.id == data::TypeId::kDecimal && from.starts_with("DECIMAL") && from != data::DuckDbTypeName(type));
    if (type.is_nested() || text_wanted || !(wider || is_text)) return {name, "", false};
    return {component::ExactCast(name + "::VARCHAR", type), name + "::VARCHAR", true};
  }

  /// With `on_bad_file: skip` each file is read once before its first row is taken: damage behind its footer shows in its pages
  /// only, when rows of it are on their way already.
  Status ReadThrough(const std::vector<InputFile>& files) {
    if (!component::SkipsBadFiles(connection_, table_)) return Ok();
    for (const InputFile& file : files) {
      if (sound_.contains(file.path)) continue;
      const auto read = context_.query("SELECT bit_xor(hash(leat_row)) FROM " + ReadSql({file}) + " AS leat_row");
      if (!read.ok()) return CannotRead({file}, read.error());
      sound_.insert(file.path);
    }
    return Ok();
  }

  Error CannotRead(const std::vector<InputFile>& files, const Error& why) const {
    if (why.kind() == ErrorKind::kCancelled) return why;
    return MakeError("SRC-241", ErrorKind::kData, "table {}: {} cannot be read as parquet: {}", name_,
                     files.size() == 1 ? files[0].origin : std::to_string(files.size()) + " files", why.message())
        .WithHint("is each of them a whole parquet file, and do equal columns have types that fit together?");
  }

  static std::string ReadSql(const std::vector<InputFile>& files) {
    return "read_parquet(" + component::SqlPathList(files) +
           ", union_by_name = true, hive_partitioning = false, filename = 'leat_file')";
  }

  Result<std::vector<SourceColumn>> ReadColumns(const std::vector<InputFile>& files) {
    auto rows = context_.query("DESCRIBE SELECT * EXCLUDE (leat_file) FROM " + ReadSql(files));
    if (!rows.ok()) return CannotRead(files, rows.error());
    std::vector<SourceColumn> columns;
    for (const std::vector<std::string>& row : rows.value()) {
      if (row.size() >= 2) columns.push_back({row[0], nullptr, row[1]});
    }
    return columns;
  }

  std::set<std::string> sound_;  ///< paths of files that were read through
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
  spec.connection_fields = component::FileConnectionFields({});
  spec.fields = component::FileTableFields({});
  spec.source.relation = true;
  spec.source.files = true;
  spec.make_source = &components::parquet::Make;
  return spec;
}
