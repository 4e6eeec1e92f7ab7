#pragma once

#include <set>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "lake/manifest.h"
#include "lake/table_metadata.h"
#include "sql/engine.h"

namespace leat::sql {

struct WriteOptions {
  std::string folder;  ///< new folder: <location>/data/<run>/<step>-<attempt>
  int64_t target_file_bytes = 256LL << 20;
  std::string compression = "zstd";
  int compression_level =
      1;  ///< of zstd: a fifth less work than its own default, files a tenth larger (bench/RESULTS.md)
  int64_t row_group_rows = 0;      ///< 0: the engine's; its writer holds whole groups, so fewer rows take less memory
  int64_t memory_limit_bytes = 0;  ///< budget of the step, for partitioned writes
  std::optional<int64_t> estimated_rows;
};

/// What a table's properties say: write.target-file-size-bytes, write.parquet.compression-codec (zstd, snappy, gzip, lz4, brotli,
/// uncompressed) and -level (of zstd, 1 to 22). Values that are none of these: the defaults above.
WriteOptions OptionsOfTable(const lake::Properties& properties);

struct WriteResult {
  std::vector<lake::DataFile> files;  ///< empty ones are deleted, not listed
  std::set<std::string> replaced;     ///< of row deletes: older delete files whose positions are in `files` too
  int64_t rows = 0;                   ///< sum of the files' own counts
  StatementCounts counts;             ///< of the SELECT
  double seconds = 0;
};

/// Writes the rows of `select` (columns by position as `schema`) as Parquet files with field ids and returns them with
/// full statistics (decisions: "Writing files"): partitioned by `spec`, sorted by `order`. Each value is cast as the table
/// of types says. Files are durable when it returns; on failure the folder is gone. Fault point: sql.copy.done.
Result<WriteResult> WriteFiles(io::FileSystem& files, Connection& connection, const std::string& select,
                               const data::Schema& schema, const lake::PartitionSpec& spec,
                               const lake::SortOrder& order, const WriteOptions& options);

/// Writes positions of deleted rows (columns file VARCHAR, pos BIGINT of `select`) as the table's format version has them:
/// position delete files (v2), or deletion vectors that hold older deletes of the same data files too (v3). `rows` counts the
/// given positions. SQL-506: a file that is not live.
Result<WriteResult> WriteRowDeletes(io::FileSystem& files, Connection& connection, const std::string& select,
                                    const lake::TableMetadata& metadata, const WriteOptions& options);

/// The Iceberg schema for a SELECT's columns, by the table of types; ids from `next_id`. Refused types: SQL-501 with the
/// column and a hint. What nanoseconds become depends on the table's format.
Result<data::Schema> SchemaForColumns(const std::vector<Column>& columns, int next_id = 1, int format_version = 2);
/// The SQL that brings a column of DuckDB type `from` to the stored type without silent loss.
Result<std::string> CastExpression(const std::string& expression, const std::string& from, const data::Type& to);

}  // namespace leat::sql
