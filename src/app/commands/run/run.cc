#include "app/context.h"
#include "app/progress.h"
#include "app/run_summary.h"
#include "config/tree.h"

namespace leat::app {
namespace {

Result<int> RunCommand(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  context.PrintWarnings(project);
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  run::RunOptions options;
  options.plan.select = context.args().All("select");
  options.plan.force = context.args().Has("force");
  options.plan.target = context.args().Get("target", "main");
  options.retry_of = context.args().Get("retry");
  LEAT_ASSIGN(options.workers, context.args().Whole("workers", 0, 0));
  options.cancel = &context.Cancel();
  const std::unique_ptr<run::Observer> progress = MakeProgress(context.console());
  options.observer = progress.get();
  LEAT_ASSIGN(const run::RunResult result, run::Run(*lakehouse, project, options));
  return PrintRun(context, result);
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_run() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "run";
  spec.summary = "Bring everything up to date: load, build, check, publish";
  spec.description =
      "Works on a branch of its own; tables whose checks passed are published together, once. What has nothing new is "
      "skipped,\n"
      "with the reason. Exit codes: 0 done, 1 failed or blocked, 3 published in part, 130 stopped.";
  spec.options = {
      {"select", "ASSET", "only these: name, +name (with what it needs), name+, tag:x, source:x", 's', {}, true, ""},
      {"force", "", "also what has nothing new", 'f', {}, false, ""},
      {"target", "REF", "publish to main (default) or env/<name>", 0, {}, false, ""},
      {"retry", "RUN", "go on from this failed run: its finished steps are adopted", 0, {}, false, ""},
      {"workers", "N", "steps at once; default: by memory and cores", 'w', {}, false, ""},
      OutputOption()};
  spec.examples = {"leat run", "leat run -s +mrt_daily_delays", "leat run --force --output json"};
  spec.run = RunCommand;
  return spec;
}
