#include "app/context.h"
#include "app/json_text.h"
#include "config/tree.h"

namespace leat::app {
namespace {

void PrintWarnings(const project::Project& project, Context& context) {
  for (const Error& warning : project.warnings) {
    PrintError(config::RenderError(warning, context.known_root(), context.console().err_color));
  }
}

std::vector<std::string> Findings(const std::vector<Error>& errors) {
  std::vector<std::string> findings;
  for (const Error& error : errors) {
    findings.push_back(config::ErrorToJson(error));
    for (const Error& other : error.others()) findings.push_back(config::ErrorToJson(other));
  }
  return findings;
}

Result<int> Check(Context& context) {
  Result<project::Project> project = context.ReadProject();
  if (context.json()) {
    std::vector<Error> errors;
    if (!project.ok()) errors.push_back(std::move(project).error());
    JsonObject object;
    object.Raw("errors", JsonArray(Findings(errors)));
    object.Raw("warnings", project.ok() ? JsonArray(Findings(project->warnings)) : "[]");
    object.Number("assets", project.ok() ? static_cast<int64_t>(project->assets.size()) : 0);
    Print(object.Done() + "\n");
    return errors.empty() ? 0 : 2;
  }
  if (!project.ok()) return std::move(project).error();
  PrintWarnings(*project, context);
  size_t tables = 0, models = 0, checks = 0;
  for (const project::Asset& asset : project->assets) {
    tables += asset.kind == project::AssetKind::kSourceTable ? 1 : 0;
    models += asset.kind == project::AssetKind::kModel ? 1 : 0;
    checks += asset.checks.size();
  }
  Print(fmt::format("{}: {} source tables, {} models, {} checks; no errors, {} warnings\n", project->settings.name,
                    tables, models, checks, project->warnings.size()));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_check() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "check";
  spec.summary = "Check all project files and show every finding";
  spec.description =
      "Reads leat.yml, connections, sources, models and their SQL without touching any data. All findings are shown "
      "at\n"
      "once, each with its file, line and what to do. Exit code 2 when there are errors.";
  spec.options = {OutputOption()};
  spec.examples = {"leat check", "leat check --output json"};
  spec.run = Check;
  return spec;
}
