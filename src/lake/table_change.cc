#include "lake/table_change.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/fault.h"
#include "base/ids.h"
#include "lake/deletion_vector.h"
#include "lake/snapshot_writer.h"

namespace leat::lake {
namespace {

Error NotLive(const std::string& path) {
  return MakeError("LAKE-304", ErrorKind::kConflict, "the file '{}' is not part of the table any more", path)
      .WithHint("another writer replaced it: plan the step again on the new state");
}

Status CheckFiles(const TableMetadata& base, const std::vector<DataFile>& files, bool deletes) {
  for (const DataFile& file : files) {
    if ((file.content != FileContent::kData) != deletes) {
      return MakeError("LAKE-116", ErrorKind::kInternal, "'{}' is {} file", file.path,
                       deletes ? "not a delete" : "a delete");
    }
    if (!deletes) continue;
    if (base.format_version == 1) {
      return MakeError("LAKE-114", ErrorKind::kUnsupported, "tables of format version 1 cannot have delete files")
          .WithHint("upgrade the table: format-version 2");
    }
    const bool positions = file.content == FileContent::kPositionDeletes;
    if (positions && IsDeletionVector(file) != (base.format_version > 2)) {
      return MakeError("LAKE-117", ErrorKind::kInternal, "position deletes of a table of format version {} are {}",
                       base.format_version, base.format_version > 2 ? "deletion vectors" : "parquet files");
    }
  }
  return Ok();
}

// Removes the data files in `paths`, each of which must be live, and deletes that belong to them alone.
Status RemoveDataFiles(SnapshotWriter& writer, const std::set<std::string>& paths) {
  if (paths.empty()) return Ok();
  std::set<std::string> missing = paths;
  LEAT_TRY(writer.Remove(false, [&](const ManifestEntry& entry) {
    missing.erase(entry.file.path);
    return paths.contains(entry.file.path);
  }));
  if (!missing.empty()) return NotLive(*missing.begin());
  LEAT_TRY(writer.Remove(true, [&](const ManifestEntry& entry) {
    return entry.file.referenced_data_file && paths.contains(*entry.file.referenced_data_file);
  }));
  return Ok();
}

/// Applies one kind of change and returns the snapshot's operation.
struct Apply {
  const TableMetadata& base;
  SnapshotWriter& writer;

  Result<std::string> operator()(const Append& change) {
    LEAT_TRY(CheckFiles(base, change.files, false));
    for (const DataFile& file : change.files) writer.Add(file);
    return std::string("append");
  }

  Result<std::string> operator()(const Overwrite& change) {
    LEAT_TRY(CheckFiles(base, change.files, false));
    const auto all = [](const ManifestEntry&) { return true; };
    LEAT_TRY(writer.Remove(false, all));
    LEAT_TRY(writer.Remove(true, all));
    for (const DataFile& file : change.files) writer.Add(file);
    return std::string(change.files.empty() ? "delete" : "overwrite");
  }

  Result<std::string> operator()(const ReplacePartitions& change) {
    LEAT_TRY(CheckFiles(base, change.files, false));
    const PartitionSpec& spec = base.default_spec();
    std::set<std::string> replaced;
    for (const DataFile& file : change.files) replaced.insert(PartitionKey(file));
    for (const auto& partition : change.also) replaced.insert(PartitionKey(spec.spec_id, partition));
    bool other_spec = false;
    const auto matches = [&](const ManifestEntry& entry) {
      if (spec.is_unpartitioned()) return true;
      if (entry.file.spec_id != spec.spec_id) {
        // A delete for the whole table stays; a data file cannot be told in or out of a partition of another spec.
        if (entry.file.content == FileContent::kData) other_spec = true;
        return false;
      }
      return replaced.contains(PartitionKey(entry.file));
    };
    LEAT_TRY(writer.Remove(false, matches));
    if (other_spec) {
      return MakeError("LAKE-118", ErrorKind::kUnsupported,
                       "the table has files of an older partition spec: their partitions cannot be replaced")
          .WithHint("overwrite the whole table once, then partitions can be replaced");
    }
    LEAT_TRY(writer.Remove(true, matches));
    for (const DataFile& file : change.files) writer.Add(file);
    return std::string("overwrite");
  }

