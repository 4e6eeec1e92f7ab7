#include "app/commands/lake/lake.h"
#include "app/json_text.h"
#include "run/alter.h"
#include "run/type_text.h"

namespace leat::app {
namespace {

using lake::ColumnPlace;

Error Usage(const std::string& option, const std::string& text, const std::string& hint) {
  return MakeError("APP-103", ErrorKind::kUsage, "--{} '{}' is not understood", option, text).WithHint(hint);
}

/// Words parted by blanks; brackets and double quotes keep them together.
std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  int depth = 0;
  bool quoted = false, open = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '<' || c == '(' || c == '{')) ++depth;
    if (!quoted && (c == '>' || c == ')' || c == '}')) --depth;
    if (c == ' ' && !quoted && depth == 0) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    words.back() += c;
  }
  return words;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// "first", "after x", "before x" at words[i]; moves i behind it.
bool ReadPlace(const std::vector<std::string>& words, size_t& i, ColumnPlace& place) {
  const std::string word = Lower(words[i]);
  if (word == "first") {
    place.where = ColumnPlace::Where::kFirst;
  } else if ((word == "after" || word == "before") && i + 1 < words.size()) {
    place.where = word == "after" ? ColumnPlace::Where::kAfter : ColumnPlace::Where::kBefore;
    place.other = lake::SplitColumnPath(words[++i]).back();
  } else {
    return false;
  }
  ++i;
  return true;
}

constexpr const char* kAddHint =
    "NAME TYPE [not null] [default JSON] [first | after X | before X]: --add 'note string after amount'";

Result<lake::ColumnChange> ParseAdd(const std::string& text) {
  const std::vector<std::string> words = Words(text);
  if (words.size() < 2) return Usage("add", text, kAddHint);
  lake::AddColumn add;
  add.path = words[0];
  std::string type;
  size_t i = 1;
  const auto is_clause = [&] {
    const std::string word = Lower(words[i]);
    return word == "not" || word == "default" || word == "first" || word == "after" || word == "before";
  };
  for (; i < words.size() && !is_clause(); ++i) type += (type.empty() ? "" : " ") + words[i];
  LEAT_ASSIGN(add.type, run::ParseTypeText(type));
  while (i < words.size()) {
    const std::string word = Lower(words[i]);
    if (word == "not" && i + 1 < words.size() && Lower(words[i + 1]) == "null") {
      add.required = true;
      i += 2;
    } else if (word == "default" && i + 1 < words.size()) {
      add.default_json = words[i + 1];
      i += 2;
    } else if (!ReadPlace(words, i, add.place)) {
      return Usage("add", text, kAddHint);
    }
  }
  return lake::ColumnChange(std::move(add));
}

Result<lake::ColumnChange> ParseMove(const std::string& text) {
  const std::vector<std::string> words = Words(text);
  lake::MoveColumn move;
  size_t i = 1;
  if (words.size() < 2 || !ReadPlace(words, i, move.place) || i != words.size())
    return Usage("move", text, "NAME first | after X | before X: --move 'note after amount'");
  move.path = words[0];
  return lake::ColumnChange(std::move(move));
}

/// "NAME=VALUE" at the first sign.
Result<std::pair<std::string, std::string>> Pair(const std::string& option, const std::string& text) {
  const size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) return Usage(option, text, "NAME=VALUE");
  return std::pair(text.substr(0, sign), text.substr(sign + 1));
}

/// Parts of a list at the top level of brackets; "none" is the empty list.
std::vector<std::string> ListOf(const std::string& text) {
  std::vector<std::string> items(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth == 0) items.emplace_back();
    else if (c != ' ' || !items.back().empty()) items.back() += c;
  }
  if (Lower(text) == "none") items.clear();
  std::erase(items, "");
  return items;
}

Status ReadColumns(const Arguments& args, run::AlterRequest& request) {
  for (const std::string& text : args.All("add")) {
    LEAT_ASSIGN(lake::ColumnChange add, ParseAdd(text));
    request.columns.push_back(std::move(add));
  }
  for (const std::string& text : args.All("type")) {
    LEAT_ASSIGN(const auto pair, Pair("type", text));
    LEAT_ASSIGN(data::TypePtr type, run::ParseTypeText(pair.second));
    request.columns.emplace_back(lake::ChangeColumnType{pair.first, std::move(type)});
  }
  for (const std::string& name : args.All("optional"))
    request.columns.emplace_back(lake::SetColumnRequired{name, false});
  for (const std::string& name : args.All("required"))
    request.columns.emplace_back(lake::SetColumnRequired{name, true});
  for (const std::string& text : args.All("default")) {
    LEAT_ASSIGN(const auto pair, Pair("default", text));
    request.columns.emplace_back(lake::SetColumnDefault{
        pair.first, pair.second == "null" ? std::nullopt : std::optional<std::string>(pair.second)});
  }
  for (const std::string& text : args.All("comment")) {
    LEAT_ASSIGN(const auto pair, Pair("comment", text));
    request.columns.emplace_back(lake::CommentColumn{pair.first, pair.second});
  }
  for (const std::string& text : args.All("move")) {
    LEAT_ASSIGN(lake::ColumnChange move, ParseMove(text));
    request.columns.push_back(std::move(move));
  }
  for (const std::string& name : args.All("drop")) request.last.emplace_back(lake::DropColumn{name});
  for (const std::string& text : args.All("rename")) {
    LEAT_ASSIGN(const auto pair, Pair("rename", text));
    request.last.emplace_back(lake::RenameColumn{pair.first, lake::SplitColumnPath(pair.second).back()});
  }
  return Ok();
}

