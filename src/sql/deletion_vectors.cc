#include "sql/deletion_vectors.h"

#include <fmt/format.h>

#include <map>

#include "base/ids.h"
#include "lake/deletion_vector.h"
#include "sql/connection.h"
#include "sql/parquet_shape.h"

namespace leat::sql {
namespace {

/// The data files that get a new vector, and the delete files of old that are merged into theirs.
class Merge {
 public:
  explicit Merge(const lake::ScanPlan& plan) {
    for (const lake::ScanFile& file : plan.files) {
      live_[file.file.path] = &file;
      for (const lake::DataFile& one : file.position_deletes)
        if (!lake::IsDeletionVector(one)) holds_for_[one.path].push_back(&file);
    }
  }

  void Add(const std::string& path) {
    const lake::ScanFile* file = live_.at(path);
    if (!targets_.emplace(path, file).second) return;
    for (const lake::DataFile& one : file->position_deletes) {
      if (lake::IsDeletionVector(one) || !old_.emplace(one.path, one).second) continue;
      for (const lake::ScanFile* other : holds_for_.at(one.path)) Add(other->file.path);
    }
  }

  const std::map<std::string, const lake::ScanFile*>& targets() const { return targets_; }
  const std::map<std::string, lake::DataFile>& old() const { return old_; }
  const std::vector<const lake::ScanFile*>& HoldsFor(const std::string& path) const { return holds_for_.at(path); }

 private:
  std::map<std::string, const lake::ScanFile*> live_;
  std::map<std::string, std::vector<const lake::ScanFile*>> holds_for_;
  std::map<std::string, const lake::ScanFile*> targets_;
  std::map<std::string, lake::DataFile> old_;
};

Status AddOldFiles(Connection& connection, const std::string& table, const Merge& merge) {
  if (merge.old().empty()) return Ok();
  std::vector<lake::DataFile> deletes;
  std::string pairs;
  for (const auto& [path, file] : merge.old()) {
    for (const lake::ScanFile* data : merge.HoldsFor(path))
      pairs += fmt::format("{}({}, {})", pairs.empty() ? "" : ", ", deletes.size(), QuoteLiteral(data->file.path));
    deletes.push_back(file);
  }
  LEAT_ASSIGN(const std::string read, ReadPositionDeletes(connection, deletes));
  return connection.Execute("INSERT INTO " + table + " SELECT r.path, r.pos FROM (" + read + ") AS r JOIN (VALUES " +
                            pairs + ") AS m(f, path) ON m.f = r.file_index AND m.path = r.path");
}

/// The positions of `table` by data file.
Status ReadPositions(DuckConnection& connection, const std::string& table,
                     std::map<std::string, std::vector<int64_t>>& positions) {
  return connection.Run("SELECT file_path, pos FROM " + table, 0, [&](QueryResult& result) -> Status {
    while (true) {
      DataChunk chunk(duckdb_fetch_chunk(*result.get()));
      if (!chunk) return Ok();
      duckdb_vector paths = duckdb_data_chunk_get_vector(chunk.get(), 0);
      const auto* rows = static_cast<int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 1)));
      auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(paths));
      for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk.get()); ++i)
        positions[{duckdb_string_t_data(&texts[i]), duckdb_string_t_length(texts[i])}].push_back(rows[i]);
    }
  });
}

}  // namespace

Result<std::string> ReadPositionDeletes(Connection& connection, const std::vector<lake::DataFile>& deletes) {
  std::vector<FileToRead> to_read;
  std::string paths;
  int64_t rows = 1;
  for (const lake::DataFile& one : deletes) {
    rows += one.record_count;
    to_read.push_back({io::LocalPath(one.path), one.size_bytes});
    paths += (paths.empty() ? "" : ", ") + QuoteLiteral(to_read.back().path);
  }
  LEAT_ASSIGN(const auto shapes, ReadShapes(connection, to_read));
  for (const lake::DataFile& one : deletes)
    if (!shapes.at(io::LocalPath(one.path))->has_ids)
      return MakeError("SQL-411", ErrorKind::kUnsupported, "the delete file {} has no field ids", one.path)
          .WithHint("compact the table with the engine that wrote it");
  return fmt::format(
      "SELECT file_index, path, pos FROM read_parquet([{}], hive_partitioning = false, explicit_cardinality = {}, schema => MAP {{{}: {{name: "
      "'path', type: 'VARCHAR', default_value: CAST(NULL AS VARCHAR)}}, {}: {{name: 'pos', type: 'BIGINT', "
      "default_value: CAST(NULL AS VARCHAR)}}}})",
      paths, rows, kDeletePathId, kDeletePositionId);
}

Status WriteVectors(io::FileSystem& files, Connection& connection, const std::string& table, const lake::ScanPlan& plan,
                    const std::vector<std::string>& paths, const WriteOptions& options, WriteResult& result) {
  if (paths.empty()) return Ok();
  Merge merge(plan);
  for (const std::string& path : paths) merge.Add(path);
  LEAT_ASSIGN(const TextRows rows,
              connection.Query("SELECT count(*) FROM (SELECT DISTINCT file_path, pos FROM " + table + ")"));
  result.rows = std::strtoll(rows.At(0, 0).value_or("0").c_str(), nullptr, 10);
  LEAT_TRY(AddOldFiles(connection, table, merge));
  std::map<std::string, std::vector<int64_t>> positions;
  LEAT_TRY(ReadPositions(static_cast<DuckConnection&>(connection), table, positions));
  LEAT_TRY(files.CreateFolder(options.folder));
  for (const auto& [path, file] : merge.targets()) {
    lake::DeletedPositions one{path, file->file.spec_id, file->file.partition, std::move(positions[path])};
    for (const lake::DataFile& vector : file->position_deletes) {
      if (!lake::IsDeletionVector(vector)) continue;
      LEAT_ASSIGN(const std::vector<int64_t> before, lake::ReadDeletionVector(files, vector));
      one.positions.insert(one.positions.end(), before.begin(), before.end());
    }
    if (one.positions.empty()) continue;
    // A file each: DuckDB 1.5.5 drops all vectors of a Puffin file when it replaces one of them.
    LEAT_ASSIGN(std::vector<lake::DataFile> written,
                lake::WriteDeletionVectors(files, io::JoinUri(options.folder, NewUuidV7() + ".puffin"), {one}));
    result.files.push_back(std::move(written[0]));
  }
  for (const auto& [path, file] : merge.old()) result.replaced.insert(path);
  return Ok();
}

}  // namespace leat::sql