  Result<std::string> operator()(const RowDelta& change) {
    LEAT_TRY(CheckFiles(base, change.files, false));
    LEAT_TRY(CheckFiles(base, change.deletes, true));
    LEAT_TRY(RemoveDataFiles(writer, change.removed_files));
    // A data file has at most one vector: the new one replaces what the file had.
    std::set<std::string> replaced;
    for (const DataFile& file : change.deletes) {
      if (IsDeletionVector(file) && file.referenced_data_file) replaced.insert(*file.referenced_data_file);
    }
    if (!replaced.empty()) {
      LEAT_TRY(writer.Remove(true, [&](const ManifestEntry& entry) {
        const DataFile& file = entry.file;
        if (file.content != FileContent::kPositionDeletes) return false;
        return change.replaced_deletes.contains(file.path) ||
               (file.referenced_data_file && replaced.contains(*file.referenced_data_file));
      }));
    }
    for (const DataFile& file : change.files) writer.Add(file);
    for (const DataFile& file : change.deletes) writer.Add(file);
    if (change.deletes.empty() && change.removed_files.empty()) return std::string("append");
    return std::string(change.files.empty() ? "delete" : "overwrite");
  }

  Result<std::string> operator()(const Rewrite& change) {
    LEAT_TRY(CheckFiles(base, change.added, false));
    LEAT_TRY(RemoveDataFiles(writer, change.removed));
    for (const DataFile& file : change.added) writer.Add(file);
    return std::string("replace");
  }
};

// Version number at the start of a metadata file's name ("00012-<uuid>.metadata.json", "v3.metadata.json"), or -1.
int64_t MetadataVersion(std::string_view location) {
  if (const size_t slash = location.rfind('/'); slash != std::string_view::npos) location.remove_prefix(slash + 1);
  if (location.starts_with('v')) location.remove_prefix(1);
  int64_t version = -1;
  std::from_chars(location.data(), location.data() + location.size(), version);
  return version;
}

}  // namespace

Result<TableMetadata> ApplyChange(io::FileSystem& files, const TableMetadata& base, const DataChange& change,
                                  const ChangeInfo& info, std::vector<std::string>& written) {
  SnapshotWriter writer(files, base, info, written);
  LEAT_TRY(writer.Open());
  LEAT_ASSIGN(const std::string operation, std::visit(Apply{base, writer}, change));
  return writer.Finish(operation);
}

std::string NextMetadataLocation(TableMetadata& metadata, const std::string& previous) {
  int64_t version = 0;
  if (!previous.empty()) {
    version = MetadataVersion(previous) + 1;
    if (metadata.metadata_log.empty() || metadata.metadata_log.back().metadata_file != previous) {
      metadata.metadata_log.push_back({metadata.last_updated_ms, previous});
    }
    const auto most =
        static_cast<size_t>(PositiveProperty(metadata.properties, "write.metadata.previous-versions-max", 100));
    if (metadata.metadata_log.size() > most) {
      metadata.metadata_log.erase(metadata.metadata_log.begin(),
                                  metadata.metadata_log.end() - static_cast<ptrdiff_t>(most));
    }
  }
  return io::JoinUri(metadata.location, fmt::format("metadata/{:05}-{}.metadata.json", version, NewUuidV7()));
}

Result<std::string> WriteMetadata(io::FileSystem& files, TableMetadata& metadata, const std::string& previous,
                                  std::vector<std::string>& written) {
  const std::string location = NextMetadataLocation(metadata, previous);
  written.push_back(location);
  LEAT_TRY(files.WriteNew(location, FormatTableMetadata(metadata)));
  return location;
}

std::optional<std::string> FindBookmark(const TableMetadata& metadata, const std::string& load_key) {
  const std::string key = std::string(kBookmarkPrefix) + load_key;
  const Snapshot* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr) {
    if (const auto it = snapshot->summary.find(key); it != snapshot->summary.end()) return it->second;
    snapshot = snapshot->parent_id ? metadata.FindSnapshot(*snapshot->parent_id) : nullptr;
  }
  return std::nullopt;
}

}  // namespace leat::lake
