#include "app/context.h"
#include "run/drift_report.h"

namespace leat::app {
namespace {

constexpr int kWouldFail = 1;  // as the run would end

Result<int> Drift(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  run::PlanOptions options;
  options.select = context.args().All("select");
  for (const std::string& selector : context.args().positional) options.select.push_back(selector);
  options.target = context.args().Get("target", "main");
  LEAT_ASSIGN(const auto tables, run::LookForDrift(*lakehouse, project, options, &context.Cancel()));
  Print(context.json() ? run::DriftToJson(tables) + "\n" : run::DriftToText(tables));
  return run::WouldFail(tables) ? kWouldFail : 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_drift() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "drift";
  spec.summary = "Show where sources' columns changed, and what a run would do about it";
  spec.description =
      "Compares what the sources have now with what is registered: class of each change, the policy of its table, what the\n"
      "next load would do, and which columns downstream are made from what changed. Reads catalogues, headers and footers\n"
      "of the sources; writes nothing. Exit code 1: a load would fail.";
  spec.arguments = {{"SELECT", "source tables, as for `leat run -s`", false, true}};
  spec.options = {{"select", "ASSET", "only these: name, source:x, tag:x", 's', {}, true, ""},
                  {"target", "REF", "main (default) or env/<name>", 0, {}, false, ""},
                  OutputOption()};
  spec.examples = {"leat drift", "leat drift source:shop --output json"};
  spec.run = Drift;
  return spec;
}
