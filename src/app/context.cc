#include "app/context.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>

#include "app/signals.h"
#include "base/nearest.h"
#include "config/env.h"
#include "config/tree.h"
#include "io/s3/s3_file_system.h"

namespace leat::app {

Result<std::string> Context::Root() {
  if (!root_.empty()) return root_;
  const std::string given = args().Get("project");
  std::error_code error;
  const std::string start =
      given.empty() ? std::filesystem::current_path(error).string() : std::filesystem::absolute(given).string();
  if (!given.empty() && !std::filesystem::is_directory(start)) {
    // Not the project of a folder above: whoever names one means it.
    return MakeError("PROJ-101", ErrorKind::kNotFound, "there is no folder {}", start)
        .WithHint("correct --project, or start a project there with `leat init`");
  }
  if (error)
    return MakeError("APP-301", ErrorKind::kEnvironment, "the working folder cannot be read: {}", error.message());
  LEAT_ASSIGN(root_, project::FindProjectRoot(start));
  return root_;
}

Result<project::Project> Context::ReadProject() {
  LEAT_ASSIGN(const std::string root, Root());
  LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
  return project::ReadProject(root, env);
}

void Context::PrintWarnings(const project::Project& project) const {
  for (const Error& warning : project.warnings) PrintError(config::RenderWarning(warning, root_, console_.err_color));
}

Result<project::Settings> Context::ReadSettings() {
  LEAT_ASSIGN(const std::string root, Root());
  LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
  return project::ReadSettings(root, env);
}

Result<run::Lakehouse*> Context::Open(bool create) {
  if (lakehouse_ == nullptr) {
    LEAT_ASSIGN(const project::Settings settings, ReadSettings());
    // Waiting for an object store can be long: Ctrl-C ends it at once.
    const CancelToken* cancel = io::IsS3(settings.warehouse) ? &Cancel() : nullptr;
    LEAT_ASSIGN(lakehouse_, run::Lakehouse::Open(root_, settings, create, cancel));
  }
  return lakehouse_.get();
}

Result<lake::View> Context::ResolveRef(lake::Catalog& catalog, const std::string& ref, const std::string& as_of) {
  if (as_of.empty()) return catalog.Resolve(ref);
  if (!ref.empty() && ref != "main") {
    return MakeError("APP-103", ErrorKind::kUsage, "--ref {} and --as-of cannot be combined", ref)
        .WithHint("--as-of looks at the past of main; give one of them");
  }
  if (as_of.find_first_not_of("0123456789") == std::string::npos) return catalog.Resolve("commit/" + as_of);
  return catalog.Resolve(as_of);
}

CancelToken& Context::Cancel() { return InstallSignalHandlers(); }

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? "uid " + std::to_string(geteuid()) : user->pw_name;
}

Option OutputOption() { return {"output", "FORM", "text (default) or json", 'o', {"text", "json"}, false, ""}; }

Result<lake::Entry> FindTable(lake::Catalog& catalog, const lake::View& view, const project::Settings& settings,
                              const std::string& text) {
  const size_t dot = text.rfind('.');
  const lake::TableName name = dot == std::string::npos ? lake::TableName{settings.default_schema, text}
                                                        : lake::TableName{text.substr(0, dot), text.substr(dot + 1)};
  LEAT_ASSIGN(std::optional<lake::Entry> entry, catalog.FindTable(view, name));
  if (!entry) {
    LEAT_ASSIGN(entry, catalog.FindTableNoCase(view, name));
  }
  if (entry) return std::move(*entry);
  LEAT_ASSIGN(const std::vector<lake::Entry> all, catalog.ListTables(view, ""));
  std::vector<std::string> names;
  std::vector<const lake::Entry*> same;
  for (const lake::Entry& table : all) {
    names.push_back(table.name.ToString());
    if (dot == std::string::npos && table.name.name == text) same.push_back(&table);
  }
  if (same.size() == 1) return *same[0];
  std::string hint = DidYouMean(text, names);
  if (hint.empty()) hint = names.empty() ? "the lake is empty: leat run" : "all tables: leat lake tables";
  return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no table {} on {}", text,
                   view.asked.empty() ? view.ref : view.asked)
      .WithHint(hint);
}

}  // namespace leat::app
