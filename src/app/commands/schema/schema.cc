#include "project/schema.h"

#include <filesystem>

#include "app/context.h"
#include "app/json_text.h"
#include "io/file_system.h"

namespace leat::app {
namespace {

/// "sources/*.yml" -> "sources.schema.json".
std::string FileName(const std::string& pattern) {
  std::string name = pattern.substr(0, pattern.find('/'));
  if (name.ends_with(".yml")) name.resize(name.size() - 4);
  return name + ".schema.json";
}

Status WriteSchema(const std::string& path, const std::string& text) {
  const std::unique_ptr<io::FileSystem> files = io::MakeLocalFileSystem(false);
  LEAT_TRY(files->Remove(path));
  return files->WriteNew(path, text);
}

/// Settings of the YAML language server: which schema belongs to which files.
std::string EditorSettings(const std::map<std::string, std::string>& schemas, const std::string& folder) {
  JsonObject files;
  for (const auto& [pattern, ignored] : schemas) files.Text("./" + folder + "/" + FileName(pattern), pattern);
  JsonObject settings;
  settings.Raw("yaml.schemas", files.Done());
  return settings.Done() + "\n";
}

Result<int> Schema(Context& context) {
  const std::map<std::string, std::string> schemas = project::ProjectSchemas();
  const std::string folder = context.args().Get("write");
  if (!folder.empty()) {
    for (const auto& [pattern, text] : schemas)
      LEAT_TRY(WriteSchema(io::JoinUri(std::filesystem::absolute(folder).string(), FileName(pattern)), text));
    PrintError("For VS Code, in .vscode/settings.json:\n");
    Print(EditorSettings(schemas, folder));
    return 0;
  }
  const std::string wanted = context.args().At(0);
  JsonObject all;
  for (const auto& [pattern, text] : schemas) {
    if (pattern == wanted || FileName(pattern) == wanted + ".schema.json") {
      Print(text + (text.ends_with('\n') ? "" : "\n"));
      return 0;
    }
    all.Raw(pattern, text);
  }
  if (!wanted.empty()) {
    std::vector<std::string> patterns;
    patterns.reserve(schemas.size());
    for (const auto& [pattern, ignored] : schemas) patterns.push_back(pattern);
    return MakeError("APP-103", ErrorKind::kUsage, "no file of a project is called '{}'", wanted)
        .WithHint(fmt::format("one of: {}", fmt::join(patterns, ", ")));
  }
  Print(all.Done() + "\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_schema() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "schema";
  spec.summary = "JSON Schemas of the project's files, for editors";
  spec.options = {{"write",
                   "FOLDER",
                   "write a file for each into this folder, and print settings for VS Code",
                   'w',
                   {},
                   false,
                   "folder"}};
  spec.arguments = {{"FILE", "leat, connections, sources or models; all when left out", false, false}};
  spec.examples = {"leat schema sources", "leat schema --write .schemas"};
  spec.run = Schema;
  return spec;
}
