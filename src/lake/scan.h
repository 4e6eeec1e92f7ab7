#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "lake/manifest.h"

namespace leat::lake {

/// A simple predicate on a top-level column, used only to leave out files that cannot have a matching row. AND-ed.
struct ScanPredicate {
  enum class Op { kEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kIsNull, kNotNull, kIn };
  int field_id = 0;
  Op op = Op::kEqual;
  std::vector<data::Value> values;  ///< one, or several for kIn; typed as the column
};

/// A live data file and the deletes that apply to it (specification, "Scan Planning": by sequence number, partition and
/// referenced file).
struct ScanFile {
  DataFile file;
  int64_t sequence_number = 0;
  std::vector<DataFile> position_deletes;  ///< parquet position delete files and v3 deletion vectors
  std::vector<DataFile> equality_deletes;
};

struct ScanPlan {
  std::vector<ScanFile> files;
  int64_t files_total = 0;  ///< before pruning
  int64_t rows_total = 0;   ///< record_count over all live data files, before deletes
  int64_t bytes_planned = 0;
};

/// Plans reading one snapshot. No snapshot: an empty plan.
Result<ScanPlan> PlanScan(io::FileSystem& files, const TableMetadata& metadata, const Snapshot* snapshot,
                          const std::vector<ScanPredicate>& predicates = {});

/// All live entries (data and deletes) of a snapshot, as manifests list them.
Result<std::vector<ManifestFile>> ReadManifestList(io::FileSystem& files, const Snapshot& snapshot);
Result<std::vector<ManifestEntry>> ReadManifest(io::FileSystem& files, const ManifestFile& manifest,
                                                const TableMetadata& metadata);

}  // namespace leat::lake
