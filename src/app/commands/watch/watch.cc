#include <algorithm>

#include "app/context.h"
#include "app/progress.h"
#include "app/run_summary.h"
#include "app/signals.h"
#include "config/scalar.h"
#include "config/tree.h"
#include "run/arrival.h"

namespace leat::app {
namespace {

constexpr std::string_view kSourcePrefix = "source.";

Result<std::vector<const project::Asset*>> FileTables(const project::Project& project,
                                                      const std::vector<std::string>& selectors) {
  LEAT_ASSIGN(const std::vector<std::string> selected, project::Select(project, selectors));
  std::vector<const project::Asset*> tables;
  for (const std::string& id : selected) {
    const project::Asset* asset = project.Find(id);
    if (asset->kind == project::AssetKind::kSourceTable && asset->source->source.files) tables.push_back(asset);
  }
  if (!tables.empty()) return tables;
  return MakeError("SRC-383", ErrorKind::kUsage, "there is no table of files to wait for")
      .WithHint("select one (`leat ls` shows the tables), or run the project by time: leat run");
}

/// Selectors for these tables and what depends on them, within what was selected.
std::vector<std::string> WithDependents(const project::Project& project, const run::Arrived& tables,
                                        const std::vector<std::string>& selectors) {
  std::vector<std::string> found;
  for (const std::string& id : tables) {
    const std::string own = "source:" + id.substr(kSourcePrefix.size()) + "+";
    if (selectors.empty()) found.push_back(own);
    for (const std::string& selector : selectors) {
      std::string both = own;
      both += "," + selector;
      if (project::Select(project, {both}).ok()) found.push_back(std::move(both));
    }
  }
  return found;
}

bool HasWork(const run::Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const run::PlanStep& step) { return step.action != run::StepAction::kSkip; });
}

/// Of these tables those whose files are published now, or had been before.
run::Arrived SettledOf(const run::Arrived& tables, const run::RunResult& result) {
  run::Arrived settled;
  for (const run::StepResult& step : result.steps) {
    if (tables.contains(step.asset) && (step.published || step.status == run::StepStatus::kSkipped))
      settled.insert(step.asset);
  }
  return settled;
}

/// A service outlives a store, a network or a disk that fails for a while; not a mistake in the project.
bool MayPass(const Error& error) {
  return error.kind() == ErrorKind::kEnvironment || error.kind() == ErrorKind::kConflict ||
         error.retry() == Retry::kSafe;
}

Result<int> Watch(Context& context) {
  const CancelToken& cancel = context.Cancel();
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  context.PrintWarnings(project);
  const std::vector<std::string> selectors = context.args().All("select");
  LEAT_ASSIGN(const std::vector<const project::Asset*> tables, FileTables(project, selectors));
  const std::string every_text = context.args().Get("every", "1m");
  const std::optional<std::chrono::microseconds> every = config::ParseDuration(every_text);
  if (!every || every->count() <= 0)
    return MakeError("APP-103", ErrorKind::kUsage, "--every cannot be '{}': a time above zero, as 30s or 5m",
                     every_text);
  LEAT_ASSIGN(const int most_runs, context.args().Whole("runs", 0, 1));
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  LEAT_ASSIGN(const std::unique_ptr<run::Arrival> arrival, run::Arrival::Open(project, tables, *every));
  run::RunOptions options;
  options.plan.target = context.args().Get("target", "main");
  LEAT_ASSIGN(options.workers, context.args().Whole("workers", 0, 0));
  options.cancel = &context.Cancel();
  int code = 0;
  for (int runs = 0; most_runs == 0 || runs < most_runs;) {
    const Result<run::Arrived> arrived = arrival->Wait(cancel);
    if (!arrived.ok()) return cancel.cancelled() ? 128 + StoppedBy() : Result<int>(arrived.error());
    options.plan.select = WithDependents(project, *arrived, selectors);
    const Result<run::Plan> plan = run::MakePlan(*lakehouse, project, options.plan);
    if (plan.ok() && !HasWork(*plan)) {
      arrival->Settled(*arrived);
      continue;
    }
    const std::unique_ptr<run::Observer> progress = MakeProgress(context.console());
    options.observer = progress.get();
    Result<run::RunResult> result = plan.ok() ? run::Run(*lakehouse, project, options) : plan.error();
    ++runs;
    if (!result.ok()) {
      if (!MayPass(result.error())) return std::move(result).error();
      PrintError(config::RenderError(result.error(), context.known_root(), context.console().err_color));
      arrival->Settled({});
      code = 1;
      continue;
    }
    const int ended = PrintRun(context, *result);
    arrival->Settled(SettledOf(*arrived, *result));
    if (result->cancelled) return ended;
    if (ended != 0) code = ended;
  }
  return code;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_watch() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "watch";
  spec.summary = "Wait for files, and run what they concern as they come";
  spec.description =
      "Brings the tables of files up to date, with what depends on them; then waits, and does so again for those whose "
      "files come.\n"
      "Folders of this machine tell by themselves, buckets by a queue (`arrival:` of the connection); all are looked at "
      "every while\n"
      "besides, so nothing that is told too late, twice or not at all is lost. Ends on Ctrl-C and TERM.";
  spec.options = {{"select", "ASSET", "only these tables, and only these of what depends on them", 's', {}, true, ""},
                  {"every", "TIME", "how often all are looked at in any case; default 1m", 0, {}, false, ""},
                  {"runs", "N", "end after so many runs that had something to do; default: never", 0, {}, false, ""},
                  {"target", "REF", "publish to main (default) or env/<name>", 0, {}, false, ""},
                  {"workers", "N", "steps at once; default: by memory and cores", 'w', {}, false, ""},
                  OutputOption()};
  spec.examples = {"leat watch", "leat watch -s source:shop+ --every 10m"};
  spec.run = Watch;
  return spec;
}
