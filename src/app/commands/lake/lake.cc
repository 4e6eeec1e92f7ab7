#include "app/commands/lake/lake.h"

#include "app/json_text.h"
#include "base/clock.h"

namespace leat::app {
namespace {

Result<int> History(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const int limit, context.args().Whole("limit", 20, 1));
  const std::string only = context.args().At(0);
  // A table's own history may lie far apart in the log.
  LEAT_ASSIGN(const std::vector<lake::CommitLogEntry> log,
              lakehouse->catalog->Log(context.args().Get("ref", "main"), only.empty() ? limit : 1'000'000));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const lake::CommitLogEntry& entry : log) {
    std::vector<std::string> tables;
    for (const lake::PointerChange& change : entry.changes) {
      if (change.kind == lake::ObjectKind::kNamespace) continue;
      tables.push_back((change.location ? "" : "-") + change.name.ToString());
    }
    if (!only.empty() && std::find(tables.begin(), tables.end(), only) == tables.end()) continue;
    if (static_cast<int>(rows.size()) >= limit) break;
    JsonObject object;
    object.Number("commit", entry.id)
        .Text("time", FormatTime(entry.time))
        .Text("kind", entry.info.kind)
        .Text("author", entry.info.author);
    object.TextOrNull("run_id", entry.info.run_id)
        .Text("message", entry.info.message)
        .Texts("tables", tables)
        .Number("parent", entry.parent);
    objects.push_back(object.Done());
    std::string shown = fmt::format(
        "{}", fmt::join(tables.begin(),
                        tables.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(3, tables.size())), ", "));
    if (tables.size() > 3) shown += fmt::format(" and {} more", tables.size() - 3);
    rows.push_back({std::to_string(entry.id), FormatTime(entry.time).substr(0, 19) + "Z", entry.info.kind,
                    entry.info.run_id, shown, entry.info.message});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"commit", "time", "kind", "run", "tables", "message"}, rows, {true}, context.console().color));
  return 0;
}

Result<int> Tables(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::View view,
              context.ResolveRef(*lakehouse->catalog, context.args().Get("ref", "main"), context.args().Get("as-of")));
  LEAT_ASSIGN(const std::vector<lake::Entry> tables, lakehouse->catalog->ListTables(view, context.args().At(0)));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const lake::Entry& table : tables) {
    const bool is_view = table.kind == lake::ObjectKind::kView;
    std::string records, bytes, format_version = "null";
    if (!is_view) {
      LEAT_ASSIGN(const lake::MetadataPtr metadata, lakehouse->catalog->LoadMetadata(table.location));
      format_version = std::to_string(metadata->format_version);
      if (const lake::Snapshot* snapshot = metadata->current_snapshot(); snapshot != nullptr) {
        const auto number = [&](const char* key) {
          const auto found = snapshot->summary.find(key);
          return found == snapshot->summary.end() ? 0 : std::atoll(found->second.c_str());
        };
        records = std::to_string(number("total-records") - number("total-position-deletes"));
        bytes = std::to_string(number("total-files-size"));
      }
    }
    JsonObject object;
    object.Text("table", table.name.ToString())
        .Text("kind", is_view ? "view" : "table")
        .Raw("format_version", format_version)
        .Raw("records", records.empty() ? "null" : records);
    object.Raw("bytes", bytes.empty() ? "null" : bytes).Number("commit", table.commit).Text("location", table.location);
    objects.push_back(object.Done());
    rows.push_back({table.name.ToString(), is_view ? "view" : "table",
                    records.empty() ? "" : Thousands(std::atoll(records.c_str())),
                    bytes.empty() ? "" : Size(std::atoll(bytes.c_str())), std::to_string(table.commit)});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"table", "kind", "records", "size", "commit"}, rows, {false, false, true, true, true},
                       context.console().color));
  return 0;
}

