#include "run/rejected_retention.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "lake/scan.h"
#include "lake/table_change.h"

namespace leat::run {
namespace {

constexpr std::string_view kEnding = "__rejected";

/// "<table>/data/<run id>/<step>/<file>" -> "<run id>"; "" for a file that was not written by CommitRejected.
std::string RunOfFile(const std::string& path, const std::string& location) {
  const std::string folder = io::LocalPath(io::JoinUri(location, "data/"));
  const std::string local = io::LocalPath(path);
  if (!local.starts_with(folder)) return "";
  return local.substr(folder.size(), local.find('/', folder.size()) - folder.size());
}

class Retention {
 public:
  Retention(Lakehouse& lakehouse, TimeMicros before) : lakehouse_(lakehouse), before_(before) {}

  Result<int64_t> Drop(const lake::Entry& entry) {
    lake::Catalog& catalog = *lakehouse_.catalog;
    LEAT_ASSIGN(const lake::MetadataPtr now, catalog.LoadMetadata(entry.location));
    LEAT_ASSIGN(const lake::ScanPlan plan, lake::PlanScan(*lakehouse_.files, *now, now->current_snapshot()));
    lake::RowDelta change;
    int64_t rows = 0;
    for (const lake::ScanFile& each : plan.files) {
      LEAT_ASSIGN(const bool old, IsOld(RunOfFile(each.file.path, now->location)));
      if (!old) continue;
      change.removed_files.insert(each.file.path);
      rows += each.file.record_count;
    }
    if (change.removed_files.empty()) return int64_t{0};
    std::vector<std::string> written;
    LEAT_ASSIGN(lake::TableMetadata after, lake::ApplyChange(*lakehouse_.files, *now, change,
                                                             {"", "retention", {}, SystemClock().Now()}, written));
    LEAT_ASSIGN(const std::string location, catalog.WriteMetadata(after, entry.location, written));
    lake::CommitRequest request;
    request.ref = "main";
    request.info = {"leat", "", fmt::format("{} rejected rows of {} past their retention", rows, entry.name.ToString()),
                    "commit"};
    request.allow_reserved = true;
    request.changes.push_back({lake::ObjectKind::kTable, entry.name, after.uuid, entry.location, location});
    const auto commit = catalog.Commit(request);
    if (commit.ok()) return rows;
    if (commit.error().retry() != Retry::kUnknownOutcome) {
      for (const std::string& file : written) (void)lakehouse_.files->Remove(file).ok();
    }
    // Another run adds rows just now: the next run drops the old ones.
    if (commit.error().kind() == ErrorKind::kConflict) return int64_t{0};
    return commit.error();
  }

 private:
  Result<bool> IsOld(const std::string& run_id) {
    if (run_id.empty()) return false;
    const auto known = old_.find(run_id);
    if (known != old_.end()) return known->second;
    LEAT_ASSIGN(const state::Rows rows,
                lakehouse_.store->Read("SELECT started_at FROM run WHERE id = ?1", {state::Value(run_id)}));
    return old_[run_id] = !rows.empty() && rows.Int(0, 0) < before_;
  }

  Lakehouse& lakehouse_;
  const TimeMicros before_;
  std::map<std::string, bool> old_;
};

}  // namespace

Result<int64_t> DropOldRejected(Lakehouse& lakehouse, std::chrono::microseconds retention) {
  LEAT_ASSIGN(const lake::View main, lakehouse.catalog->Resolve("main"));
  LEAT_ASSIGN(const std::vector<lake::Entry> tables, lakehouse.catalog->ListTables(main, ""));
  Retention rule(lakehouse, SystemClock().Now() - retention.count());
  int64_t rows = 0;
  for (const lake::Entry& table : tables) {
    if (!table.name.name.ends_with(kEnding) || table.kind != lake::ObjectKind::kTable) continue;
    LEAT_ASSIGN(const int64_t dropped, rule.Drop(table));
    rows += dropped;
  }
  return rows;
}

}  // namespace leat::run
