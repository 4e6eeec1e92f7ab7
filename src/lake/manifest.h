#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/value.h"
#include "lake/table_metadata.h"

namespace leat::lake {

enum class FileContent { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };
enum class EntryStatus { kExisting = 0, kAdded = 1, kDeleted = 2 };

/// A data or delete file as a manifest describes it (specification, "Manifests", data_file). Counts and bounds are
/// keyed by field id; bounds are in the single-value encoding. `partition` has one value per field of the spec.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string path;  ///< absolute URI
  std::string format = "PARQUET";
  int spec_id = 0;
  std::vector<data::Value> partition;
  int64_t record_count = 0;
  int64_t size_bytes = 0;
  std::map<int, int64_t> column_sizes;
  std::map<int, int64_t> value_counts;
  std::map<int, int64_t> null_counts;
  std::map<int, int64_t> nan_counts;
  std::map<int, std::string> lower_bounds;
  std::map<int, std::string> upper_bounds;
  std::vector<int64_t> split_offsets;
  std::vector<int> equality_ids;
  std::optional<int> sort_order_id;
  std::optional<int64_t> first_row_id;              ///< v3
  std::optional<std::string> referenced_data_file;  ///< deletes that belong to one file
  std::optional<int64_t> content_offset;            ///< v3 deletion vectors in Puffin
  std::optional<int64_t> content_size_bytes;
  std::optional<std::string> key_metadata;
};

/// snapshot_id and sequence numbers are left null in manifests that we write and inherited when read (specification,
/// "Sequence Number Inheritance"); ReadManifest fills them in.
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  std::optional<int64_t> snapshot_id;
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> file_sequence_number;
  DataFile file;
};

struct PartitionSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower;
  std::optional<std::string> upper;
};

/// One row of a manifest list.
struct ManifestFile {
  std::string path;
  int64_t length_bytes = 0;
  int spec_id = 0;
  bool deletes = false;  ///< content: false data, true deletes
  int64_t sequence_number = 0;
  int64_t min_sequence_number = 0;
  int64_t added_snapshot_id = 0;
  /// Where an old writer left the counts out, existing_files is 1: the manifest is read to find out.
  int added_files = 0, existing_files = 0, deleted_files = 0;
  int64_t added_rows = 0, existing_rows = 0, deleted_rows = 0;
  std::vector<PartitionSummary> partitions;
  std::optional<int64_t> first_row_id;  ///< v3
};

/// Avro bytes of a manifest with all `entries` (one spec, one content). `schema` is one that has the spec's source columns.
/// LAKE-113 on a partition tuple that does not fit the spec. Version 1 entries need their snapshot id.
Result<std::string> EncodeManifest(const std::vector<ManifestEntry>& entries, const data::Schema& schema,
                                   const PartitionSpec& spec, bool deletes, int format_version);
/// Reads a manifest of any writer; inherits what is null from `listed` (row ids, too, in v3). Errors name the manifest.
Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes, const ManifestFile& listed,
                                                  const TableMetadata& metadata);
/// The manifest-list row of a manifest with `entries`: counts, rows, smallest sequence number, partition summaries.
/// `snapshot_id` and `sequence_number` are those of the snapshot that adds it (what null entries inherit).
Result<ManifestFile> DescribeManifest(std::string path, int64_t length_bytes, const std::vector<ManifestEntry>& entries,
                                      const data::Schema& schema, const PartitionSpec& spec, bool deletes,
                                      int64_t snapshot_id, int64_t sequence_number);
/// As DecodeManifest, but leaves null what is null in the file.
Result<std::vector<ManifestEntry>> DecodeManifestAsWritten(std::string_view bytes, const ManifestFile& listed,
                                                           const TableMetadata& metadata);
Result<std::string> EncodeManifestList(const std::vector<ManifestFile>& manifests, const Snapshot& snapshot,
                                       int format_version);
Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes, const std::string& path);

}  // namespace leat::lake
