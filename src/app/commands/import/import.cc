#include <filesystem>
#include <fstream>

#include "app/context.h"
#include "app/drafted_files.h"
#include "app/json_text.h"
#include "app/write_source.h"
#include "base/plain_name.h"
#include "component/budget_fields.h"
#include "config/env.h"
#include "imports/import.h"
#include "run/discovery.h"

namespace leat::app {
namespace {

using imports::Imported;
using imports::Note;
using imports::Verdict;

/// The tables that a pattern means; the connection may be one that is only being imported.
Result<std::vector<std::string>> TablesOf(Context& context, const imports::ConnectionDraft& draft,
                                          const std::string& pattern) {
  LEAT_ASSIGN(project::Project project, context.ReadProject());
  if (!project.connections.contains(draft.name)) {
    LEAT_ASSIGN(const std::string root, context.Root());
    LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
    LEAT_ASSIGN(const config::Node file,
                config::ParseYaml("connections:\n" + DraftConnectionYaml(draft), "connections.yml"));
    project::Connection connection;
    connection.name = draft.name;
    connection.source = component::FindSpec("source", draft.type);
    config::Findings findings;
    connection.values =
        config::Validate(*file.Find("connections")->Find(draft.name), component::ConnectionFields(*connection.source),
                         "connection '" + draft.name + "'", env, findings);
    if (!findings.ok()) return findings.ToError();
    project.connections[draft.name] = std::move(connection);
  }
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  LEAT_ASSIGN(const auto tables, run::Discover(*lakehouse, project, draft.name, {pattern}, &context.Cancel()));
  std::vector<std::string> entries;
  for (const run::DiscoveredTable& one : tables) {
    if (one.table.not_readable.empty()) entries.push_back(one.table.entry);
  }
  return entries;
}

std::string ReportText(const Console& console, const std::vector<Note>& notes, bool all) {
  std::string text;
  for (const Note& note : notes) {
    if (note.verdict == Verdict::kTaken && !all) continue;
    const bool lost = note.verdict == Verdict::kImpossible;
    text += Styled(lost                              ? "not possible"
                   : note.verdict == Verdict::kTaken ? "taken"
                                                     : "changed",
                   lost ? Style::kWarn : Style::kBold, console.color);
    text += fmt::format("  {}  {}\n    {}\n", note.key, note.where.ToString(), note.text);
  }
  return text;
}

std::string ReportJson(const std::vector<Note>& notes) {
  std::vector<std::string> objects;
  for (const Note& note : notes) {
    JsonObject object;
    object.Text("key", note.key).Text("verdict", imports::VerdictWord(note.verdict)).Text("text", note.text);
    object.Text("file", note.where.file).Number("line", note.where.line).Number("column", note.where.column);
    objects.push_back(object.Done());
  }
  return JsonArray(objects);
}

void PrintText(Context& context, const Imported& imported, const DraftedFiles& files, bool dry) {
  const imports::Report& report = imported.report;
  if (dry) {
    if (!imported.connections.empty()) Print("# connections.yml gets\n" + NewConnections(imported) + "\n");
    for (const auto& [path, text] : files.sources) Print(fmt::format("# {}\n{}\n", path, text));
  } else {
    if (!imported.connections.empty())
      Print(fmt::format("connections.yml: {}\n",
                        imported.connections.size() == 1
                            ? "1 connection more"
                            : std::to_string(imported.connections.size()) + " connections more"));
    for (const imports::SourceDraft& source : imported.sources)
      Print(fmt::format("{}: {}\n", SourcePath(source.name),
                        source.tables.size() == 1 ? "1 table" : std::to_string(source.tables.size()) + " tables"));
  }
  Print(fmt::format("{} keys: {} taken, {} mean something else here, {} not possible\n", report.notes().size(),
                    report.Count(Verdict::kTaken), report.Count(Verdict::kChanged),
                    report.Count(Verdict::kImpossible)));
  Print(ReportText(context.console(), report.notes(), context.args().Has("all")));
  for (const std::string& name : imported.secrets.names()) Print("next: leat secret set " + name + "\n");
  if (!dry) Print("next: leat check, then leat run\n");
}

Result<int> RunImport(Context& context) {
  LEAT_ASSIGN(const std::string root, context.Root());
  imports::ImportRequest request;
  request.from = context.args().Get("from");
  request.files = context.args().positional;
  request.connections_file = context.args().Get("connections");
  request.context.source_name = context.args().Get("name");
  request.context.connection = context.args().Get("connection");
  if (!request.context.source_name.empty()) LEAT_TRY(CheckSourceName(request.context.source_name));
  request.context.known_connections = KnownConnections(root);
  LEAT_ASSIGN(request.context.env, config::ProjectEnv(root));
  request.context.expand = [&](const imports::ConnectionDraft& draft, const std::string& pattern) {
    return TablesOf(context, draft, pattern);
  };
  if (!request.context.connection.empty() && !request.context.known_connections.contains(request.context.connection)) {
    return MakeError("PROJ-206", ErrorKind::kNotFound, "there is no connection '{}'", request.context.connection)
        .WithHint("--connection names one of connections.yml");
  }
  LEAT_ASSIGN(Imported imported, imports::Import(request));
  const bool dry = context.args().Has("dry-run");
  std::string origin;
  for (const std::string& file : request.files)
    origin += (origin.empty() ? "" : ", ") + std::filesystem::path(file).filename().string();
  const std::string header =
      "From `leat import`, made of " + origin + ". Its report says what of it means something else here.";
  LEAT_ASSIGN(const DraftedFiles files,
              FilesOf(imported, root, request.context.known_connections, request.context.env, header, dry));
  if (!dry) LEAT_TRY(WriteDrafts(root, files));
  if (!context.json()) {
    PrintText(context, imported, files, dry);
    return 0;
  }
  std::vector<std::string> sources;
  for (size_t i = 0; i < files.sources.size(); ++i) {
    std::vector<std::string> tables;
    for (const imports::TableDraft& table : imported.sources[i].tables)
      tables.push_back(table.members.Find("name")->scalar);
    JsonObject object;
    object.Text("file", files.sources[i].first)
        .Text("connection", imported.sources[i].connection)
        .Texts("tables", tables);
    object.Texts("left_out", imported.sources[i].notes).Text("text", files.sources[i].second);
    sources.push_back(object.Done());
  }
  const imports::Report& report = imported.report;
  JsonObject object;
  object.Text("from", imported.format).Boolean("written", !dry).Raw("sources", JsonArray(sources, false));
  object.TextOrNull("connections", NewConnections(imported)).Texts("secrets", imported.secrets.names());
  object.Number("taken", static_cast<int64_t>(report.Count(Verdict::kTaken)))
      .Number("changed", static_cast<int64_t>(report.Count(Verdict::kChanged)));
  object.Number("not_possible", static_cast<int64_t>(report.Count(Verdict::kImpossible)))
      .Raw("report", ReportJson(report.notes()));
  Print(object.Done() + "\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_import() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "import";
  spec.summary =
      "Write sources from the files of Sling, dlt (rest_api) or ingestr and Bruin, with a report of every key";
  spec.description =
      "Reads a replication of Sling, a rest_api configuration of dlt (YAML, JSON, or the literal dict of a Python file, which is not run), or\n"
      "assets of ingestr and Bruin, and writes sources/<name>.yml and what connections.yml lacks. Each key of the input is accounted for with its\n"
      "place: taken, changed in its meaning, or not possible, then with what to write by hand. Secrets are never written: ${secret:NAME} stands\n"
      "for them. An existing source file is never changed.";
  spec.arguments = {{"FILE", "file of another tool; of ingestr and Bruin several", true, true}};
  spec.options = {
      {"from", "TOOL", "what the files are of; default: by their keys", 0, {"sling", "dlt", "ingestr"}, false, ""},
      {"name", "NAME", "name of the source; default: the connection's, or the file's", 0, {}, false, ""},
      {"connection",
       "NAME",
       "a connection of connections.yml, in place of the one that the files name",
       0,
       {},
       false,
       ""},
      {"connections",
       "FILE",
       "the other tool's connections; default: env.yaml beside a replication, .bruin.yml above assets",
       0,
       {},
       false,
       "file"},
      {"all", "", "show the keys that were taken, too", 0, {}, false, ""},
      {"dry-run", "", "print the files and the report, write nothing", 0, {}, false, ""},
      OutputOption()};
  spec.examples = {"leat import replication.yaml", "leat import github_pipeline.py --name github --dry-run",
                   "leat import assets/*.asset.yml --connections .bruin.yml"};
  spec.run = RunImport;
  return spec;
}
