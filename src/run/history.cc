#include "run/history.h"

#include <fmt/format.h>

namespace leat::run {

Result<std::optional<PastStep>> LastPublishedStep(state::Store& store, const std::string& asset,
                                                  const std::vector<std::string>& refs,
                                                  std::optional<int64_t> snapshot) {
  state::Params params = {asset};
  std::string list;
  for (const std::string& ref : refs) {
    params.emplace_back(ref);
    list += fmt::format("{}?{}", list.empty() ? "" : ", ", params.size());
  }
  std::string sql =
      "SELECT s.run_id, s.fingerprint, l.snapshot_after, l.watermark_after FROM step s JOIN run r ON r.id = s.run_id "
      "LEFT JOIN ledger l ON l.run_id = s.run_id AND l.step = s.asset WHERE s.asset = ?1 AND s.published = 1 AND s.action <> 'check' AND r.target IN (" +
      list + ")";
  if (snapshot) {
    params.emplace_back(*snapshot);
    sql += fmt::format(" AND l.snapshot_after = ?{}", params.size());
  }
  sql += " ORDER BY s.started_at DESC, s.run_id DESC LIMIT 1";
  LEAT_ASSIGN(const state::Rows rows, store.Read(sql, params));
  if (rows.empty()) return std::optional<PastStep>();
  return std::optional<PastStep>(
      PastStep{rows.Text(0, 0), rows.Text(0, 1), rows.OptInt(0, 2).value_or(0), rows.OptText(0, 3).value_or("")});
}

Result<std::optional<PastRun>> RunToAdoptFrom(Lakehouse& lakehouse, const std::string& run_id,
                                              const std::string& target) {
  state::Params params = {target};
  std::string sql = "SELECT id, branch, target, status FROM run WHERE target = ?1 AND branch <> ''";
  if (run_id.empty()) {
    sql += " AND status IN ('failed', 'partial', 'failed (lost)')";
  } else {
    sql += " AND id = ?2";
    params.emplace_back(run_id);
  }
  LEAT_ASSIGN(const state::Rows rows,
              lakehouse.store->Read(sql + " ORDER BY started_at DESC, id DESC LIMIT 1", params));
  if (rows.empty()) {
    if (run_id.empty()) return std::optional<PastRun>();
    return MakeError("RUN-301", ErrorKind::kNotFound, "there is no run '{}' on {} to retry", run_id, target)
        .WithHint("`leat runs` lists the runs");
  }
  LEAT_ASSIGN(const std::optional<lake::Ref> ref, lakehouse.catalog->FindRef(rows.Text(0, 1)));
  if (!ref || rows.Text(0, 3) == "running") return std::optional<PastRun>();
  return std::optional<PastRun>(PastRun{rows.Text(0, 0), rows.Text(0, 1), rows.Text(0, 2)});
}

Result<std::optional<UnpublishedStep>> FindUnpublishedStep(state::Store& store, const std::string& run_id,
                                                           const std::string& asset) {
  LEAT_ASSIGN(
      const state::Rows rows,
      store.Read("SELECT s.fingerprint, o.outcome FROM step s JOIN step_outcome o ON o.run_id = s.run_id AND "
                 "o.asset = s.asset WHERE s.run_id = ?1 AND s.asset = ?2 AND s.status IN ('success', 'adopted') AND "
                 "s.published = 0",
                 {run_id, asset}));
  if (rows.empty()) return std::optional<UnpublishedStep>();
  return std::optional<UnpublishedStep>(UnpublishedStep{rows.Text(0, 0), rows.Text(0, 1)});
}

}  // namespace leat::run
