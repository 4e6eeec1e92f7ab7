#include "app/commands/lake/lake.h"
#include "app/json_text.h"
#include "app/sql_shell.h"
#include "sql/content_hash.h"

namespace leat::app {
namespace {

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    size_t first = begin, last = end;
    while (first < last && text[first] == ' ') ++first;
    while (last > first && text[last - 1] == ' ') --last;
    if (last > first) items.push_back(text.substr(first, last - first));
    begin = end + 1;
  }
  return items;
}

std::string HashSql(const lake::Entry& entry, const data::Schema& schema, const std::vector<std::string>& left_out) {
  std::vector<sql::Column> columns;
  columns.reserve(schema.fields.size());
  for (const data::Field& field : schema.fields) columns.push_back({field.name, data::DuckDbTypeName(*field.type)});
  return sql::ContentHashSql(sql::QuoteName(entry.name.ns) + "." + sql::QuoteName(entry.name.name), columns,
                             {left_out.begin(), left_out.end()});
}

Result<int> ContentHash(Context& context) {
  SqlShell::Settings settings;
  settings.ref = context.args().Get("ref", "main");
  settings.as_of = context.args().Get("as-of");
  LEAT_ASSIGN(const std::unique_ptr<SqlShell> shell, SqlShell::Open(context, settings));
  lake::Catalog& catalog = *shell->lakehouse().catalog;
  std::vector<lake::Entry> entries;
  for (const std::string& name : context.args().positional) {
    LEAT_ASSIGN(lake::Entry entry, FindTable(catalog, shell->view(), shell->lakehouse().settings, name));
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) {
    LEAT_ASSIGN(entries, catalog.ListTables(shell->view(), ""));
  }
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const lake::Entry& entry : entries) {
    if (entry.kind != lake::ObjectKind::kTable) continue;
    LEAT_ASSIGN(const lake::MetadataPtr metadata, catalog.LoadMetadata(entry.location));
    const auto bound = metadata->properties.find("leat.run-bound");
    const std::vector<std::string> left_out =
        bound == metadata->properties.end() ? std::vector<std::string>{} : SplitList(bound->second);
    LEAT_ASSIGN(const sql::TextRows result, shell->Query(HashSql(entry, metadata->current_schema(), left_out)));
    const sql::ContentHashed found = sql::ReadContentHash(result);
    JsonObject object;
    object.Text("table", entry.name.ToString())
        .Raw("rows", std::to_string(found.rows))
        .Text("hash", found.hash)
        .Texts("left_out", left_out);
    objects.push_back(object.Done());
    rows.push_back({entry.name.ToString(), Thousands(found.rows), found.hash});
  }
  if (context.json()) Print(JsonArray(objects) + "\n");
  else Print(AlignedTable({"table", "rows", "hash"}, rows, {false, true, false}, context.console().color));
  return 0;
}

}  // namespace

CommandSpec LakeContentHashCommand() {
  CommandSpec spec;
  spec.name = "content-hash";
  spec.summary = "A hash of tables' rows, whatever their order and files";
  spec.description =
      "Run-bound columns (_loaded_at, _batch_id: property leat.run-bound) are left out: two runs on the same input "
      "agree.";
  spec.options = {{"ref", "REF", "main (default), env/<name>, run/<id>, tag/<name>", 'r', {}, false, ""},
                  {"as-of", "WHEN", "a commit number, tag/<name> or RFC 3339 time", 0, {}, false, ""},
                  OutputOption()};
  spec.arguments = {{"TABLE", "all tables when left out", false, true}};
  spec.run = ContentHash;
  return spec;
}

}  // namespace leat::app
