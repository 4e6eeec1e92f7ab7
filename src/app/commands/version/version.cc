#include "app/context.h"
#include "app/json_text.h"
#include "state/store.h"

namespace leat::app {
namespace {

constexpr const char* kDuckDbVersion = "1.5.5";

Result<int> Version(Context& context) {
  if (context.json()) {
    JsonObject object;
    object.Text("version", LEAT_VERSION).Text("duckdb", kDuckDbVersion).Number("state_schema", state::SchemaVersion());
    object.Text("compiler", __VERSION__);
#if defined(__x86_64__)
    object.Text("platform", "linux-x86_64");
#else
    object.Text("platform", "linux-aarch64");
#endif
    Print(object.Done() + "\n");
  } else {
    Print("leat " LEAT_VERSION "\n");
  }
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_version() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "version";
  spec.summary = "Version of the program and of what it is built on";
  spec.options = {OutputOption()};
  spec.run = Version;
  return spec;
}
