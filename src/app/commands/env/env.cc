#include "app/commands/lake/lake.h"
#include "app/json_text.h"

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
  CommandSpec spec;
  spec.name = "env";
  spec.summary = "Environments: branches to build and look at before main";
  spec.commands = {create, list, drop};
  spec.examples = {"leat env create dev", "leat run --target env/dev"};
  return spec;
}
