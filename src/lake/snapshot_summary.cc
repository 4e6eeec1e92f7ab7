#include "lake/snapshot_summary.h"

#include <charconv>
#include <cstring>

#include "lake/deletion_vector.h"

namespace leat::lake {
namespace {

void AppendRaw(std::string& key, const void* data, size_t size) { key.append(static_cast<const char*>(data), size); }

}  // namespace

void SummaryCounts::Numbers::Count(const DataFile& file) {
  bytes += file.content_size_bytes.value_or(file.size_bytes);
  switch (file.content) {
    case FileContent::kData:
      ++data_files;
      records += file.record_count;
      break;
    case FileContent::kPositionDeletes:
      ++delete_files;
      position_deletes += file.record_count;
      ++(IsDeletionVector(file) ? vectors : position_delete_files);
      break;
    case FileContent::kEqualityDeletes:
      ++delete_files;
      equality_deletes += file.record_count;
      ++equality_delete_files;
      break;
  }
}

void SummaryCounts::Add(const DataFile& file) {
  added_.Count(file);
  partitions_.insert(PartitionKey(file));
}

void SummaryCounts::Remove(const DataFile& file) {
  removed_.Count(file);
  partitions_.insert(PartitionKey(file));
}

void SummaryCounts::WriteTo(Properties& summary, const SummaryCounts& before) const {
  const auto put = [&summary](const char* name, int64_t value) {
    if (value > 0) summary[name] = std::to_string(value);
  };
  put("added-data-files", added_.data_files);
  put("deleted-data-files", removed_.data_files);
  put("added-records", added_.records);
  put("deleted-records", removed_.records);
  put("added-files-size", added_.bytes);
  put("removed-files-size", removed_.bytes);
  put("added-delete-files", added_.delete_files);
  put("removed-delete-files", removed_.delete_files);
  put("added-position-delete-files", added_.position_delete_files);
  put("removed-position-delete-files", removed_.position_delete_files);
  put("added-equality-delete-files", added_.equality_delete_files);
  put("removed-equality-delete-files", removed_.equality_delete_files);
  put("added-dvs", added_.vectors);
  put("removed-dvs", removed_.vectors);
  put("added-position-deletes", added_.position_deletes);
  put("removed-position-deletes", removed_.position_deletes);
  put("added-equality-deletes", added_.equality_deletes);
  put("removed-equality-deletes", removed_.equality_deletes);
  put("changed-partition-count", static_cast<int64_t>(partitions_.size()));
  const auto total = [&](const char* name, int64_t Numbers::*member) {
    summary[name] = std::to_string(before.added_.*member - before.removed_.*member + added_.*member - removed_.*member);
  };
  total("total-data-files", &Numbers::data_files);
  total("total-delete-files", &Numbers::delete_files);
  total("total-records", &Numbers::records);
  total("total-files-size", &Numbers::bytes);
  total("total-position-deletes", &Numbers::position_deletes);
  total("total-equality-deletes", &Numbers::equality_deletes);
}

bool SummaryCounts::ReadTotals(const Properties& summary) {
  *this = {};
  const auto read = [&summary](const char* name, int64_t& into) {
    const auto it = summary.find(name);
    if (it == summary.end()) return false;
    const char* end = it->second.data() + it->second.size();
    return std::from_chars(it->second.data(), end, into).ptr == end && into >= 0;
  };
  return read("total-data-files", added_.data_files) && read("total-delete-files", added_.delete_files) &&
         read("total-records", added_.records) && read("total-files-size", added_.bytes) &&
         read("total-position-deletes", added_.position_deletes) &&
         read("total-equality-deletes", added_.equality_deletes);
}

std::string PartitionKey(int spec_id, const std::vector<data::Value>& partition) {
  std::string key;
  AppendRaw(key, &spec_id, sizeof(spec_id));
  for (const data::Value& value : partition) {
    std::visit(
        [&key](const auto& v) {
          using T = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<T, std::monostate>) {
            key += 'n';
          } else if constexpr (std::is_same_v<T, std::string>) {
            const size_t size = v.size();
            key += 's';
            AppendRaw(key, &size, sizeof(size));
            key += v;
          } else if constexpr (std::is_same_v<T, data::Int128>) {
            key += 'd';
            AppendRaw(key, &v.high, sizeof(v.high));
            AppendRaw(key, &v.low, sizeof(v.low));
          } else if constexpr (std::is_floating_point_v<T>) {
            // A float and the double that it was widened to are one partition.
            const auto wide = static_cast<double>(v);
            key += 'f';
            AppendRaw(key, &wide, sizeof(wide));
          } else {
            const auto wide = static_cast<int64_t>(v);
            key += 'i';
            AppendRaw(key, &wide, sizeof(wide));
          }
        },
        value);
  }
  return key;
}

std::string PartitionKey(const DataFile& file) { return PartitionKey(file.spec_id, file.partition); }

Properties CollectBookmarks(const TableMetadata& metadata, const Snapshot* snapshot) {
  Properties bookmarks;
  while (snapshot != nullptr) {
    for (auto it = snapshot->summary.lower_bound(std::string(kBookmarkPrefix));
         it != snapshot->summary.end() && it->first.starts_with(kBookmarkPrefix); ++it) {
      bookmarks.emplace(it->first, it->second);  // the newest one stays
    }
    snapshot = snapshot->parent_id ? metadata.FindSnapshot(*snapshot->parent_id) : nullptr;
  }
  return bookmarks;
}

}  // namespace leat::lake
