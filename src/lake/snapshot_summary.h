#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "lake/manifest.h"

namespace leat::lake {

/// Counts files of one change or of one state for a snapshot's summary (specification, "Optional Snapshot Summary Fields").
class SummaryCounts {
 public:
  void Add(const DataFile& file);
  void Remove(const DataFile& file);

  /// Writes added-*, deleted-*, removed-* (those that are not 0), changed-partition-count, and total-* = `before` + added -
  /// removed.
  void WriteTo(Properties& summary, const SummaryCounts& before) const;
  /// Sets the counts to the totals of a summary; false when one is missing or no number.
  bool ReadTotals(const Properties& summary);

  bool has_added_data() const { return added_.data_files > 0; }
  bool has_added_deletes() const { return added_.delete_files > 0; }
  bool has_removed() const { return removed_.data_files > 0 || removed_.delete_files > 0; }

 private:
  struct Numbers {
    int64_t data_files = 0, delete_files = 0;
    int64_t records = 0, bytes = 0;
    int64_t position_deletes = 0, equality_deletes = 0;
    int64_t position_delete_files = 0, equality_delete_files = 0, vectors = 0;
    void Count(const DataFile& file);
  };
  Numbers added_;
  Numbers removed_;
  std::set<std::string> partitions_;
};

/// Bytes that are equal for equal partitions of one spec.
std::string PartitionKey(const DataFile& file);
std::string PartitionKey(int spec_id, const std::vector<data::Value>& partition);

inline constexpr std::string_view kBookmarkPrefix = "leat.bookmark.";
/// Newest value of every bookmark from `snapshot` back through its parents, keys with their prefix.
Properties CollectBookmarks(const TableMetadata& metadata, const Snapshot* snapshot);

}  // namespace leat::lake
