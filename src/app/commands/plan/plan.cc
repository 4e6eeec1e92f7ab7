#include "app/context.h"

namespace leat::app {
namespace {

Result<int> Plan(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  run::PlanOptions options;
  options.select = context.args().All("select");
  options.force = context.args().Has("force");
  options.target = context.args().Get("target", "main");
  LEAT_ASSIGN(const run::Plan plan, run::MakePlan(*lakehouse, project, options));
  Print(context.json() ? run::PlanToJson(plan) + "\n" : run::PlanToText(plan));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_plan() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "plan";
  spec.summary = "Show what a run would do, and why";
  spec.description = "Reads listings and fingerprints of the sources, no data. Nothing is changed.";
  spec.options = {
      {"select", "ASSET", "only these: name, +name (with what it needs), name+, tag:x, source:x", 's', {}, true, ""},
      {"force", "", "also what has nothing new", 'f', {}, false, ""},
      {"target", "REF", "main (default) or env/<name>", 0, {}, false, ""},
      OutputOption()};
  spec.examples = {"leat plan", "leat plan -s +fct_flights"};
  spec.run = Plan;
  return spec;
}
