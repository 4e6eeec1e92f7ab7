#include "app/commands/lake/lake.h"
#include "app/json_text.h"
#include "app/sql_shell.h"

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

/// Decisions, "The ledger": an order-free 128-bit sum of row hashes over the columns that are not run-bound, types tagged,
/// NULL apart from ''. The halves of each row's md5 are added up apart, so that equal rows count as often as they are there.
std::string HashSql(const lake::Entry& entry, const data::Schema& schema, const std::vector<std::string>& left_out) {
  std::string row;
  for (const data::Field& field : schema.fields) {
    if (std::find(left_out.begin(), left_out.end(), field.name) != left_out.end()) continue;
    const std::string name = sql::QuoteName(field.name);
    const std::string tag = sql::QuoteLiteral(field.name + ":" + data::TypeName(*field.type) + "=");
    // The length in front keeps two columns from running into each other.
    row += fmt::format("{}{} || coalesce(strlen({}::VARCHAR) || ':' || {}::VARCHAR, 'null')", row.empty() ? "" : " || ",
                       tag, name, name);
  }
  if (row.empty()) row = "''";
  return fmt::format(
      "select count(*) as rows, lower(to_hex(coalesce(sum(md5_number_lower(r)), 0))) as low, "
      "lower(to_hex(coalesce(sum(md5_number_upper(r)), 0))) as high from (select {} as r from {}.{})",
      row, sql::QuoteName(entry.name.ns), sql::QuoteName(entry.name.name));
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
    const std::string count = result.At(0, 0).value_or("0");
    const std::string hash = result.At(0, 2).value_or("") + "-" + result.At(0, 1).value_or("");
    JsonObject object;
    object.Text("table", entry.name.ToString()).Raw("rows", count).Text("hash", hash).Texts("left_out", left_out);
    objects.push_back(object.Done());
    rows.push_back({entry.name.ToString(), Thousands(std::atoll(count.c_str())), hash});
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
