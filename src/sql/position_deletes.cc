#include <fmt/format.h>

#include <atomic>
#include <map>

#include "lake/transform.h"
#include "sql/deletion_vectors.h"
#include "sql/writer.h"

namespace leat::sql {
namespace {

data::Schema DeleteSchema() {
  data::Schema schema;
  data::Field path;
  path.id = kDeletePathId;
  path.name = "file_path";
  path.type = data::Primitive(data::TypeId::kString);
  path.required = true;
  data::Field position = path;
  position.id = kDeletePositionId;
  position.name = "pos";
  position.type = data::Primitive(data::TypeId::kLong);
  schema.fields = {path, position};
  return schema;
}

/// Data files of one partition: a delete file holds for the files of its own spec and partition only.
struct Target {
  int spec_id = 0;
  std::vector<data::Value> partition;
  std::vector<std::string> paths;
};

Result<std::vector<Target>> Targets(const lake::TableMetadata& metadata, const lake::ScanPlan& plan,
                                    const std::vector<std::string>& paths) {
  std::map<std::string, const lake::DataFile*> live;
  for (const auto& file : plan.files) live[file.file.path] = &file.file;
  std::map<std::string, Target> targets;
  for (const std::string& path : paths) {
    const lake::DataFile& file = *live.at(path);
    std::string key = std::to_string(file.spec_id);
    const lake::PartitionSpec* spec = metadata.FindSpec(file.spec_id);
    if (spec != nullptr && !spec->is_unpartitioned()) {
      auto types = lake::PartitionTypes(*spec, metadata);
      if (!types.ok()) return std::move(types).error();
      for (size_t i = 0; i < file.partition.size() && i < types->size(); ++i) {
        std::string bytes = std::holds_alternative<std::monostate>(file.partition[i])
                                ? std::string("null")
                                : "v" + data::EncodeSingleValue(file.partition[i], *(*types)[i]);
        key += fmt::format("|{}:{}", bytes.size(), bytes);
      }
    }
    Target& target = targets[key];
    target.spec_id = file.spec_id;
    target.partition = file.partition;
    target.paths.push_back(file.path);
  }
  std::vector<Target> list;
  list.reserve(targets.size());
  for (auto& [key, target] : targets) list.push_back(std::move(target));
  return list;
}

/// Parquet files of (file_path, pos), one for the data files of each partition.
Status WriteParquet(io::FileSystem& files, Connection& connection, const std::string& table,
                    const std::vector<Target>& targets, const WriteOptions& options, WriteResult& all) {
  lake::SortOrder order;
  order.fields = {{kDeletePathId, "identity", true, true}, {kDeletePositionId, "identity", true, true}};
  for (size_t i = 0; i < targets.size(); ++i) {
    const Target& target = targets[i];
    std::string list;
    for (const auto& path : target.paths) list += (list.empty() ? "" : ", ") + QuoteLiteral(path);
    WriteOptions each = options;
    if (targets.size() > 1) each.folder = io::JoinUri(options.folder, fmt::format("{}", i));
    LEAT_ASSIGN(WriteResult written,
                WriteFiles(files, connection,
                           fmt::format("SELECT DISTINCT file_path, pos FROM {} WHERE file_path IN ({})", table, list),
                           DeleteSchema(), lake::PartitionSpec{}, order, each));
    for (auto& file : written.files) {
      file.content = lake::FileContent::kPositionDeletes;
      file.sort_order_id = std::nullopt;  // delete files have an order of their own
      file.spec_id = target.spec_id;
      file.partition = target.partition;
      if (target.paths.size() == 1) {
        // Exact bounds let readers see which file it belongs to.
        file.referenced_data_file = target.paths[0];
        file.lower_bounds[kDeletePathId] = target.paths[0];
        file.upper_bounds[kDeletePathId] = target.paths[0];
      }
      all.files.push_back(std::move(file));
    }
    all.rows += written.rows;
    all.seconds += written.seconds;
  }
  return Ok();
}

Result<std::vector<std::string>> DeletedFrom(Connection& connection, const lake::ScanPlan& plan,
                                             const std::string& table) {
  std::set<std::string> live;
  for (const auto& file : plan.files) live.insert(file.file.path);
  LEAT_ASSIGN(const TextRows rows, connection.Query("SELECT DISTINCT file_path FROM " + table + " ORDER BY 1"));
  std::vector<std::string> paths;
  for (const auto& row : rows.rows) {
    paths.push_back(row[0].value_or("NULL"));
    if (!live.contains(paths.back()))
      return MakeError("SQL-506", ErrorKind::kInternal,
                       "rows of {} are to be deleted, which is not a live file of the table", paths.back());
  }
  return paths;
}

}  // namespace

Result<WriteResult> WriteRowDeletes(io::FileSystem& files, Connection& connection, const std::string& select,
                                    const lake::TableMetadata& metadata, const WriteOptions& options) {
  static std::atomic<int64_t> next{0};
  const std::string name = fmt::format("leat_positions_{}", next++), table = "temp.main." + name;
  WriteResult all;
  LEAT_TRY(connection.Execute("CREATE TEMP TABLE " + name + "(file_path VARCHAR, pos BIGINT)"));
  auto write = [&]() -> Status {
    LEAT_TRY(connection.Execute("INSERT INTO " + table + " " + select));
    LEAT_ASSIGN(const lake::ScanPlan plan, lake::PlanScan(files, metadata, metadata.current_snapshot()));
    LEAT_ASSIGN(const std::vector<std::string> paths, DeletedFrom(connection, plan, table));
    if (metadata.format_version > 2) return WriteVectors(files, connection, table, plan, paths, options, all);
    LEAT_ASSIGN(const std::vector<Target> targets, Targets(metadata, plan, paths));
    return WriteParquet(files, connection, table, targets, options, all);
  };
  Status status = write();
  (void)connection.Execute("DROP TABLE IF EXISTS " + table);
  if (!status.ok()) {
    (void)files.RemoveFolder(options.folder);
    return std::move(status).error();
  }
  return all;
}

}  // namespace leat::sql
