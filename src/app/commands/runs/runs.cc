#include "app/context.h"
#include "app/json_text.h"
#include "base/clock.h"

namespace leat::app {
namespace {

std::string TimeText(const state::Rows& rows, size_t row, size_t column) {
  const std::optional<int64_t> time = rows.OptInt(row, column);
  return time ? FormatTime(*time) : "";
}

std::string Short(const std::string& time) { return time.size() > 19 ? time.substr(0, 19) + "Z" : time; }

Result<int> ListRuns(Context& context, run::Lakehouse& lakehouse) {
  LEAT_ASSIGN(const int limit, context.args().Whole("limit", 20, 1));
  LEAT_ASSIGN(
      const state::Rows runs,
      lakehouse.store->Read("SELECT id, status, target, started_at, ended_at, commit_id, retry_of, error FROM run "
                            "ORDER BY started_at DESC, id DESC LIMIT ?1",
                            {static_cast<int64_t>(limit)}));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < runs.size(); ++i) {
    const std::optional<int64_t> ended = runs.OptInt(i, 4);
    const double seconds = ended ? static_cast<double>(*ended - runs.Int(i, 3)) / 1e6 : 0;
    JsonObject object;
    object.Text("run_id", runs.Text(i, 0)).Text("status", runs.Text(i, 1)).Text("target", runs.Text(i, 2));
    object.Text("started_at", TimeText(runs, i, 3)).TextOrNull("ended_at", TimeText(runs, i, 4));
    object.Raw("commit", runs.IsNull(i, 5) ? "null" : std::to_string(runs.Int(i, 5)));
    object.TextOrNull("retry_of", runs.OptText(i, 6).value_or("")).TextOrNull("error", runs.OptText(i, 7).value_or(""));
    objects.push_back(object.Done());
    rows.push_back({runs.Text(i, 0), runs.Text(i, 1), Short(TimeText(runs, i, 3)), ended ? Duration(seconds) : "",
                    runs.IsNull(i, 5) ? "" : std::to_string(runs.Int(i, 5)), runs.OptText(i, 7).value_or("")});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else if (rows.empty()) Print("No run yet: leat run\n");
  else
    Print(AlignedTable({"run", "status", "started", "took", "commit", "error"}, rows,
                       {false, false, false, true, true, false}, context.console().color));
  return 0;
}

Result<int> ShowRun(Context& context, run::Lakehouse& lakehouse, const std::string& id) {
  LEAT_ASSIGN(
      const state::Rows found,
      lakehouse.store->Read("SELECT id FROM run WHERE id = ?1 OR id LIKE ?2 ORDER BY id LIMIT 2", {id, id + "%"}));
  if (found.empty()) {
    return MakeError("APP-202", ErrorKind::kNotFound, "there is no run {}", id).WithHint("the newest ones: leat runs");
  }
  if (found.size() > 1) {
    return MakeError("APP-202", ErrorKind::kUsage, "{} begins the ids of several runs", id).WithHint("give more of it");
  }
  const std::string run_id = found.Text(0, 0);
  if (context.args().Has("log")) {
    LEAT_ASSIGN(const std::vector<std::string> entries, run::ReadRunLog(lakehouse, run_id));
    for (const std::string& entry : entries) Print(entry + "\n");
    return 0;
  }
  LEAT_ASSIGN(
      const state::Rows steps,
      lakehouse.store->Read(
          "SELECT s.asset, s.ns, s.name, s.status, s.reason, s.error_code, s.error_message, l.rows_in, "
          "l.rows_out, l.rows_rejected, l.rows_filtered, l.snapshot_after, s.started_at, s.ended_at FROM step s "
          "LEFT JOIN ledger l ON l.run_id = s.run_id AND l.step = s.asset "
          "WHERE s.run_id = ?1 ORDER BY s.started_at IS NULL, s.started_at, s.asset",
          {run_id}));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  const auto number = [&](size_t i, size_t c) {
    return steps.IsNull(i, c) ? std::string() : Thousands(steps.Int(i, c));
  };
  const auto raw = [&](size_t i, size_t c) {
    return steps.IsNull(i, c) ? std::string("null") : std::to_string(steps.Int(i, c));
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    JsonObject object;
    object.Text("asset", steps.Text(i, 0)).Text("table", steps.Text(i, 1) + "." + steps.Text(i, 2));
    object.Text("status", steps.Text(i, 3)).Text("reason", steps.Text(i, 4));
    object.TextOrNull("error_code", steps.OptText(i, 5).value_or(""))
        .TextOrNull("error_message", steps.OptText(i, 6).value_or(""));
    object.Raw("rows_in", raw(i, 7))
        .Raw("rows_out", raw(i, 8))
        .Raw("rows_rejected", raw(i, 9))
        .Raw("rows_filtered", raw(i, 10));
    object.Raw("snapshot_after", raw(i, 11));
    object.TextOrNull("started_at", TimeText(steps, i, 12)).TextOrNull("ended_at", TimeText(steps, i, 13));
    objects.push_back(object.Done());
    std::string why = steps.OptText(i, 6).value_or("");
    if (why.empty()) why = steps.Text(i, 4);
    rows.push_back(
        {steps.Text(i, 3), steps.Text(i, 1) + "." + steps.Text(i, 2), number(i, 7), number(i, 8), number(i, 9), why});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"status", "table", "rows in", "rows out", "rejected", "why"}, rows,
                       {false, false, true, true, true, false}, context.console().color));
  return 0;
}

Result<int> Runs(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  const std::string id = context.args().At(0);
  return id.empty() ? ListRuns(context, *lakehouse) : ShowRun(context, *lakehouse, id);
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_runs() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "runs";
  spec.summary = "Runs, newest first; or the steps of one";
  spec.options = {{"limit", "N", "at most so many, default 20", 'n', {}, false, ""},
                  {"log", "", "of one run: its structured log, a JSON object a stage", 0, {}, false, ""},
                  OutputOption()};
  spec.arguments = {{"RUN", "id of a run, or how it begins", false, false}};
  spec.examples = {"leat runs", "leat runs 0192e4a1", "leat runs 0192e4a1 --log"};
  spec.run = Runs;
  return spec;
}
