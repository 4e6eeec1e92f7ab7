#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lake/snapshot_summary.h"
#include "lake/table_change.h"

namespace leat::lake {

/// Makes one snapshot on top of `base`: collect files, then Finish. Used by one thread, once.
///
/// Manifests of added files leave snapshot id, sequence numbers and row ids null, so that a publish can list them again as
/// they are. Files are written in Finish only; their paths go to `written` before they are written.
class SnapshotWriter {
 public:
  SnapshotWriter(io::FileSystem& files, const TableMetadata& base, const ChangeInfo& info,
                 std::vector<std::string>& written);

  /// Reads the manifest list of the current snapshot: all its manifests are kept unless files are removed from them.
  Status Open();

  int64_t snapshot_id() const { return snapshot_.id; }
  int64_t sequence_number() const { return snapshot_.sequence_number; }
  /// For squashed branches whose files keep their own numbers.
  void SetSequenceNumber(int64_t number) { snapshot_.sequence_number = number; }

  /// Adds a new file; `sequence_number` only when it must not inherit the snapshot's.
  void Add(DataFile file, std::optional<int64_t> sequence_number = std::nullopt);
  /// Lists a manifest again that adds files and leaves ids null; `entries` are its content, for the summary.
  void AddManifest(ManifestFile manifest, const std::vector<ManifestEntry>& entries);
  /// Removes live files (`deletes`: delete files, else data files) for which `matches` is true. Manifests without such files
  /// stay as they are. Returns how many were removed.
  Result<int64_t> Remove(bool deletes, const std::function<bool(const ManifestEntry&)>& matches);
  /// Sets the kept manifests and files one by one (squashing).
  void SetKept(std::vector<ManifestFile> kept) { kept_ = std::move(kept); }
  void KeepEntry(ManifestEntry entry);
  void RemoveEntry(ManifestEntry entry);

  const SummaryCounts& counts() const { return counts_; }

  /// Writes manifests, merges small ones, writes the list, and returns the new metadata.
  Result<TableMetadata> Finish(const std::string& operation);

 private:
  using Group = std::pair<int, bool>;  // spec id, deletes

  Status WriteEntries(const Group& group, std::vector<ManifestEntry> entries, std::vector<ManifestFile>& out);
  Status MergeSmall();
  Status Put(const std::string& uri, std::string_view bytes);
  std::string NewUri(std::string_view name) const;
  Result<Properties> Summary(const std::string& operation);

  io::FileSystem& files_;
  const TableMetadata& base_;
  const ChangeInfo& info_;
  std::vector<std::string>& written_;
  Snapshot snapshot_;
  std::string uuid_;
  std::vector<ManifestFile> kept_;
  std::vector<ManifestFile> listed_again_;
  std::map<Group, std::vector<ManifestEntry>> added_;
  std::map<Group, std::vector<ManifestEntry>> rewritten_;
  SummaryCounts counts_;
  int manifests_ = 0;
  int replaced_ = 0;
};

/// A schema that has all source columns of `spec`: the current one, else an older one.
const data::Schema& SchemaForSpec(const TableMetadata& metadata, const PartitionSpec& spec);

/// The number in `properties`, or `otherwise` when it is missing or not a number above 0.
int64_t PositiveProperty(const Properties& properties, const std::string& name, int64_t otherwise);

}  // namespace leat::lake
