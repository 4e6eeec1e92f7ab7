#include "app/context.h"
#include "app/sql_shell.h"
#include "base/exit_code.h"

namespace leat::app {
namespace {

Result<int> Show(Context& context) {
  const std::string name = context.args().At(0);
  if (context.args().Has("sql")) {
    LEAT_ASSIGN(const project::Project project, context.ReadProject());
    LEAT_ASSIGN(const std::vector<std::string> ids, project::Select(project, {name}));
    for (const std::string& id : ids) {
      const project::Asset* asset = project.Find(id);
      if (asset != nullptr && !asset->sql.empty()) Print(asset->sql + (asset->sql.ends_with('\n') ? "" : "\n"));
    }
    return 0;
  }
  SqlShell::Settings settings;
  settings.ref = context.args().Get("ref", "main");
  settings.as_of = context.args().Get("as-of");
  settings.form = context.json() ? "json" : context.args().Get("output", "table");
  LEAT_ASSIGN(const std::unique_ptr<SqlShell> shell, SqlShell::Open(context, settings));
  LEAT_ASSIGN(const lake::Entry entry,
              FindTable(*shell->lakehouse().catalog, shell->view(), shell->lakehouse().settings, name));
  LEAT_ASSIGN(const int limit, context.args().Whole("limit", 10, 0));
  LEAT_TRY(shell->RunScript(fmt::format("select * from {}.{} limit {}", sql::QuoteName(entry.name.ns),
                                        sql::QuoteName(entry.name.name), limit)));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_show() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "show";
  spec.summary = "First rows of a table, or the compiled SQL of a model";
  spec.options = {{"limit", "N", "rows, default 10", 'n', {}, false, ""},
                  {"sql", "", "the compiled SQL instead", 0, {}, false, ""},
                  {"ref", "REF", "main (default), env/<name>, run/<id>, tag/<name>", 'r', {}, false, ""},
                  {"as-of", "WHEN", "main as of a commit number, tag/<name> or RFC 3339 time", 0, {}, false, ""},
                  {"output",
                   "FORM",
                   "table (default), csv, json, markdown",
                   'o',
                   {"table", "text", "csv", "json", "markdown"},
                   false,
                   ""}};
  spec.arguments = {{"TABLE", "name, or namespace.name", true, false}};
  spec.examples = {"leat show fct_flights", "leat show raw_ops.planes -n 3 -o json", "leat show fct_flights --sql"};
  spec.run = Show;
  return spec;
}
