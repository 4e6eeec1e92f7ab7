#include "lake/snapshot_writer.h"

#include <algorithm>
#include <charconv>

#include "base/fault.h"
#include "base/ids.h"
#include "lake/table_update.h"

namespace leat::lake {
namespace {

constexpr size_t kEntriesPerManifest = 20'000;
constexpr int64_t kMaxBookmarkBytes = 64 << 10;

bool HasLiveFiles(const ManifestFile& manifest) { return manifest.added_files + manifest.existing_files > 0; }

// Manifests are merged with those of like size only, so that a file's entry is written again once per hundredfold growth of
// the table and not at every merge.
int SizeTier(const ManifestFile& manifest) {
  int tier = 0;
  for (int64_t files = manifest.added_files + manifest.existing_files; files >= 50; files /= 100) ++tier;
  return tier;
}

// An entry that stays, with everything explicit that it inherited.
ManifestEntry Existing(ManifestEntry entry) {
  entry.status = EntryStatus::kExisting;
  return entry;
}

}  // namespace

const data::Schema& SchemaForSpec(const TableMetadata& metadata, const PartitionSpec& spec) {
  const auto fits = [&spec](const data::Schema& schema) {
    return std::all_of(spec.fields.begin(), spec.fields.end(), [&schema](const PartitionField& field) {
      return field.transform == "void" || schema.FindById(field.source_id) != nullptr;
    });
  };
  const data::Schema& current = metadata.current_schema();
  if (fits(current)) return current;
  for (auto it = metadata.schemas.rbegin(); it != metadata.schemas.rend(); ++it) {
    if (fits(*it)) return *it;
  }
  return current;
}

int64_t PositiveProperty(const Properties& properties, const std::string& name, int64_t otherwise) {
  const auto it = properties.find(name);
  if (it == properties.end()) return otherwise;
  int64_t value = 0;
  const char* end = it->second.data() + it->second.size();
  if (std::from_chars(it->second.data(), end, value).ptr != end || value <= 0) return otherwise;
  return value;
}

SnapshotWriter::SnapshotWriter(io::FileSystem& files, const TableMetadata& base, const ChangeInfo& info,
                               std::vector<std::string>& written)
    : files_(files), base_(base), info_(info), written_(written), uuid_(NewUuidV7()) {
  do {
    snapshot_.id = NewSnapshotId();
  } while (base.FindSnapshot(snapshot_.id) != nullptr);
  const Snapshot* parent = base.current_snapshot();
  snapshot_.timestamp_ms = std::max(info.now / 1000, base.last_updated_ms);
  if (parent != nullptr) {
    snapshot_.parent_id = parent->id;
    snapshot_.timestamp_ms = std::max(snapshot_.timestamp_ms, parent->timestamp_ms + 1);
  }
  snapshot_.sequence_number = base.format_version > 1 ? base.last_sequence_number + 1 : 0;
  snapshot_.schema_id = base.current_schema_id;
}

Status SnapshotWriter::Open() {
  const Snapshot* parent = base_.current_snapshot();
  if (parent == nullptr) return Ok();
  LEAT_ASSIGN(std::vector<ManifestFile> manifests, ReadManifestList(files_, *parent));
  for (ManifestFile& manifest : manifests) {
    // A manifest of deleted entries only told what its own snapshot removed.
    if (HasLiveFiles(manifest)) kept_.push_back(std::move(manifest));
  }
  return Ok();
}

void SnapshotWriter::Add(DataFile file, std::optional<int64_t> sequence_number) {
  counts_.Add(file);
  ManifestEntry entry;
  entry.status = EntryStatus::kAdded;
  entry.sequence_number = sequence_number;
  if (base_.format_version == 1) entry.snapshot_id = snapshot_.id;
  entry.file = std::move(file);
  entry.file.first_row_id.reset();
  added_[{entry.file.spec_id, entry.file.content != FileContent::kData}].push_back(std::move(entry));
}

void SnapshotWriter::AddManifest(ManifestFile manifest, const std::vector<ManifestEntry>& entries) {
  for (const ManifestEntry& entry : entries) counts_.Add(entry.file);
  manifest.added_snapshot_id = snapshot_.id;
  manifest.sequence_number = manifest.min_sequence_number = snapshot_.sequence_number;
  manifest.first_row_id.reset();
  listed_again_.push_back(std::move(manifest));
}

void SnapshotWriter::KeepEntry(ManifestEntry entry) {
  const Group group{entry.file.spec_id, entry.file.content != FileContent::kData};
  rewritten_[group].push_back(Existing(std::move(entry)));
}

void SnapshotWriter::RemoveEntry(ManifestEntry entry) {
  counts_.Remove(entry.file);
  entry.status = EntryStatus::kDeleted;
  entry.snapshot_id = snapshot_.id;
  rewritten_[{entry.file.spec_id, entry.file.content != FileContent::kData}].push_back(std::move(entry));
}

Result<int64_t> SnapshotWriter::Remove(bool deletes, const std::function<bool(const ManifestEntry&)>& matches) {
  int64_t removed = 0;
  std::vector<ManifestFile> kept;
  for (ManifestFile& manifest : kept_) {
    if (manifest.deletes != deletes) {
      kept.push_back(std::move(manifest));
      continue;
    }
    LEAT_ASSIGN(std::vector<ManifestEntry> entries, ReadManifest(files_, manifest, base_));
    std::erase_if(entries, [](const ManifestEntry& entry) { return entry.status == EntryStatus::kDeleted; });
    std::vector<bool> goes;
    goes.reserve(entries.size());
    for (const ManifestEntry& entry : entries) goes.push_back(matches(entry));
    const auto count = std::count(goes.begin(), goes.end(), true);
    if (count == 0) {
      kept.push_back(std::move(manifest));
      continue;
    }
    removed += count;
    ++replaced_;
    for (size_t i = 0; i < entries.size(); ++i) {
      goes[i] ? RemoveEntry(std::move(entries[i])) : KeepEntry(std::move(entries[i]));
    }
  }
  kept_ = std::move(kept);
  return removed;
}

std::string SnapshotWriter::NewUri(std::string_view name) const {
  return io::JoinUri(base_.location, fmt::format("metadata/{}", name));
}

Status SnapshotWriter::Put(const std::string& uri, std::string_view bytes) {
  written_.push_back(uri);
  return files_.WriteNew(uri, bytes);
}

Status SnapshotWriter::WriteEntries(const Group& group, std::vector<ManifestEntry> entries,
                                    std::vector<ManifestFile>& out) {
  const PartitionSpec* spec = base_.FindSpec(group.first);
  if (spec == nullptr) {
    return MakeError("LAKE-113", ErrorKind::kInternal,
                     "a file of partition spec {} was to be added; the table has no such spec", group.first);
  }
  const data::Schema& schema = SchemaForSpec(base_, *spec);
  for (size_t start = 0; start < entries.size(); start += kEntriesPerManifest) {
    const size_t end = std::min(entries.size(), start + kEntriesPerManifest);
    const std::vector<ManifestEntry> part(std::make_move_iterator(entries.begin() + static_cast<ptrdiff_t>(start)),
                                          std::make_move_iterator(entries.begin() + static_cast<ptrdiff_t>(end)));
    LEAT_ASSIGN(const std::string bytes, EncodeManifest(part, schema, *spec, group.second, base_.format_version));
    const std::string uri = NewUri(fmt::format("{}-m{}.avro", uuid_, manifests_++));
    LEAT_ASSIGN(ManifestFile listed, DescribeManifest(uri, static_cast<int64_t>(bytes.size()), part, schema, *spec,
                                                      group.second, snapshot_.id, snapshot_.sequence_number));
    LEAT_TRY(Put(uri, bytes));
    out.push_back(std::move(listed));
  }
  return Ok();
}

Status SnapshotWriter::MergeSmall() {
  const auto setting = base_.properties.find("commit.manifest-merge.enabled");
  if (setting != base_.properties.end() && setting->second == "false") return Ok();
  const auto least = static_cast<size_t>(PositiveProperty(base_.properties, "commit.manifest.min-count-to-merge", 100));
  const int64_t target = PositiveProperty(base_.properties, "commit.manifest.target-size-bytes", 8 << 20);
  std::map<std::pair<Group, int>, std::vector<size_t>> tiers;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const ManifestFile& manifest = kept_[i];
    if (manifest.length_bytes >= target) continue;
    tiers[{{manifest.spec_id, manifest.deletes}, SizeTier(manifest)}].push_back(i);
  }
  std::vector<bool> gone(kept_.size());
  std::vector<ManifestFile> merged;
  for (const auto& [key, members] : tiers) {
    if (members.size() < least || members.size() < 2) continue;
    std::vector<ManifestEntry> entries;
    for (const size_t i : members) {
      LEAT_ASSIGN(std::vector<ManifestEntry> read, ReadManifest(files_, kept_[i], base_));
      for (ManifestEntry& entry : read) {
        if (entry.status != EntryStatus::kDeleted) entries.push_back(Existing(std::move(entry)));
      }
      gone[i] = true;
      ++replaced_;
    }
    LEAT_TRY(WriteEntries(key.first, std::move(entries), merged));
  }
  if (merged.empty()) return Ok();
  std::vector<ManifestFile> kept = std::move(merged);
  for (size_t i = 0; i < kept_.size(); ++i) {
    if (!gone[i]) kept.push_back(std::move(kept_[i]));
  }
  kept_ = std::move(kept);
  return Ok();
}

