#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "app/context.h"
#include "app/json_text.h"
#include "base/exit_code.h"
#include "run/allow_connections.h"
#include "run/step.h"

namespace leat::app {
namespace {

struct Finding {
  std::string name;
  std::string state;  ///< ok | warning | error
  std::string text;
  std::string hint;
};

class Doctor {
 public:
  explicit Doctor(Context& context) : context_(context) {}

  int Run() {
    Add("program", "ok", "leat " LEAT_VERSION, "");
    const bool has_project = Settings();
    if (has_project && State()) {
      Warehouse();
      Names();
      Runs();
    }
    if (has_project) Project();
    return Report();
  }

 private:
  void Add(std::string name, std::string state, std::string text, std::string hint) {
    findings_.push_back({std::move(name), std::move(state), std::move(text), std::move(hint)});
  }
  bool AddError(const std::string& name, const Error& error) {
    worst_ = std::max(worst_, ExitCode(error.kind()));
    Add(name, "error", error.code() + ": " + error.message(), error.hint());
    for (const Error& other : error.others()) Add(name, "error", other.code() + ": " + other.message(), other.hint());
    return false;
  }

  bool Settings() {
    const Result<project::Settings> settings = context_.ReadSettings();
    if (!settings.ok()) return AddError("project", settings.error());
    Add("project", "ok", settings->name + " in " + context_.known_root(), "");
    return true;
  }

  bool State() {
    Result<run::Lakehouse*> opened = context_.Open(false);
    if (!opened.ok()) return AddError("state", opened.error());
    lakehouse_ = *opened;
    Add("state", "ok", fmt::format("{} (schema {})", lakehouse_->store->display_name(), state::SchemaVersion()), "");
    const Result<project::Project> project = context_.ReadProject();  // what is wrong with it is said later
    if (project.ok()) run::AllowConnections(*lakehouse_, *project);
    const Result<sql::Engine*> engine = lakehouse_->Engine(sql::InstanceKind::kEngine);
    if (engine.ok()) Add("engine", "ok", "DuckDB " + (*engine)->version(), "");
    else AddError("engine", engine.error());
    return true;
  }

  void Warehouse() {
    const std::string& root = lakehouse_->catalog->options().warehouse_root;
    const std::string probe = io::JoinUri(root, fmt::format(".leat-doctor-{}", getpid()));
    if (const Status status = Probe(probe); !status.ok()) {
      AddError("warehouse", status.error());
      return;
    }
    if (lakehouse_->object_store != nullptr) {
      const io::s3::Endpoint& endpoint = lakehouse_->object_store->endpoint();
      const Result<io::s3::Credentials> keys = lakehouse_->object_store->credentials().Get();
      Add("warehouse", "ok",
          fmt::format("{} can be written, listed, read and removed at {} (region {}, keys of {})", root, endpoint.url,
                      endpoint.region, keys.ok() ? keys->from : "nobody"),
          "");
      return;
    }
    Add("warehouse", "ok", root + " can be written", "");
    struct statvfs disk {};
    if (statvfs(io::LocalPath(root).c_str(), &disk) == 0) {
      const auto free_bytes = static_cast<int64_t>(disk.f_bavail * disk.f_frsize);
      const bool little = free_bytes < (int64_t{2} << 30);
      Add("disk", little ? "warning" : "ok", Size(free_bytes) + " free",
          little ? "runs write new files before old ones go: give it more" : "");
    }
  }

  /// Every right that a run needs.
  Status Probe(const std::string& probe) {
    io::FileSystem& files = *lakehouse_->files;
    LEAT_TRY(files.WriteNew(probe, "written by leat doctor"));
    const auto look = [&]() -> Status {
      if (lakehouse_->object_store != nullptr) LEAT_TRY(files.List(probe));
      LEAT_TRY(files.ReadRange(probe, 0, 7));
      LEAT_TRY(files.Stat(probe));
      return Ok();
    };
    Status looked = look();
    LEAT_TRY(files.Remove(probe));
    return looked;
  }

