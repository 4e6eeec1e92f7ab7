#include "app/commands/lake/lake.h"
#include "app/json_text.h"
#include "base/clock.h"

namespace leat::app {
namespace {

std::string_view KindWord(lake::RefKind kind) {
  switch (kind) {
    case lake::RefKind::kMain: return "main";
    case lake::RefKind::kRun: return "run";
    case lake::RefKind::kEnv: return "env";
    case lake::RefKind::kTag: return "tag";
  }
  return "";
}

Result<int> Branches(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(std::vector<lake::Ref> refs, lakehouse->catalog->ListRefs());
  if (!context.args().Has("all")) {
    refs.erase(std::remove_if(refs.begin(), refs.end(), [](const lake::Ref& ref) { return ref.closed_at.has_value(); }),
               refs.end());
  }
  LEAT_TRY(PrintRefs(context, refs));
  return 0;
}

Result<int> Tag(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  std::string name = context.args().At(0);
  if (!name.starts_with("tag/")) name = "tag/" + name;
  LEAT_ASSIGN(const lake::View view,
              context.ResolveRef(*lakehouse->catalog, context.args().Get("ref", "main"), context.args().Get("as-of")));
  LEAT_ASSIGN(const lake::Ref tag, lakehouse->catalog->CreateTag(name, view));
  if (context.json()) LEAT_TRY(PrintRefs(context, {tag}));
  else Print(fmt::format("{} is commit {} of {}\n", tag.name, view.commit, view.ref));
  return 0;
}

Result<int> DropRef(Context& context) {
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_TRY(lakehouse->catalog->DropRef(context.args().At(0)));
  if (context.json()) Print("{\"dropped\": " + JsonString(context.args().At(0)) + "}\n");
  else Print("dropped " + context.args().At(0) + "\n");
  return 0;
}

}  // namespace

Status PrintRefs(Context& context, const std::vector<lake::Ref>& refs) {
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const lake::Ref& ref : refs) {
    const std::string closed = ref.closed_at ? FormatTime(*ref.closed_at) : "";
    JsonObject object;
    object.Text("name", ref.name).Text("kind", KindWord(ref.kind)).Number("head", ref.head).Number("base", ref.base);
    object.Text("created_at", FormatTime(ref.created_at)).TextOrNull("closed_at", closed);
    objects.push_back(object.Done());
    rows.push_back({ref.name, std::string(KindWord(ref.kind)), std::to_string(ref.head), std::to_string(ref.base),
                    FormatTime(ref.created_at), closed});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"ref", "kind", "head", "base", "created", "closed"}, rows,
                       {false, false, true, true, false, false}, context.console().color));
  return Ok();
}

std::vector<CommandSpec> LakeRefCommands() {
  CommandSpec branches;
  branches.name = "branches";
  branches.summary = "Branches and tags";
  branches.options = {{"all", "", "also closed branches of runs", 'a', {}, false, ""}, OutputOption()};
  branches.run = Branches;
  CommandSpec tag;
  tag.name = "tag";
  tag.summary = "Name a state of the lake for ever";
  tag.options = {{"ref", "REF", "of main (default) or env/<name>", 'r', {}, false, ""},
                 {"as-of", "WHEN", "a commit number or RFC 3339 time instead of now", 0, {}, false, ""},
                 OutputOption()};
  tag.arguments = {{"NAME", "the tag, with or without tag/ in front", true, false}};
  tag.run = Tag;
  CommandSpec drop;
  drop.name = "drop-ref";
  drop.summary = "Drop a branch or tag; files that nothing else reaches go with the next clean-up";
  drop.options = {OutputOption()};
  drop.arguments = {{"REF", "env/<name>, run/<id> or tag/<name>", true, false}};
  drop.run = DropRef;
  return {branches, tag, drop};
}

}  // namespace leat::app
