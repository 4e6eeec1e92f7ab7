#include "app/context.h"
#include "app/json_text.h"
#include "run/discovery.h"

namespace leat::app {
namespace {

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

/// "as source.shop.orders", "incremental by updated_at", or why it is left out.
std::string Verdict(const run::DiscoveredTable& one) {
  if (!one.asset.empty()) return "loaded as " + one.asset;
  if (!one.advice.left_out.empty()) return "left out: " + one.advice.left_out;
  const std::string by = one.advice.update_key.value.empty() ? "" : " by " + one.advice.update_key.value;
  return one.advice.mode.value + by;
}

std::string KeyOf(const component::ListedTable& table) {
  return Joined(table.primary_key.empty() ? table.unique_key : table.primary_key);
}

std::string AsJson(const std::vector<run::DiscoveredTable>& tables) {
  std::vector<std::string> objects;
  for (const run::DiscoveredTable& one : tables) {
    std::vector<std::string> columns;
    for (const component::ListedColumn& column : one.table.columns) {
      JsonObject object;
      object.Text("name", column.name)
          .Text("type", column.type)
          .Boolean("nullable", column.nullable)
          .Boolean("leads_index", column.leads_index)
          .Boolean("set_on_update", column.set_on_update);
      columns.push_back(object.Done());
    }
    JsonObject object;
    object.TextOrNull("schema", one.table.schema).Text("name", one.table.name).Text("entry", one.table.entry);
    object.Text("kind", one.table.kind);
    object.Raw("rows", one.table.rows ? std::to_string(*one.table.rows) : "null");
    object.Raw("bytes", one.table.bytes ? std::to_string(*one.table.bytes) : "null");
    object.Text("size", one.advice.size)
        .Texts("primary_key", one.table.primary_key)
        .Texts("unique_key", one.table.unique_key);
    object.TextOrNull("asset", one.asset)
        .TextOrNull("left_out", one.advice.left_out)
        .Text("mode", one.advice.mode.value);
    object.Text("mode_reason", one.advice.mode.reason).TextOrNull("update_key", one.advice.update_key.value);
    object.Texts("notes", one.advice.notes).Raw("columns", JsonArray(columns, false));
    objects.push_back(object.Done());
  }
  return JsonArray(objects) + "\n";
}

std::string TablesText(const Console& console, const std::vector<run::DiscoveredTable>& tables) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(tables.size());
  for (const run::DiscoveredTable& one : tables) {
    rows.push_back(
        {one.table.entry, one.table.kind, run::SizeText(one.table, one.counted), KeyOf(one.table), Verdict(one)});
  }
  return AlignedTable({"table", "kind", "size", "key", "how to load it"}, rows, {}, console.color);
}

std::string ColumnsText(const Console& console, const std::vector<run::DiscoveredTable>& tables) {
  std::string text;
  for (const run::DiscoveredTable& one : tables) {
    std::vector<std::vector<std::string>> rows;
    for (const component::ListedColumn& column : one.table.columns) {
      std::string more = column.nullable ? "" : "not null";
      if (column.leads_index) more += more.empty() ? "indexed" : ", indexed";
      if (column.set_on_update) more += more.empty() ? "set on update" : ", set on update";
      rows.push_back({column.name, column.type, more});
    }
    text += one.table.entry + " (" + run::SizeText(one.table, one.counted) + "): " + Verdict(one) + "\n";
    text += AlignedTable({"column", "type", ""}, rows, {}, console.color) + "\n";
  }
  return text;
}

Result<int> Discover(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open(true));
  const std::vector<std::string>& words = context.args().positional;
  const std::vector<std::string> patterns(words.begin() + 1, words.end());
  LEAT_ASSIGN(const auto tables, run::Discover(*lakehouse, project, words[0], patterns, &context.Cancel()));
  if (context.json()) Print(AsJson(tables));
  else if (context.args().Has("columns")) Print(ColumnsText(context.console(), tables));
  else Print(TablesText(context.console(), tables));
  return 0;
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_discover() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "discover";
  spec.summary = "Show the tables of a connection, their sizes, keys, and how each would best be loaded";
  spec.description =
      "Reads the catalogue of the source and scans no table. `leat add source` writes the entries with the reason beside each\n"
      "choice. Tables that the project loads already are named with their asset.";
  spec.arguments = {{"CONNECTION", "name of a connection of connections.yml", true, false},
                    {"TABLE", "only these: name or schema.name, with * and ?", false, true}};
  spec.options = {{"columns", "", "show the columns of each table", 0, {}, false, ""}, OutputOption()};
  spec.examples = {"leat discover shop", "leat discover shop 'sales.*' --columns"};
  spec.run = Discover;
  return spec;
}