Result<Properties> SnapshotWriter::Summary(const std::string& operation) {
  const Snapshot* parent = base_.current_snapshot();
  Properties summary = CollectBookmarks(base_, parent);
  SummaryCounts before;
  if (parent != nullptr && !before.ReadTotals(parent->summary)) {
    // The parent's writer left totals out: count once.
    before = {};
    LEAT_ASSIGN(const std::vector<ManifestFile> manifests, ReadManifestList(files_, *parent));
    for (const ManifestFile& manifest : manifests) {
      if (!HasLiveFiles(manifest)) continue;
      LEAT_ASSIGN(const std::vector<ManifestEntry> entries, ReadManifest(files_, manifest, base_));
      for (const ManifestEntry& entry : entries) {
        if (entry.status != EntryStatus::kDeleted) before.Add(entry.file);
      }
    }
  }
  counts_.WriteTo(summary, before);
  summary["operation"] = operation;
  if (!info_.run_id.empty()) summary["leat.run-id"] = info_.run_id;
  if (!info_.step.empty()) summary["leat.step"] = info_.step;
  for (const auto& [key, value] : info_.summary) summary[key] = value;
  int64_t bookmark_bytes = 0;
  for (const auto& [key, value] : summary) {
    if (key.starts_with(kBookmarkPrefix)) bookmark_bytes += static_cast<int64_t>(key.size() + value.size());
  }
  if (bookmark_bytes > kMaxBookmarkBytes) {
    return MakeError("LAKE-119", ErrorKind::kResource,
                     "the bookmarks of this table take {} bytes, at most {} fit in a snapshot", bookmark_bytes,
                     kMaxBookmarkBytes)
        .WithHint("load fewer sources or partitions into one table");
  }
  return summary;
}

