#include "run/structured_follow.h"

#include <algorithm>

#include "io/hash.h"
#include "lake/publish_cases.h"
#include "lake/scan.h"
#include "sql/session.h"

namespace leat::run {
namespace {

std::string SummaryOf(const lake::TableMetadata& metadata, const char* key) {
  const lake::Snapshot* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return "";
  const auto found = snapshot->summary.find(key);
  return found == snapshot->summary.end() ? "" : found->second;
}

}  // namespace

std::string MadeBy(const project::Asset& asset, const std::string& select) {
  return io::HashBytes(asset.fingerprint + "\n" + select);
}

Result<std::optional<NewRawRows>> FindNewRawRows(StepContext& context, sql::Connection& connection,
                                                 const Target& target, const lake::TableMetadata& raw,
                                                 const std::string& made_by,
                                                 const std::vector<const project::CheckUse*>& checks) {
  const std::optional<NewRawRows> no;
  // Files of format version 1 have no sequence numbers: new ones cannot be told from old ones.
  if (target.metadata == nullptr || raw.format_version < 2 || NeedsStage(checks)) return no;
  // The current snapshot must say it: one of others, or of an earlier build, does not.
  if (SummaryOf(*target.metadata, kMadeBy) != made_by) return no;
  const int64_t from = std::strtoll(SummaryOf(*target.metadata, kMadeFrom).c_str(), nullptr, 10);
  const lake::Snapshot* then = from == 0 ? nullptr : raw.FindSnapshot(from);
  if (then == nullptr) return no;
  const auto since = lake::SnapshotsAfter(raw, from);
  if (!since || since->empty()) return no;
  const bool only_more = std::all_of(since->begin(), since->end(), [](const lake::Snapshot* snapshot) {
    const auto operation = snapshot->summary.find("operation");
    return operation != snapshot->summary.end() && operation->second == "append";
  });
  if (!only_more) return no;

  LEAT_ASSIGN(lake::ScanPlan plan, lake::PlanScan(*context.lakehouse.files, raw, raw.current_snapshot()));
  std::erase_if(plan.files, [&](const lake::ScanFile& file) { return file.sequence_number <= then->sequence_number; });
  NewRawRows rows;
  rows.snapshots = since->size();
  rows.files = static_cast<int64_t>(plan.files.size());
  for (const lake::ScanFile& file : plan.files) rows.bytes += file.file.size_bytes;
  LEAT_ASSIGN(rows.relation, sql::ReadSql(*context.lakehouse.files, connection, raw, raw.current_schema(), plan));
  return std::optional<NewRawRows>(std::move(rows));
}

}  // namespace leat::run