void PrintResult(Context& context, const lake::TableName& table, const run::AlterRequest& request,
                 const run::AlterResult& result) {
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  for (const run::TableDifference& one : result.differences) {
    JsonObject object;
    object.Text("what", one.what).TextOrNull("object", one.object).TextOrNull("before", one.before);
    object.TextOrNull("after", one.after);
    objects.push_back(object.Done());
    rows.push_back({one.what, one.object, one.before, one.after});
  }
  if (context.json()) {
    JsonObject object;
    object.Text("table", table.ToString()).Text("ref", request.ref).Boolean("dry_run", request.dry_run);
    if (result.commit == 0) object.Raw("commit", "null");
    else object.Number("commit", result.commit);
    object.Raw("changes", JsonArray(objects));
    Print(object.Done() + "\n");
    return;
  }
  if (!rows.empty()) Print(AlignedTable({"what", "object", "before", "after"}, rows, {}, context.console().color));
  if (rows.empty()) Print(table.ToString() + " is so already\n");
  else if (request.dry_run) Print("Nothing was changed: this was a dry run.\n");
  else Print(fmt::format("Changed {} on {}, as commit {}.\n", table.ToString(), request.ref, result.commit));
}

Result<int> Alter(Context& context) {
  const Arguments& args = context.args();
  run::AlterRequest request;
  request.ref = args.Get("ref", "main");
  request.author = UserName();
  request.message = args.Get("message");
  request.dry_run = args.Has("dry-run");
  LEAT_TRY(ReadColumns(args, request));
  if (args.Has("partition-by")) request.partition_by = ListOf(args.Get("partition-by"));
  if (args.Has("sort-by")) request.sort_by = ListOf(args.Get("sort-by"));
  for (const std::string& text : args.All("set")) {
    LEAT_ASSIGN(const auto pair, Pair("set", text));
    request.set[pair.first] = pair.second;
  }
  if (args.Has("format-version")) request.set["format-version"] = args.Get("format-version");
  request.unset = args.All("unset");
  if (request.columns.empty() && request.last.empty() && !request.partition_by && !request.sort_by &&
      request.set.empty() && request.unset.empty()) {
    return MakeError("APP-104", ErrorKind::kUsage, "leat lake alter needs to know what to change")
        .WithHint("leat lake alter --help lists the changes: --add, --drop, --rename, --type, …");
  }
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const lake::View view, context.ResolveRef(*lakehouse->catalog, request.ref, ""));
  LEAT_ASSIGN(const lake::Entry entry, FindTable(*lakehouse->catalog, view, lakehouse->settings, args.At(0)));
  request.table = entry.name;
  LEAT_ASSIGN(const run::AlterResult result, run::AlterLakeTable(*lakehouse, request));
  PrintResult(context, entry.name, request, result);
  return 0;
}

Option Many(const char* name, const char* value, const char* description) {
  return {name, value, description, 0, {}, true, ""};
}

}  // namespace

CommandSpec LakeAlterCommand() {
  CommandSpec spec;
  spec.name = "alter";
  spec.summary = "Change a table's columns, partitioning, order or properties, as one commit";
  spec.description =
      "No data is written again: old files keep their columns, partitions and order, and are read by what the table says\n"
      "now. Columns at any depth are named by path: address.street, tags.element, prices.value.amount. All names are\n"
      "those from before the command. On main only tables that no project owns; else on an environment.";
  spec.options = {Many("add", "COLUMN", "'NAME TYPE [not null] [default JSON] [first | after X | before X]'"),
                  Many("drop", "NAME", "take a column out; its values stay in older snapshots"),
                  Many("rename", "NAME=NEW", "values follow the column's id"),
                  Many("type", "NAME=TYPE", "widen: int to long, float to double, more digits of a decimal"),
                  Many("optional", "NAME", "allow NULL"),
                  Many("required", "NAME", "forbid NULL; only while the table has no rows"),
                  Many("default", "NAME=JSON", "of new rows that do not say, null for none; format version 3"),
                  Many("comment", "NAME=TEXT", "say what a column is"),
                  Many("move", "COLUMN", "'NAME first | after X | before X'"),
                  {"partition-by", "LIST", "as in project files: 'month(day), bucket(16, id)'; none", 0, {}, false, ""},
                  {"sort-by", "LIST", "'day desc, carrier'; none", 0, {}, false, ""},
                  {"format-version", "N", "upgrade the table to format 2 or 3; it never goes back", 0, {}, false, ""},
                  Many("set", "KEY=VALUE", "a property of Iceberg"),
                  Many("unset", "KEY", "remove a property"),
                  {"ref", "REF", "main (default) or env/<name>", 'r', {}, false, ""},
                  {"message", "TEXT", "of the commit", 'm', {}, false, ""},
                  {"dry-run", "", "only say what would change", 0, {}, false, ""},
                  OutputOption()};
  spec.arguments = {{"TABLE", "name, or namespace.name", true, false}};
  spec.examples = {"leat lake alter shop.orders --add 'note string' --type amount='decimal(18,2)'",
                   "leat lake alter shop.orders --partition-by 'month(day)' --dry-run"};
  spec.run = Alter;
  return spec;
}

}  // namespace leat::app
