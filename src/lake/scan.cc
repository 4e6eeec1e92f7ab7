#include "lake/scan.h"

#include <algorithm>
#include <unordered_map>

#include "lake/deletion_vector.h"
#include "lake/scan_pruning.h"
#include "lake/snapshot_summary.h"

namespace leat::lake {
namespace {

constexpr int kDeleteFilePathId = 2147483546;  // field id of "file_path" in position delete files (specification)

struct Delete {
  int64_t sequence_number = 0;
  DataFile file;
};

bool IsFor(const Delete& deletes, const std::string& path) {
  const auto lower = deletes.file.lower_bounds.find(kDeleteFilePathId);
  const auto upper = deletes.file.upper_bounds.find(kDeleteFilePathId);
  if (lower != deletes.file.lower_bounds.end() && path < lower->second) return false;
  return upper == deletes.file.upper_bounds.end() || path <= upper->second;
}

/// The live delete files of a snapshot, found by what they can belong to.
class DeleteIndex {
 public:
  Status Add(const TableMetadata& metadata, ManifestEntry entry) {
    DataFile& file = entry.file;
    Delete deletes{entry.sequence_number.value_or(0), std::move(file)};
    if (deletes.file.content == FileContent::kEqualityDeletes) {
      const PartitionSpec* spec = metadata.FindSpec(deletes.file.spec_id);
      // An equality delete without partition is for the whole table.
      if (spec == nullptr || spec->is_unpartitioned()) {
        global_.push_back(std::move(deletes));
      } else {
        equality_[PartitionKey(deletes.file)].push_back(std::move(deletes));
      }
    } else if (IsDeletionVector(deletes.file)) {
      if (!deletes.file.referenced_data_file) {
        return MakeError("LAKE-132", ErrorKind::kData, "the deletion vector in '{}' does not say for which file it is",
                         deletes.file.path);
      }
      const std::string path = *deletes.file.referenced_data_file;
      vectors_.insert_or_assign(path, std::move(deletes));
    } else if (deletes.file.referenced_data_file) {
      by_path_[*deletes.file.referenced_data_file].push_back(std::move(deletes));
    } else {
      positions_[PartitionKey(deletes.file)].push_back(std::move(deletes));
    }
    return Ok();
  }

  void Assign(ScanFile& scan) const {
    const std::string& path = scan.file.path;
    const std::string partition = PartitionKey(scan.file);
    if (const auto it = vectors_.find(path);
        it != vectors_.end() && it->second.sequence_number >= scan.sequence_number) {
      // A vector holds the positions of all older delete files of its data file.
      scan.position_deletes.push_back(it->second.file);
    } else {
      ForEach(by_path_, path, [&](const Delete& deletes) {
        if (deletes.sequence_number >= scan.sequence_number) scan.position_deletes.push_back(deletes.file);
      });
      ForEach(positions_, partition, [&](const Delete& deletes) {
        if (deletes.sequence_number >= scan.sequence_number && IsFor(deletes, path)) {
          scan.position_deletes.push_back(deletes.file);
        }
      });
    }
    const auto equality = [&](const Delete& deletes) {
      if (deletes.sequence_number > scan.sequence_number) scan.equality_deletes.push_back(deletes.file);
    };
    ForEach(equality_, partition, equality);
    for (const Delete& deletes : global_) equality(deletes);
  }

 private:
  using Map = std::unordered_map<std::string, std::vector<Delete>>;
  template <typename Use>
  static void ForEach(const Map& map, const std::string& key, const Use& use) {
    if (const auto it = map.find(key); it != map.end()) std::for_each(it->second.begin(), it->second.end(), use);
  }

  std::unordered_map<std::string, Delete> vectors_;
  Map by_path_;
  Map positions_;
  Map equality_;
  std::vector<Delete> global_;
};

// What we cannot read is refused here, before anybody counts or reads rows without it.
Status CheckReadable(const DataFile& file) {
  if (file.key_metadata) {
    return MakeError("LAKE-115", ErrorKind::kUnsupported, "the file '{}' is encrypted", file.path)
        .WithHint("encrypted tables can be read only by the engine that has the keys");
  }
  if (file.format != "PARQUET" && !(file.content != FileContent::kData && file.format == "PUFFIN")) {
    return MakeError("LAKE-121", ErrorKind::kUnsupported, "the file '{}' is {}, not Parquet", file.path, file.format)
        .WithHint("have the other engine rewrite the table's files as Parquet (write.format.default=parquet)");
  }
  return Ok();
}

}  // namespace

Result<std::vector<ManifestFile>> ReadManifestList(io::FileSystem& files, const Snapshot& snapshot) {
  LEAT_ASSIGN(const std::string bytes, files.Read(snapshot.manifest_list));
  return DecodeManifestList(bytes, snapshot.manifest_list);
}

Result<std::vector<ManifestEntry>> ReadManifest(io::FileSystem& files, const ManifestFile& manifest,
                                                const TableMetadata& metadata) {
  LEAT_ASSIGN(const std::string bytes, files.Read(manifest.path));
  return DecodeManifest(bytes, manifest, metadata);
}

Result<ScanPlan> PlanScan(io::FileSystem& files, const TableMetadata& metadata, const Snapshot* snapshot,
                          const std::vector<ScanPredicate>& predicates) {
  ScanPlan plan;
  if (snapshot == nullptr) return plan;
  LEAT_ASSIGN(const ScanPruner pruner, ScanPruner::Make(metadata, predicates));
  LEAT_ASSIGN(const std::vector<ManifestFile> manifests, ReadManifestList(files, *snapshot));
  DeleteIndex deletes;
  for (const ManifestFile& manifest : manifests) {
    if (manifest.added_files + manifest.existing_files == 0) continue;
    if (!manifest.deletes && !pruner.MayMatch(manifest)) {
      plan.files_total += manifest.added_files + manifest.existing_files;
      plan.rows_total += manifest.added_rows + manifest.existing_rows;
      continue;
    }
    LEAT_ASSIGN(std::vector<ManifestEntry> entries, ReadManifest(files, manifest, metadata));
    for (ManifestEntry& entry : entries) {
      if (entry.status == EntryStatus::kDeleted) continue;
      LEAT_TRY(CheckReadable(entry.file));
      if (entry.file.content != FileContent::kData) {
        LEAT_TRY(deletes.Add(metadata, std::move(entry)));
        continue;
      }
      ++plan.files_total;
      plan.rows_total += entry.file.record_count;
      if (!pruner.MayMatch(entry.file)) continue;
      plan.bytes_planned += entry.file.size_bytes;
      ScanFile scan;
      scan.sequence_number = entry.sequence_number.value_or(0);
      scan.file = std::move(entry.file);
      plan.files.push_back(std::move(scan));
    }
  }
  // Oldest rows first, whatever the order of the manifests.
  std::stable_sort(plan.files.begin(), plan.files.end(),
                   [](const ScanFile& a, const ScanFile& b) { return a.sequence_number < b.sequence_number; });
  for (ScanFile& scan : plan.files) deletes.Assign(scan);
  return plan;
}

}  // namespace leat::lake
