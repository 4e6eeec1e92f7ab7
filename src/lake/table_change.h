#pragma once

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "io/file_system.h"
#include "lake/manifest.h"
#include "lake/scan.h"

namespace leat::lake {

/// Summary key of an append that holds only for the state that its writer saw (rows found to be new by key, a copy of another
/// table's rows): it is never re-based. Its value says why.
inline constexpr const char* kNoRebase = "leat.no-rebase";

/// The data changes that Leat commits. Each becomes one snapshot.
struct Append {
  std::vector<DataFile> files;
};
/// Replaces all rows; files of other snapshots stay where they are.
struct Overwrite {
  std::vector<DataFile> files;
};
/// Replaces the partitions that `files` belong to (and those named in `also`), keeps the others.
struct ReplacePartitions {
  std::vector<DataFile> files;
  std::vector<std::vector<data::Value>> also;
};
/// Insert, update and delete in one: position deletes (v2 parquet files or v3 deletion vectors) and new rows.
struct RowDelta {
  std::vector<DataFile> files;
  std::vector<DataFile> deletes;
  std::set<std::string> removed_files = {};     ///< data files of which no row is left
  std::set<std::string> replaced_deletes = {};  ///< position delete files whose positions are all in `deletes` (v3)
};
/// The same rows in other files (compaction).
struct Rewrite {
  std::set<std::string> removed;
  std::vector<DataFile> added;
};

using DataChange = std::variant<Append, Overwrite, ReplacePartitions, RowDelta, Rewrite>;

/// What is written in the snapshot's summary beside the counts of the specification.
struct ChangeInfo {
  std::string run_id;
  std::string step;
  Properties summary;  ///< leat.* keys; all leat.bookmark.* of the parent are carried forward unless set here
  TimeMicros now = 0;
};

/// Writes manifests and manifest list for `change` on top of `base` and returns the new metadata (not yet written as a
/// JSON file). Blocking I/O; files that were written are added to `written` (delete them when the commit fails for sure).
/// Fault points: lake.manifest.written, lake.manifest_list.written.
Result<TableMetadata> ApplyChange(io::FileSystem& files, const TableMetadata& base, const DataChange& change,
                                  const ChangeInfo& info, std::vector<std::string>& written);

/// Re-bases appends: the snapshots of `branch` since `base_snapshot_id` (0: none) onto `head`, as one new snapshot with
/// parent = head's current one (decisions: "Re-base"). Manifests added on the branch are listed again as they are where
/// they leave ids and sequence numbers null, else written again.
Result<TableMetadata> RebaseAppends(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                                    int64_t base_snapshot_id, const ChangeInfo& info,
                                    std::vector<std::string>& written);

/// Squashes the snapshots that a branch made since `base` into one whose parent is base's current snapshot.
Result<TableMetadata> SquashSnapshots(io::FileSystem& files, const TableMetadata& base, const TableMetadata& branch,
                                      const ChangeInfo& info, std::vector<std::string>& written);

/// Where the metadata file that follows `previous` ("" for a new table) goes: <location>/metadata/<n>-<uuid>.metadata.json;
/// `previous` gets its entry in the metadata log.
std::string NextMetadataLocation(TableMetadata& metadata, const std::string& previous);

/// Writes `metadata` there, without a catalogue (which would know it afterwards: Catalog::WriteMetadata).
Result<std::string> WriteMetadata(io::FileSystem& files, TableMetadata& metadata, const std::string& previous,
                                  std::vector<std::string>& written);

/// The bookmark of `load_key`: newest leat.bookmark.<key> from the current snapshot back through its parents.
std::optional<std::string> FindBookmark(const TableMetadata& metadata, const std::string& load_key);

}  // namespace leat::lake
