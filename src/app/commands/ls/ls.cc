#include "app/context.h"
#include "app/json_text.h"

namespace leat::app {
namespace {

std::string_view KindWord(const project::Asset& asset) {
  switch (asset.kind) {
    case project::AssetKind::kSourceTable: return "source";
    case project::AssetKind::kStructured: return "structured";
    case project::AssetKind::kModel: break;
  }
  switch (asset.materialised) {
    case project::Materialisation::kView: return "view";
    case project::Materialisation::kIncremental: return "incremental";
    case project::Materialisation::kTable: break;
  }
  return "table";
}

Result<int> Ls(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  LEAT_ASSIGN(const std::vector<std::string> chosen, project::Select(project, context.args().positional));
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& id : chosen) {
    const project::Asset* asset = project.Find(id);
    if (asset == nullptr) continue;
    JsonObject object;
    object.Text("id", asset->id)
        .Text("table", asset->table.ToString())
        .Text("kind", KindWord(*asset))
        .Text("zone", asset->zone);
    object.Text("description", asset->description)
        .Texts("depends_on", asset->depends_on)
        .Text("where", asset->where.ToString());
    object.Number("checks", static_cast<int64_t>(asset->checks.size()));
    objects.push_back(object.Done());
    rows.push_back({asset->id, asset->table.ToString(), std::string(KindWord(*asset)),
                    std::to_string(asset->checks.size()), asset->where.ToString()});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else
    Print(AlignedTable({"asset", "table", "kind", "checks", "where"}, rows, {false, false, false, true, false},
                       context.console().color));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_ls() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "ls";
  spec.summary = "Assets of the project, in the order of a run";
  spec.options = {OutputOption()};
  spec.arguments = {{"ASSET", "only these: name, +name, name+, tag:x, source:x, path:models/", false, true}};
  spec.examples = {"leat ls", "leat ls +fct_flights", "leat ls source:ops --output json"};
  spec.run = Ls;
  return spec;
}
