#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/type.h"

namespace leat::lake {

using Properties = std::map<std::string, std::string>;

/// One field of a partition spec. `transform`: "identity", "bucket[16]", "truncate[4]", "year", "month", "day",
/// "hour", "void". Field ids of partition fields start at 1000.
struct PartitionField {
  int source_id = 0;
  int field_id = 0;
  std::string name;
  std::string transform;
};

struct PartitionSpec {
  int spec_id = 0;
  std::vector<PartitionField> fields;
  bool is_unpartitioned() const;  ///< No field but "void" ones.
};

struct SortField {
  int source_id = 0;
  std::string transform;
  bool ascending = true;
  bool nulls_first = true;
};

struct SortOrder {
  int order_id = 0;  ///< 0 is "unsorted"
  std::vector<SortField> fields;
};

/// One state of a table's files. `summary` holds "operation" and the counts of the specification, and Leat's own keys
/// (docs/formats.md): leat.run-id, leat.step, leat.rows-in, leat.rows-out, leat.rows-rejected, leat.bookmark.<load key>.
struct Snapshot {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;
  Properties summary;
  std::optional<int> schema_id;
  std::optional<int64_t> first_row_id;  ///< v3
  std::optional<int64_t> added_rows;    ///< v3
};

struct SnapshotRef {
  int64_t snapshot_id = 0;
  std::string type = "branch";  ///< "branch" or "tag"
  std::optional<int> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;
  std::optional<int64_t> max_ref_age_ms;
};

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  int64_t snapshot_id = 0;
};

struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  std::string metadata_file;
};

/// The content of one metadata JSON file (specification, "Table Metadata"). Plain data; shared as
/// shared_ptr<const TableMetadata> once it is written. Members that Leat does not read (statistics, encryption keys) are
/// kept as JSON text in `other_json` and written back.
struct TableMetadata {
  int format_version = 2;
  std::string uuid;
  std::string location;
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int last_column_id = 0;
  std::vector<data::Schema> schemas;
  int current_schema_id = 0;
  std::vector<PartitionSpec> specs;
  int default_spec_id = 0;
  int last_partition_id = 999;
  std::vector<SortOrder> sort_orders;
  int default_sort_order_id = 0;
  Properties properties;
  std::optional<int64_t> current_snapshot_id;
  std::vector<Snapshot> snapshots;  ///< oldest first
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, SnapshotRef> refs;
  std::optional<int64_t> next_row_id;  ///< v3
  std::map<std::string, std::string> other_json;

  const data::Schema& current_schema() const;
  const PartitionSpec& default_spec() const;
  const SortOrder& default_sort_order() const;
  const Snapshot* current_snapshot() const;
  const Snapshot* FindSnapshot(int64_t id) const;
  const data::Schema* FindSchema(int id) const;
  const PartitionSpec* FindSpec(int id) const;
};

using MetadataPtr = std::shared_ptr<const TableMetadata>;

/// The JSON of the specification (appendix C), v1 to v3 read, the table's own version written.
/// Errors: LAKE-101 (not a metadata file; says which member is missing or wrong), LAKE-102 kUnsupported (version > 3).
Result<TableMetadata> ParseTableMetadata(std::string_view json);
std::string FormatTableMetadata(const TableMetadata& metadata);

/// A new table at `location`, ids assigned, with gc.enabled=false; time and uuid given by the caller.
Result<TableMetadata> NewTableMetadata(std::string uuid, std::string location, data::Schema schema, PartitionSpec spec,
                                       SortOrder order, Properties properties, TimeMicros now, int format_version = 2);

}  // namespace leat::lake
