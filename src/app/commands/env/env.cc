#include "app/commands/lake/lake.h"
#include "app/json_text.h"
#include "run/refresh_env.h"

namespace leat::app {
namespace {

std::string EnvName(Context& context) {
  const std::string name = context.args().At(0);
  return name.starts_with("env/") ? name : "env/" + name;
}

Result<int> Create(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  LEAT_ASSIGN(const lake::View from, context.ResolveRef(*lakehouse->catalog, context.args().Get("from", "main"), ""));
  LEAT_ASSIGN(const lake::Ref ref, lakehouse->catalog->CreateBranch(EnvName(context), lake::RefKind::kEnv, from));
  if (context.json()) LEAT_TRY(PrintRefs(context, {ref}));
  else
    Print(fmt::format("{} starts at commit {}. Build on it: leat run --target {}; look: leat sql --ref {}\n", ref.name,
                      ref.base, ref.name, ref.name));
  return 0;
}

Result<int> List(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(std::vector<lake::Ref> refs, lakehouse->catalog->ListRefs());
  refs.erase(
      std::remove_if(refs.begin(), refs.end(), [](const lake::Ref& ref) { return ref.kind != lake::RefKind::kEnv; }),
      refs.end());
  LEAT_TRY(PrintRefs(context, refs));
  return 0;
}

Result<int> Drop(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  // Runs that published to it left their branches on it; those that ended go with it.
  LEAT_ASSIGN(
      const state::Rows runs,
      lakehouse->store->Read("SELECT name FROM ref WHERE base_ref = ?1 AND kind = 'run' AND closed_at IS NOT NULL",
                             {EnvName(context)}));
  for (size_t i = 0; i < runs.size(); ++i) LEAT_TRY(lakehouse->catalog->DropRef(runs.Text(i, 0)));
  LEAT_TRY(lakehouse->catalog->DropRef(EnvName(context)));
  if (context.json()) Print("{\"dropped\": " + JsonString(EnvName(context)) + "}\n");
  else Print("dropped " + EnvName(context) + "\n");
  return 0;
}

void PrintItems(Context& context, const lake::RefreshResult& result) {
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const lake::RefreshItem& item : result.items) {
    const std::string name = item.name.name.empty() ? item.name.ns : item.name.ToString();
    const std::string kind = item.kind == lake::ObjectKind::kNamespace ? "namespace"
                             : item.kind == lake::ObjectKind::kView    ? "view"
                                                                       : "table";
    const std::string what(lake::RefreshWord(item.what));
    JsonObject object;
    object.Text("name", name).Text("kind", kind).Text("refresh", what).TextOrNull("reason", item.reason);
    objects.push_back(object.Done());
    rows.push_back({name, kind, what, item.reason});
  }
  if (context.json()) {
    JsonObject object;
    if (result.commit == 0) object.Raw("commit", "null");
    else object.Number("commit", result.commit);
    object.Number("base_before", result.base_before).Number("base", result.base).Raw("changes", JsonArray(objects));
    Print(object.Done() + "\n");
  } else if (!rows.empty()) {
    Print(AlignedTable({"name", "kind", "refresh", "reason"}, rows, {}, context.console().color));
  }
}

Result<int> Refresh(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::RefreshResult result,
              run::RefreshEnvironment(*lakehouse, EnvName(context), UserName(), context.args().Has("give-up")));
  PrintItems(context, result);
  if (context.json()) return 0;
  Print(result.commit == 0 ? fmt::format("{} has the newest base already: commit {}\n", EnvName(context), result.base)
                           : fmt::format("{} lies over commit {} now (before: {})\n", EnvName(context), result.base,
                                         result.base_before));
  return 0;
}

Result<int> Diff(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::RefreshResult result, run::RefreshEnvironment(*lakehouse, EnvName(context), "", false, true));
  PrintItems(context, result);
  if (!context.json() && result.items.empty()) Print(EnvName(context) + " has no changes of its own\n");
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_env() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec create;
  create.name = "create";
  create.summary = "Make an environment: a branch that lives long and costs nothing";
  create.options = {{"from", "REF", "where it starts, default main", 0, {}, false, ""}, OutputOption()};
  create.arguments = {{"NAME", "with or without env/ in front", true, false}};
  create.run = Create;
  CommandSpec list;
  list.name = "list";
  list.summary = "Environments";
  list.options = {OutputOption()};
  list.run = List;
  CommandSpec drop;
  drop.name = "drop";
  drop.summary = "Drop an environment";
  drop.options = {OutputOption()};
  drop.arguments = {{"NAME", "with or without env/ in front", true, false}};
  drop.run = Drop;
  CommandSpec refresh;
  refresh.name = "refresh";
  refresh.summary = "Lay an environment over the newest state of what it was made from";
  refresh.description =
      "What the environment changed stays, by the rules of publishing: what only one side changed is kept, appends go onto\n"
      "the new state, everything else is a conflict that is named; then nothing is done.";
  refresh.options = {{"give-up", "", "give conflicts up: those tables are as they are in the base", 0, {}, false, ""},
                     OutputOption()};
  refresh.arguments = {{"NAME", "with or without env/ in front", true, false}};
  refresh.run = Refresh;
  CommandSpec diff;
  diff.name = "diff";
  diff.summary = "What an environment changed, and what a refresh would do with it";
  diff.options = {OutputOption()};
  diff.arguments = {{"NAME", "with or without env/ in front", true, false}};
  diff.run = Diff;
  CommandSpec spec;
  spec.name = "env";
  spec.summary = "Environments: branches to build and look at before main";
  spec.commands = {create, list, diff, refresh, drop};
  spec.examples = {"leat env create dev", "leat run --target env/dev", "leat env diff dev", "leat env refresh dev"};
  return spec;
}
