#include "app/context.h"
#include "component/spec_render.h"

namespace leat::app {
namespace {

Result<int> Describe(Context& context) {
  const std::string kind = context.args().At(0), name = context.args().At(1);
  LEAT_ASSIGN(const component::Spec* spec, component::FindSpecOrExplain(kind, name));
  const std::string text =
      context.json() ? component::DescribeJson(*spec) : component::DescribeText(*spec, context.console().width);
  Print(text.ends_with('\n') ? text : text + "\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_describe() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "describe";
  spec.summary = "Everything about one part: its fields, capabilities, examples";
  spec.options = {OutputOption()};
  spec.arguments = {{"KIND", "source or check (leat list)", true, false}, {"NAME", "its name", true, false}};
  spec.examples = {"leat describe source csv", "leat describe check unique"};
  spec.run = Describe;
  return spec;
}
