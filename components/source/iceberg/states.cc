#include "components/source/iceberg/states.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/clock.h"

namespace leat::components::iceberg {
namespace {

constexpr TimeMicros kMillisecond = 1'000;

Error NoState(const lake::TableMetadata& metadata, const std::string& as_of, const std::string& what) {
  std::string kept = metadata.snapshots.empty() ? "the table has no state yet" : "";
  if (!metadata.snapshots.empty()) {
    kept = fmt::format("kept are {} states from {} to {}", metadata.snapshots.size(),
                       FormatTime(metadata.snapshots.front().timestamp_ms * kMillisecond),
                       FormatTime(metadata.snapshots.back().timestamp_ms * kMillisecond));
  }
  std::string refs;
  for (const auto& [name, ref] : metadata.refs) refs += (refs.empty() ? ", refs: " : ", ") + name;
  return MakeError("SRC-416", ErrorKind::kData, "{}: `as_of: {}` names no state of the table", what, as_of)
      .WithHint(kept + refs + "; give a snapshot id, a branch, a tag or a time");
}

std::optional<int64_t> WholeNumber(const std::string& text) {
  int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The state that was current at a time, by the table's own log.
const lake::Snapshot* AtTime(const lake::TableMetadata& metadata, TimeMicros time) {
  const lake::Snapshot* found = nullptr;
  for (const lake::SnapshotLogEntry& entry : metadata.snapshot_log) {
    if (entry.timestamp_ms * kMillisecond <= time) found = metadata.FindSnapshot(entry.snapshot_id);
  }
  return found;
}

const std::string& OperationOf(const lake::Snapshot& snapshot) {
  static const std::string kUnknown = "unknown change";
  const auto operation = snapshot.summary.find("operation");
  return operation == snapshot.summary.end() ? kUnknown : operation->second;
}

}  // namespace

Result<ChosenState> ChooseState(const lake::TableMetadata& metadata, const std::string& as_of,
                                const std::string& what) {
  ChosenState chosen{metadata.current_snapshot(), &metadata.current_schema()};
  if (as_of.empty()) return chosen;
  const auto ref = metadata.refs.find(as_of);
  bool branch = false;
  if (ref != metadata.refs.end()) {
    chosen.snapshot = metadata.FindSnapshot(ref->second.snapshot_id);
    branch = ref->second.type == "branch";
  } else if (const auto id = WholeNumber(as_of)) {
    chosen.snapshot = metadata.FindSnapshot(*id);
  } else if (const auto time = ParseTime(as_of); time.ok()) {
    chosen.snapshot = AtTime(metadata, *time);
  } else {
    chosen.snapshot = nullptr;
  }
  if (chosen.snapshot == nullptr) return NoState(metadata, as_of, what);
  // A branch goes on, with the columns of today; other states have those of their time.
  if (branch || !chosen.snapshot->schema_id) return chosen;
  const data::Schema* schema = metadata.FindSchema(*chosen.snapshot->schema_id);
  if (schema != nullptr) chosen.schema = schema;
  return chosen;
}

Between LookBetween(const lake::TableMetadata& metadata, int64_t older, const lake::Snapshot& newer) {
  Between between;
  if (metadata.FindSnapshot(older) == nullptr) {
    between.why = fmt::format("snapshot {}, which was read last, is no longer kept", older);
    return between;
  }
  const lake::Snapshot* at = &newer;
  std::set<int64_t> seen;
  while (at != nullptr && at->id != older && seen.insert(at->id).second) {
    const std::string& operation = OperationOf(*at);
    if (operation != "append" && operation != "replace")
      between.why = fmt::format("snapshot {} is no append ({})", at->id, operation);
    at = at->parent_id ? metadata.FindSnapshot(*at->parent_id) : nullptr;
  }
  between.connected = at != nullptr && at->id == older;
  if (!between.connected) {
    between.why = fmt::format(
        "snapshot {}, which was read last, is no ancestor of {}: the table was rolled back, or states between them are no "
        "longer kept",
        older, newer.id);
  }
  return between;
}

Result<lake::ScanPlan> PlanNewFiles(io::FileSystem& files, const lake::TableMetadata& metadata,
                                    const lake::Snapshot& older, const lake::Snapshot& newer) {
  LEAT_ASSIGN(const lake::ScanPlan before, lake::PlanScan(files, metadata, &older));
  LEAT_ASSIGN(lake::ScanPlan plan, lake::PlanScan(files, metadata, &newer));
  std::set<std::string> known;
  for (const lake::ScanFile& file : before.files) known.insert(file.file.path);
  std::erase_if(plan.files, [&](const lake::ScanFile& file) { return known.contains(file.file.path); });
  return plan;
}

}  // namespace leat::components::iceberg
