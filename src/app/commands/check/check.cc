#include <set>

#include "app/context.h"
#include "app/json_text.h"
#include "config/env.h"
#include "config/secrets.h"
#include "config/text.h"
#include "config/tree.h"

namespace leat::app {
namespace {

std::vector<std::string> Findings(const std::vector<Error>& errors) {
  std::vector<std::string> findings;
  for (const Error& error : errors) {
    findings.push_back(config::ErrorToJson(error));
    for (const Error& other : error.others()) findings.push_back(config::ErrorToJson(other));
  }
  return findings;
}

/// Values in .env and secrets that no file of the project asks for: left over, or a name that was mistyped.
Status WarnOfUnused(const std::string& root, const std::set<std::string>& asked, std::vector<Error>& warnings) {
  const Result<std::string> text = config::ReadTextFile(root + "/.env", ".env");
  if (text.ok()) {
    LEAT_ASSIGN(const auto values, config::ParseDotEnv(*text, ".env"));
    const config::Lines lines(*text);
    for (const auto& [name, value] : values) {
      if (asked.contains(name)) continue;
      int line = 1;
      while (line < lines.count() && std::string(lines.Line(line)).find(name + "=") == std::string::npos) ++line;
      warnings.push_back(MakeError("CFG-116", ErrorKind::kConfig, "{} is used by no file of the project", name)
                             .WithHint("remove it, or correct the name where it is asked for")
                             .At({".env", line, 0, 0}));
    }
  }
  for (const std::string& name : config::SecretFiles(root).Names()) {
    if (asked.contains("secret:" + name)) continue;
    warnings.push_back(MakeError("CFG-116", ErrorKind::kConfig, "secret {} is used by no file of the project", name)
                           .WithHint("leat secret rm " + name));
  }
  return Ok();
}

Result<project::Project> ReadAndLook(Context& context) {
  LEAT_ASSIGN(const std::string root, context.Root());
  LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
  std::set<std::string> asked;
  LEAT_ASSIGN(project::Project project, project::ReadProject(root, [&](const std::string& name) {
                asked.insert(name);
                return env(name);
              }));
  LEAT_TRY(WarnOfUnused(root, asked, project.warnings));
  return project;
}

Result<int> Check(Context& context) {
  Result<project::Project> project = ReadAndLook(context);
  if (context.json()) {
    std::vector<Error> errors;
    if (!project.ok()) errors.push_back(project.error());
    JsonObject object;
    object.Raw("errors", JsonArray(Findings(errors)));
    object.Raw("warnings", project.ok() ? JsonArray(Findings(project->warnings)) : "[]");
    object.Number("assets", project.ok() ? static_cast<int64_t>(project->assets.size()) : 0);
    Print(object.Done() + "\n");
    return errors.empty() ? 0 : 2;
  }
  if (!project.ok()) return std::move(project).error();
  context.PrintWarnings(*project);
  size_t tables = 0, models = 0, checks = 0;
  for (const project::Asset& asset : project->assets) {
    tables += asset.kind == project::AssetKind::kSourceTable ? 1 : 0;
    models += asset.kind == project::AssetKind::kModel ? 1 : 0;
    checks += asset.checks.size();
  }
  const auto counted = [](size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); };
  Print(fmt::format("{}: {}, {}, {}; no errors, {}\n", project->settings.name, counted(tables, "source table"),
                    counted(models, "model"), counted(checks, "check"), counted(project->warnings.size(), "warning")));
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
