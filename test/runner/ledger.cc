#include "ledger.h"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace leat::e2e {
namespace {

using Json = nlohmann::json;

/// Numbers arrive as JSON numbers, or as text when they are beyond 53 bits.
int64_t Number(const Json& row, const char* name) {
  const auto found = row.find(name);
  if (found == row.end() || found->is_null()) return 0;
  if (found->is_string()) return std::atoll(found->get<std::string>().c_str());
  return found->get<int64_t>();
}

/// Rows that a reader sees: Iceberg's total-records counts deleted rows too.
int64_t LiveRecords(const Json& snapshot) {
  const Json& summary = snapshot.at("summary");
  return Number(summary, "total-records") - Number(summary, "total-position-deletes");
}

/// What the steps of one run did to one table: it gets one snapshot for all of them.
struct Delta {
  int64_t inserted = 0;
  int64_t deleted = 0;
};
using TableOfRun = std::tuple<std::string, std::string, int64_t>;  // run, table, snapshot after

Status CheckDelta(const RunLeat& leat, const std::string& table, int64_t after_id, const Delta& delta) {
  LEAT_ASSIGN(const std::string text, leat({"lake", "snapshots", table, "--output", "json"}));
  const Json snapshots = Json::parse(text, nullptr, false);
  for (const Json& snapshot : snapshots) {
    if (Number(snapshot, "snapshot_id") != after_id) continue;
    int64_t before = 0;
    for (const Json& parent : snapshots) {
      if (Number(parent, "snapshot_id") == Number(snapshot, "parent_id")) before = LiveRecords(parent);
    }
    const int64_t expected = before + delta.inserted - delta.deleted;
    if (LiveRecords(snapshot) == expected) return Ok();
    return MakeError("E2E-401", ErrorKind::kData, "{}: {} live records after, {} before + {} inserted - {} deleted",
                     table, LiveRecords(snapshot), before, delta.inserted, delta.deleted);
  }
  return Ok();  // expired since
}

}  // namespace

Result<int64_t> CheckLedger(const RunLeat& leat) {
  LEAT_ASSIGN(const std::string text, leat({"sql", "--output", "json", "-c",
                                            "select l.*, s.ns || '.' || s.name as table_name from leat.ledger l "
                                            "left join leat.steps s on s.run_id = l.run_id and s.asset = l.asset"}));
  const Json rows = Json::parse(text, nullptr, false);
  if (!rows.is_array()) return MakeError("E2E-401", ErrorKind::kData, "leat.ledger is not JSON rows:\n{}", text);
  std::string wrong;
  std::map<TableOfRun, Delta> deltas;
  for (const Json& row : rows) {
    const int64_t in = Number(row, "rows_in");
    const int64_t out = Number(row, "rows_out"), rejected = Number(row, "rows_rejected");
    const int64_t filtered = Number(row, "rows_filtered");
    if (in != out + rejected + filtered) {
      wrong += fmt::format("{} {} ({}): {} in, {} out + {} rejected + {} filtered\n", row.value("run_id", ""),
                           row.value("asset", ""), row.value("kind", ""), in, out, rejected, filtered);
    }
    const bool delta = Number(row, "rows_inserted") + Number(row, "rows_updated") + Number(row, "rows_deleted") != 0;
    if (delta && Number(row, "snapshot_after") != 0 && row.contains("table_name") && row["table_name"].is_string()) {
      Delta& sum =
          deltas[{row.value("run_id", ""), row["table_name"].get<std::string>(), Number(row, "snapshot_after")}];
      sum.inserted += Number(row, "rows_inserted");
      sum.deleted += Number(row, "rows_deleted");
    }
  }
  for (const auto& [key, sum] : deltas) {
    const Status status = CheckDelta(leat, std::get<1>(key), std::get<2>(key), sum);
    if (!status.ok()) wrong += status.error().message() + "\n";
  }
  if (!wrong.empty()) return MakeError("E2E-401", ErrorKind::kData, "the ledger does not balance:\n{}", wrong);
  return static_cast<int64_t>(rows.size());
}

}  // namespace leat::e2e