  /// Other engines may have made names that differ only in case: our SQL cannot tell them apart.
  void Names() {
    Result<lake::View> view = lakehouse_->catalog->Resolve("main");
    if (!view.ok()) return static_cast<void>(AddError("catalogue", view.error()));
    const Result<std::vector<lake::Entry>> tables = lakehouse_->catalog->ListTables(*view, "");
    if (!tables.ok()) return static_cast<void>(AddError("catalogue", tables.error()));
    Add("catalogue", "ok", fmt::format("{} tables and views at commit {}", tables->size(), view->commit), "");
    std::map<std::string, std::string> folded;
    for (const lake::Entry& table : *tables) {
      std::string name = table.name.ToString(), lower = name;
      for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      const auto [at, added] = folded.emplace(lower, name);
      if (!added)
        Add("names", "warning", at->second + " and " + name + " differ only in case",
            "rename one: SQL finds only one of them");
    }
  }

  /// Looks only: what is found is mended with --fix, or by the next run.
  void Runs() {
    const bool fix = context_.args().Has("fix");
    const Result<std::vector<std::string>> lost = fix ? run::RecoverRuns(*lakehouse_) : run::FindLostRuns(*lakehouse_);
    if (!lost.ok()) return static_cast<void>(AddError("runs", lost.error()));
    if (lost->empty()) Add("runs", "ok", "none was lost", "");
    for (const std::string& run_id : *lost) {
      if (fix) Add("runs", "ok", "run " + run_id + " died; it is marked as lost now", "leat run --retry " + run_id);
      else
        Add("runs", "warning", "run " + run_id + " died without a word",
            "leat doctor --fix marks it as lost; the next leat run does too, and takes over what was done");
    }
  }

  void Project() {
    const Result<project::Project> project = context_.ReadProject();
    if (!project.ok()) return static_cast<void>(AddError("files", project.error()));
    Add("files", "ok", fmt::format("{} assets", project->assets.size()), "");
    for (const Error& warning : project->warnings)
      Add("files", "warning", warning.code() + ": " + warning.message(), warning.hint());
    for (const project::Asset& asset : project->assets) {
      if (lakehouse_ != nullptr && asset.kind == project::AssetKind::kSourceTable) Source(*project, asset);
    }
  }

  void Source(const project::Project& project, const project::Asset& asset) {
    auto source = run::OpenSource(*lakehouse_, project, asset, "doctor", &context_.Cancel());
    if (!source.ok()) return static_cast<void>(AddError(asset.id, source.error()));
    if (const Status status = (*source)->Check(); !status.ok()) AddError(asset.id, status.error());
    else Add(asset.id, "ok", "can be read", "");
  }

  int Report() {
    std::vector<std::string> objects;
    size_t errors = 0, warnings = 0;
    const bool color = context_.console().color;
    for (const Finding& finding : findings_) {
      errors += finding.state == "error" ? 1 : 0;
      warnings += finding.state == "warning" ? 1 : 0;
      JsonObject object;
      object.Text("name", finding.name)
          .Text("state", finding.state)
          .Text("text", finding.text)
          .TextOrNull("hint", finding.hint);
      objects.push_back(object.Done());
      if (context_.json()) continue;
      const Style style = finding.state == "ok"        ? Style::kGood
                          : finding.state == "warning" ? Style::kWarn
                                                       : Style::kBad;
      Print(fmt::format("{} {:<12} {}\n", Styled(fmt::format("{:<8}", finding.state), style, color), finding.name,
                        finding.text));
      if (!finding.hint.empty()) Print(fmt::format("         {:<12} → {}\n", "", finding.hint));
    }
    if (context_.json()) Print(JsonArray(objects) + "\n");
    else Print(fmt::format("\n{} errors, {} warnings\n", errors, warnings));
    return worst_;
  }

  Context& context_;
  run::Lakehouse* lakehouse_ = nullptr;
  std::vector<Finding> findings_;
  int worst_ = 0;
};

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_doctor() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "doctor";
  spec.summary = "Look whether everything that a run needs is in order";
  spec.description = "Looks only; --fix marks runs whose process died and ends what they held.";
  spec.options = {{"fix", "", "mend what can be mended without asking", 0, {}, false, ""}, OutputOption()};
  spec.run = [](Context& context) -> leat::Result<int> { return Doctor(context).Run(); };
  return spec;
}