Result<int> Snapshots(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::View view, context.ResolveRef(*lakehouse->catalog, context.args().Get("ref", "main"), ""));
  LEAT_ASSIGN(const lake::Entry entry, FindTable(*lakehouse->catalog, view, lakehouse->settings, context.args().At(0)));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  if (entry.kind == lake::ObjectKind::kTable) {
    LEAT_ASSIGN(const lake::MetadataPtr metadata, lakehouse->catalog->LoadMetadata(entry.location));
    for (const lake::Snapshot& snapshot : metadata->snapshots) {
      const auto summary = [&](const char* key) {
        const auto found = snapshot.summary.find(key);
        return found == snapshot.summary.end() ? std::string() : found->second;
      };
      JsonObject all;
      for (const auto& [key, value] : snapshot.summary) all.Text(key, value);
      JsonObject object;
      object.Number("snapshot_id", snapshot.id)
          .Raw("parent_id", snapshot.parent_id ? std::to_string(*snapshot.parent_id) : "null");
      object.Number("sequence_number", snapshot.sequence_number)
          .Text("time", FormatTime(snapshot.timestamp_ms * 1000))
          .Raw("summary", all.Done());
      object.Boolean("current", metadata->current_snapshot_id == snapshot.id);
      objects.push_back(object.Done());
      rows.push_back({std::to_string(snapshot.id), FormatTime(snapshot.timestamp_ms * 1000), summary("operation"),
                      summary("total-records"), summary("added-records"), summary("leat.run-id"),
                      metadata->current_snapshot_id == snapshot.id ? "current" : ""});
    }
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"snapshot", "time", "operation", "records", "added", "run", ""}, rows,
                       {true, false, false, true, true, false, false}, context.console().color));
  return 0;
}

Result<int> Rollback(Context& context) {
  const std::string run_id = context.args().Get("run");
  if (run_id.empty()) {
    return MakeError("APP-104", ErrorKind::kUsage, "leat lake rollback needs --run")
        .WithHint("which runs there are: leat runs");
  }
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::CommitId commit, run::RollbackRun(*lakehouse, run_id, context.args().Get("target", "main")));
  if (context.json()) Print(fmt::format("{{\"commit\": {}, \"run_id\": {}}}\n", commit, JsonString(run_id)));
  else Print(fmt::format("Took run {} back, as commit {}. Its input files are pending again.\n", run_id, commit));
  return 0;
}

CommandSpec Command(std::string name, std::string summary, Result<int> (*run)(Context&)) {
  CommandSpec spec;
  spec.name = std::move(name);
  spec.summary = std::move(summary);
  spec.run = run;
  return spec;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_lake() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  const Option ref = {"ref", "REF", "main (default), env/<name>, run/<id>, tag/<name>", 'r', {}, false, ""};
  CommandSpec history = Command("history", "Commits of a ref, newest first; or those of one table", History);
  history.options = {ref, {"limit", "N", "at most so many, default 20", 'n', {}, false, ""}, OutputOption()};
  history.arguments = {{"TABLE", "namespace.name", false, false}};
  CommandSpec tables = Command("tables", "Tables and views with rows and sizes", Tables);
  tables.options = {
      ref, {"as-of", "WHEN", "a commit number, tag/<name> or RFC 3339 time", 0, {}, false, ""}, OutputOption()};
  tables.arguments = {{"NAMESPACE", "only this one", false, false}};
  CommandSpec snapshots = Command("snapshots", "Snapshots of a table, oldest first", Snapshots);
  snapshots.options = {ref, OutputOption()};
  snapshots.arguments = {{"TABLE", "name, or namespace.name", true, false}};
  CommandSpec rollback = Command("rollback", "Take a published run back, for all its tables at once", Rollback);
  rollback.options = {{"run", "RUN", "id of the run", 0, {}, false, ""},
                      {"target", "REF", "where it was published, default main", 0, {}, false, ""},
                      OutputOption()};

  CommandSpec spec;
  spec.name = "lake";
  spec.summary = "The tables' catalogue: history, branches, tags, rollback";
  spec.commands = {history, tables, snapshots, rollback};
  for (CommandSpec& command : LakeRefCommands()) spec.commands.push_back(std::move(command));
  spec.commands.push_back(LakeContentHashCommand());
  spec.commands.push_back(LakeAlterCommand());
  spec.examples = {"leat lake history", "leat lake tag month-end", "leat lake rollback --run 0192e4a1-…"};
  return spec;
}
