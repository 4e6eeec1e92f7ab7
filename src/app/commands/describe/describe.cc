#include "app/context.h"
#include "component/spec_render.h"
#include "project/schema.h"

namespace leat::app {
namespace {

Result<int> Describe(Context& context) {
  const std::string kind = context.args().At(0), name = context.args().At(1);
  if (kind == "project") {
    Print(context.json() ? project::DescribeProjectJson() + "\n"
                         : project::DescribeProjectText(context.console().width));
    return 0;
  }
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
  spec.summary = "Everything about one part, or about the project's files";
  spec.options = {OutputOption()};
  spec.arguments = {{"KIND", "source, check (leat list), or project for the project's files", true, false},
                    {"NAME", "its name", false, false}};
  spec.examples = {"leat describe source csv", "leat describe check unique", "leat describe project"};
  spec.run = Describe;
  return spec;
}
