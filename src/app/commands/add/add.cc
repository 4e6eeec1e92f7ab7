#include <algorithm>

#include "app/commands/add/openapi.h"
#include "app/context.h"
#include "app/json_text.h"
#include "app/write_source.h"
#include "run/discovery.h"

namespace leat::app {
namespace {

/// A table is meant when it is named; a pattern, or no word at all, takes those that are worth loading.
bool IsNamed(const run::DiscoveredTable& one, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return run::NamesExactly(word, one.table) || word == one.table.name;
  });
}

struct Choice {
  std::vector<run::AdvisedTable> taken;
  std::vector<std::pair<std::string, std::string>> left;  ///< table, why
};

Result<Choice> Choose(std::vector<run::DiscoveredTable> tables, const std::vector<std::string>& words) {
  Choice choice;
  for (run::DiscoveredTable& one : tables) {
    const bool named = IsNamed(one, words);
    if (!one.table.not_readable.empty() && named) {
      return MakeError("APP-205", ErrorKind::kPermission, "{} cannot be loaded: {}", one.table.entry,
                       one.table.not_readable);
    }
    if (!one.asset.empty()) choice.left.emplace_back(one.table.entry, "loaded as " + one.asset + " already");
    else if (!one.advice.left_out.empty() && !named) choice.left.emplace_back(one.table.entry, one.advice.left_out);
    else choice.taken.push_back({std::move(one.table), std::move(one.advice), one.measured, one.counted});
  }
  return choice;
}

Result<int> AddSource(Context& context) {
  const std::string name = context.args().Get("name", context.args().At(0));
  LEAT_TRY(CheckSourceName(name));
  if (context.args().Has("openapi")) return AddOpenApi(context, name);
  if (context.args().Has("url")) return MakeError("APP-103", ErrorKind::kUsage, "--url goes with --openapi");
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  const std::vector<std::string>& words = context.args().positional;
  const std::vector<std::string> patterns(words.begin() + 1, words.end());
  LEAT_ASSIGN(auto tables, run::Discover(*lakehouse, project, words[0], patterns, &context.Cancel()));
  LEAT_ASSIGN(const Choice choice, Choose(std::move(tables), patterns));
  const std::string path = SourcePath(name);
  const std::string text = run::SourceYaml(name, words[0], choice.taken);
  const bool dry = context.args().Has("dry-run");
  if (!dry && !choice.taken.empty()) LEAT_TRY(WriteNewSource(project.root, path, text));
  if (context.json()) {
    std::vector<std::string> taken, left;
    for (const run::AdvisedTable& one : choice.taken) taken.push_back(JsonString(one.table.entry));
    for (const auto& [table, why] : choice.left) {
      JsonObject object;
      object.Text("table", table).Text("reason", why);
      left.push_back(object.Done());
    }
    JsonObject object;
    object.TextOrNull("file", dry || choice.taken.empty() ? "" : path).Raw("added", JsonArray(taken, false));
    object.Raw("left_out", JsonArray(left, false)).Text("text", choice.taken.empty() ? "" : text);
    Print(object.Done() + "\n");
    return 0;
  }
  for (const auto& [table, why] : choice.left) PrintError(fmt::format("left out: {} ({})\n", table, why));
  if (choice.taken.empty()) PrintError("nothing to add\n");
  else if (dry) Print(text);
  else
    Print(fmt::format("{}: {} of {}; look at the reasons beside each choice, then: leat check\n", path,
                      choice.taken.size() == 1 ? "1 table" : fmt::format("{} tables", choice.taken.size()), words[0]));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_add() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec source;
  source.name = "source";
  source.summary = "Write sources/<name>.yml for tables of a connection, each choice with its reason";
  source.description =
      "Reads the catalogue of the source: keys, indexes, sizes, names of columns; what `leat profile` measured before counts,\n"
      "too. Tables that the project loads already, that\n"
      "the user may not read, or that are logs of the source itself are left out and named; a log that is named exactly is\n"
      "taken. An existing file is never changed.\n"
      "With --openapi it is the description of an API (OpenAPI 3.0 or 3.1) that is read: each path whose GET gives a list becomes a table, with\n"
      "its paging and its key. connections.yml gets CONNECTION if it does not have it; keys are ${secret:…}.";
  source.arguments = {
      {"CONNECTION", "name of a connection of connections.yml; with --openapi a new one, too", true, false},
      {"TABLE", "only these: name or schema.name, with * and ?", false, true}};
  source.options = {
      {"name", "NAME", "name of the source; default: the connection's", 0, {}, false, ""},
      {"openapi", "FILE", "description of an API, YAML or JSON", 0, {}, false, "file"},
      {"url", "URL", "with --openapi: address of the API; default: the document's first server", 0, {}, false, ""},
      {"dry-run", "", "print the file, write nothing", 0, {}, false, ""},
      OutputOption()};
  source.examples = {"leat add source shop", "leat add source shop 'sales.*' --name sales",
                     "leat add source shop orders --dry-run", "leat add source crm --openapi crm.yaml --dry-run"};
  source.run = AddSource;
  CommandSpec spec;
  spec.name = "add";
  spec.summary = "Add to the project what a source has";
  spec.commands = {source};
  return spec;
}
