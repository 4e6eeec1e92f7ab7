#include "app/context.h"
#include "component/spec_render.h"

namespace leat::app {
namespace {

Result<int> List(Context& context) {
  const std::string kind = context.args().At(0);
  LEAT_ASSIGN(const std::string text, context.json() ? component::ListJson(kind) : component::ListText(kind));
  Print(text.ends_with('\n') ? text : text + "\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_list() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "list";
  spec.summary = "Parts that are built in: sources, checks";
  spec.options = {OutputOption()};
  spec.arguments = {{"KIND", "source or check; all when left out", false, false}};
  spec.examples = {"leat list", "leat list source"};
  spec.run = List;
  return spec;
}