Result<TableMetadata> SnapshotWriter::Finish(const std::string& operation) {
  std::vector<ManifestFile> all;
  for (auto& [group, entries] : added_) LEAT_TRY(WriteEntries(group, std::move(entries), all));
  for (ManifestFile& manifest : listed_again_) all.push_back(std::move(manifest));
  for (auto& [group, entries] : rewritten_) LEAT_TRY(WriteEntries(group, std::move(entries), all));
  const size_t created = all.size() - listed_again_.size();
  LEAT_TRY(MergeSmall());
  LEAT_FAULT_POINT("lake.manifest.written");
  for (ManifestFile& manifest : kept_) all.push_back(std::move(manifest));

  TableMetadata metadata = base_;
  if (base_.format_version > 2) {
    // Every data manifest without row ids gets a range; its files inherit from it.
    int64_t next = base_.next_row_id.value_or(0);
    snapshot_.first_row_id = next;
    for (ManifestFile& manifest : all) {
      if (manifest.deletes || manifest.first_row_id) continue;
      manifest.first_row_id = next;
      next += manifest.added_rows + manifest.existing_rows;
    }
    snapshot_.added_rows = next - *snapshot_.first_row_id;
    metadata.next_row_id = next;
  }
  LEAT_ASSIGN(snapshot_.summary, Summary(operation));
  snapshot_.summary["manifests-created"] = std::to_string(created);
  snapshot_.summary["manifests-kept"] = std::to_string(all.size() - created);
  snapshot_.summary["manifests-replaced"] = std::to_string(replaced_);
  snapshot_.manifest_list = NewUri(fmt::format("snap-{}-1-{}.avro", snapshot_.id, uuid_));
  LEAT_ASSIGN(const std::string list, EncodeManifestList(all, snapshot_, base_.format_version));
  LEAT_TRY(Put(snapshot_.manifest_list, list));
  LEAT_FAULT_POINT("lake.manifest_list.written");

  metadata.last_sequence_number = snapshot_.sequence_number;
  metadata.last_updated_ms = snapshot_.timestamp_ms;
  metadata.current_snapshot_id = snapshot_.id;
  metadata.refs["main"].snapshot_id = snapshot_.id;
  metadata.snapshot_log.push_back({snapshot_.timestamp_ms, snapshot_.id});
  metadata.snapshots.push_back(std::move(snapshot_));
  TrimHistory(metadata);
  return metadata;
}

}  // namespace leat::lake
