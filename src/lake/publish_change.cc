#include "lake/publish_change.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "lake/snapshot_writer.h"
#include "lake/table_change.h"

// What publishing does to a branch's snapshots: re-base appends onto another head, squash several into one.
namespace leat::lake {
namespace {

Error CannotRebase(std::string_view why) {
  return MakeError("LAKE-306", ErrorKind::kConflict, "the branch's changes cannot be re-based: {}", why)
      .WithHint("plan the step again on the new head");
}

// Snapshots of `metadata` after `base_id` (0: all), oldest first.
Result<std::vector<const Snapshot*>> SnapshotsSince(const TableMetadata& metadata, int64_t base_id) {
  std::vector<const Snapshot*> chain;
  const Snapshot* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr && snapshot->id != base_id) {
    chain.push_back(snapshot);
    if (!snapshot->parent_id) {
      if (base_id != 0) return CannotRebase("its history does not reach back to its base");
      break;
    }
    snapshot = metadata.FindSnapshot(*snapshot->parent_id);
    if (snapshot == nullptr) return CannotRebase("its history does not reach back to its base");
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

bool AddNumber(std::string& sum, const std::string& value) {
  int64_t a = 0;
  int64_t b = 0;
  const char* end_a = sum.data() + sum.size();
  const char* end_b = value.data() + value.size();
  if (std::from_chars(sum.data(), end_a, a).ptr != end_a || std::from_chars(value.data(), end_b, b).ptr != end_b)
    return false;
  sum = std::to_string(a + b);
  return true;
}

// Leat's own keys of the branch's snapshots for the one that replaces them: row counts are summed, of the rest the newest
// value counts. Bookmarks only where the branch moved them: others may have moved on elsewhere. `info` has the last word.
ChangeInfo Merged(const TableMetadata& branch, const std::vector<const Snapshot*>& chain, int64_t base_id,
                  const ChangeInfo& info) {
  ChangeInfo merged = info;
  for (const Snapshot* snapshot : chain) {
    for (const auto& [key, value] : snapshot->summary) {
      if (!key.starts_with("leat.") || key.starts_with(kBookmarkPrefix) || info.summary.contains(key)) continue;
      const auto [it, fresh] = merged.summary.emplace(key, value);
      if (!fresh && !(key.starts_with("leat.rows-") && AddNumber(it->second, value))) it->second = value;
    }
  }
  const Properties before = CollectBookmarks(branch, base_id == 0 ? nullptr : branch.FindSnapshot(base_id));
  for (const auto& [key, value] : CollectBookmarks(branch, branch.current_snapshot())) {
    const auto it = before.find(key);
    if (it == before.end() || it->second != value) merged.summary.emplace(key, value);
  }
  if (info.run_id.empty() && merged.summary.contains("leat.run-id")) merged.run_id = merged.summary["leat.run-id"];
  if (info.step.empty() && merged.summary.contains("leat.step")) merged.step = merged.summary["leat.step"];
  if (!info.run_id.empty()) merged.summary.erase("leat.run-id");
  if (!info.step.empty()) merged.summary.erase("leat.step");
  return merged;
}

// True when every entry inherits all that a snapshot gives, so that another snapshot may list the manifest.
bool InheritsEverything(const std::vector<ManifestEntry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [](const ManifestEntry& entry) {
    return entry.status == EntryStatus::kAdded && !entry.snapshot_id && !entry.sequence_number &&
           !entry.file_sequence_number && !entry.file.first_row_id;
  });
}

Status AddAppended(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                   const Snapshot& snapshot, SnapshotWriter& writer) {
  LEAT_ASSIGN(const std::vector<ManifestFile> manifests, ReadManifestList(files, snapshot));
  for (const ManifestFile& manifest : manifests) {
    if (manifest.added_snapshot_id != snapshot.id || manifest.added_files == 0) continue;
    if (manifest.deletes) return CannotRebase("it has delete files");
    const PartitionSpec* there = head.FindSpec(manifest.spec_id);
    const PartitionSpec* here = branch.FindSpec(manifest.spec_id);
    const auto same = [](const PartitionField& a, const PartitionField& b) {
      return a.source_id == b.source_id && a.field_id == b.field_id && a.transform == b.transform;
    };
    if (there == nullptr || here == nullptr ||
        !std::equal(there->fields.begin(), there->fields.end(), here->fields.begin(), here->fields.end(), same)) {
      return CannotRebase("the head has another partition spec");
    }
    LEAT_ASSIGN(const std::string bytes, files.Read(manifest.path));
    LEAT_ASSIGN(const std::vector<ManifestEntry> entries, DecodeManifestAsWritten(bytes, manifest, branch));
    if (InheritsEverything(entries)) {
      writer.AddManifest(manifest, entries);
      continue;
    }
    for (const ManifestEntry& entry : entries) {
      if (entry.status == EntryStatus::kAdded) writer.Add(entry.file);
    }
  }
  return Ok();
}

// One file: vectors share a path and differ in what they belong to.
std::string FileKey(const DataFile& file) {
  return fmt::format("{}\n{}\n{}", file.path, file.referenced_data_file.value_or(""), file.content_offset.value_or(-1));
}

Result<std::map<std::string, ManifestEntry>> LiveEntries(io::FileSystem& files, const TableMetadata& metadata,
                                                         const std::vector<ManifestFile>& manifests) {
  std::map<std::string, ManifestEntry> live;
  for (const ManifestFile& manifest : manifests) {
    LEAT_ASSIGN(std::vector<ManifestEntry> entries, ReadManifest(files, manifest, metadata));
    for (ManifestEntry& entry : entries) {
      if (entry.status != EntryStatus::kDeleted) live.insert_or_assign(FileKey(entry.file), std::move(entry));
    }
  }
  return live;
}

std::string Operation(const std::vector<const Snapshot*>& chain, const SummaryCounts& counts) {
  const bool only_replaced = std::all_of(chain.begin(), chain.end(), [](const Snapshot* snapshot) {
    const auto it = snapshot->summary.find("operation");
    return it != snapshot->summary.end() && it->second == "replace";
  });
  if (only_replaced) return "replace";
  if (!counts.has_removed() && !counts.has_added_deletes()) return "append";
  return counts.has_added_data() ? "overwrite" : "delete";
}

// What a branch did to the files of its base: net, so that what it added and removed again is not in it.
struct NetChange {
  std::vector<ManifestEntry> added;
  std::map<std::string, ManifestEntry> removed;  // by FileKey
  bool keeps = false;                            // something of the base is left
};

// `before` and `after` without the manifests that both list; those are returned.
std::vector<ManifestFile> TakeCommon(std::vector<ManifestFile>& before, std::vector<ManifestFile>& after) {
  std::set<std::string> paths_before, paths_after;
  for (const ManifestFile& manifest : before) paths_before.insert(manifest.path);
  for (const ManifestFile& manifest : after) paths_after.insert(manifest.path);
  std::vector<ManifestFile> common;
  std::erase_if(before, [&](const ManifestFile& manifest) {
    if (!paths_after.contains(manifest.path)) return false;
    common.push_back(manifest);
    return true;
  });
  std::erase_if(after, [&](const ManifestFile& manifest) { return paths_before.contains(manifest.path); });
  return common;
}

Result<NetChange> NetChangeOf(io::FileSystem& files, const TableMetadata& branch, std::vector<ManifestFile> before) {
  LEAT_ASSIGN(std::vector<ManifestFile> after, ReadManifestList(files, *branch.current_snapshot()));
  NetChange change;
  for (const ManifestFile& manifest : TakeCommon(before, after))
    change.keeps = change.keeps || manifest.added_files + manifest.existing_files > 0;
  LEAT_ASSIGN(change.removed, LiveEntries(files, branch, before));
  LEAT_ASSIGN(const auto is, LiveEntries(files, branch, after));
  for (const auto& [key, entry] : is) {
    if (change.removed.erase(key) > 0) change.keeps = true;
    else change.added.push_back(entry);
  }
  return change;
}

// The deletes of `change` must not point at files that were compacted on the head.
Status CheckDeletes(const NetChange& change, const std::map<std::string, ManifestEntry>& gone) {
  for (const ManifestEntry& entry : change.added) {
    if (entry.file.content == FileContent::kData) continue;
    if (entry.file.content == FileContent::kEqualityDeletes) return CannotRebase("it has equality deletes");
    const auto& points_at = entry.file.referenced_data_file;
    for (const auto& [key, old] : gone) {
      const bool hit =
          points_at ? old.file.path == *points_at
                    : old.file.spec_id == entry.file.spec_id && PartitionKey(old.file) == PartitionKey(entry.file);
      if (hit) return CannotRebase(fmt::format("{}, of which it deletes rows, was compacted", old.file.path));
    }
  }
  return Ok();
}

Result<TableMetadata> RebaseOntoCompacted(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                                          const std::vector<const Snapshot*>& chain, int64_t base_id,
                                          const ChangeInfo& merged, std::vector<std::string>& written) {
  const Snapshot* base = branch.FindSnapshot(base_id);
  if (base == nullptr || head.current_snapshot() == nullptr) return CannotRebase("the base is no longer known");
  LEAT_ASSIGN(std::vector<ManifestFile> before, ReadManifestList(files, *base));
  LEAT_ASSIGN(NetChange change, NetChangeOf(files, branch, before));
  LEAT_ASSIGN(std::vector<ManifestFile> now, ReadManifestList(files, *head.current_snapshot()));
  TakeCommon(before, now);
  LEAT_ASSIGN(auto gone, LiveEntries(files, branch, before));
  LEAT_ASSIGN(const auto live, LiveEntries(files, head, now));
  std::erase_if(gone, [&](const auto& item) { return live.contains(item.first); });
  LEAT_TRY(CheckDeletes(change, gone));

  SnapshotWriter writer(files, head, merged, written);
  LEAT_TRY(writer.Open());
  for (const bool deletes : {false, true}) {
    const auto expected = std::count_if(change.removed.begin(), change.removed.end(), [&](const auto& item) {
      return (item.second.file.content != FileContent::kData) == deletes;
    });
    LEAT_ASSIGN(const int64_t removed, writer.Remove(deletes, [&](const ManifestEntry& entry) {
      return !change.keeps || change.removed.contains(FileKey(entry.file));
    }));
    if (change.keeps && removed != expected) return CannotRebase("a file that it replaces was compacted");
  }
  for (ManifestEntry& entry : change.added) {
    if (head.FindSpec(entry.file.spec_id) == nullptr) return CannotRebase("the head has another partition spec");
    writer.Add(std::move(entry.file));
  }
  return writer.Finish(Operation(chain, writer.counts()));
}

}  // namespace

Result<TableMetadata> RebaseAppends(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                                    int64_t base_snapshot_id, const ChangeInfo& info,
                                    std::vector<std::string>& written) {
  LEAT_ASSIGN(const std::vector<const Snapshot*> chain, SnapshotsSince(branch, base_snapshot_id));
  const ChangeInfo merged = Merged(branch, chain, base_snapshot_id, info);
  SnapshotWriter writer(files, head, merged, written);
  LEAT_TRY(writer.Open());
  for (const Snapshot* snapshot : chain) {
    const auto operation = snapshot->summary.find("operation");
    if (operation == snapshot->summary.end() || operation->second != "append") {
      return CannotRebase(fmt::format("snapshot {} did not only append", snapshot->id));
    }
    LEAT_TRY(AddAppended(files, head, branch, *snapshot, writer));
  }
  return writer.Finish("append");
}

Result<TableMetadata> SquashSnapshots(io::FileSystem& files, const TableMetadata& base, const TableMetadata& branch,
                                      const ChangeInfo& info, std::vector<std::string>& written) {
  const int64_t base_id = base.current_snapshot_id.value_or(0);
  if (!branch.current_snapshot_id || branch.current_snapshot_id == base.current_snapshot_id) return branch;
  LEAT_ASSIGN(const std::vector<const Snapshot*> chain, SnapshotsSince(branch, base_id));
  const ChangeInfo merged = Merged(branch, chain, base_id, info);

  // The branch's metadata (schema, spec, properties) with the base's history.
  TableMetadata onto = branch;
  onto.snapshots = base.snapshots;
  onto.snapshot_log = base.snapshot_log;
  onto.metadata_log = base.metadata_log;
  onto.refs = base.refs;
  onto.current_snapshot_id = base.current_snapshot_id;
  onto.last_sequence_number = base.last_sequence_number;
  onto.next_row_id = branch.format_version > 2 ? std::optional(base.next_row_id.value_or(0)) : std::nullopt;

  std::vector<ManifestFile> before;
  if (const Snapshot* snapshot = base.current_snapshot()) {
    LEAT_ASSIGN(before, ReadManifestList(files, *snapshot));
  }
  LEAT_ASSIGN(std::vector<ManifestFile> after, ReadManifestList(files, *branch.current_snapshot()));
  std::vector<ManifestFile> kept = TakeCommon(before, after);
  LEAT_ASSIGN(const auto was, LiveEntries(files, branch, before));
  LEAT_ASSIGN(const auto is, LiveEntries(files, branch, after));

  SnapshotWriter writer(files, onto, merged, written);
  writer.SetKept(std::move(kept));
  // An equality delete applies to files with smaller numbers only: with one on the branch, files keep their numbers.
  const bool numbers_matter = std::any_of(is.begin(), is.end(), [&was](const auto& item) {
    return item.second.file.content == FileContent::kEqualityDeletes && !was.contains(item.first);
  });
  if (numbers_matter) writer.SetSequenceNumber(branch.last_sequence_number);
  for (const auto& [key, entry] : is) {
    if (const auto before_it = was.find(key); before_it != was.end()) {
      ManifestEntry stays = entry;
      stays.file.first_row_id =
          before_it->second.file.first_row_id;  // never one that only the branch gave (an upgrade)
      writer.KeepEntry(std::move(stays));
    } else {
      writer.Add(entry.file, numbers_matter ? entry.sequence_number : std::nullopt);
    }
  }
  for (const auto& [key, entry] : was) {
    if (!is.contains(key)) writer.RemoveEntry(entry);
  }
  return writer.Finish(Operation(chain, writer.counts()));
}

Result<TableMetadata> RebaseChanges(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                                    int64_t base_snapshot_id, const ChangeInfo& info,
                                    std::vector<std::string>& written) {
  LEAT_ASSIGN(const std::vector<const Snapshot*> chain, SnapshotsSince(branch, base_snapshot_id));
  const bool appends = std::all_of(chain.begin(), chain.end(), [](const Snapshot* snapshot) {
    const auto operation = snapshot->summary.find("operation");
    return operation != snapshot->summary.end() && operation->second == "append";
  });
  if (appends) return RebaseAppends(files, head, branch, base_snapshot_id, info, written);
  const ChangeInfo merged = Merged(branch, chain, base_snapshot_id, info);
  return RebaseOntoCompacted(files, head, branch, chain, base_snapshot_id, merged, written);
}

}  // namespace leat::lake
