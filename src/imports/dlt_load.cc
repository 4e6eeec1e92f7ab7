#include "imports/dlt_load.h"

#include "base/plain_name.h"
#include "imports/dlt_client.h"
#include "imports/dlt_keys.h"
#include "imports/load_choice.h"
#include "imports/node_reading.h"
#include "imports/python_literal.h"

namespace leat::imports {

using config::Node;
using Member = Node::Member;

namespace {

void Cursor(const Node& incremental, const SourceSpan& where, const DltBindings& bindings, LoadWish& wish,
            TableDraft& table, Report& report) {
  if (!report.Keys(incremental, where, DltIncrementalKeys(), "an incremental")) return;
  report.Taken(where, bindings.since ? "params: {since}" : "update_key");
  const Member* path = MemberOf(&incremental, "cursor_path");
  if (path == nullptr || !path->value.is_scalar())
    return report.Impossible(where, "`cursor_path` names the member that tells what is new");
  std::string member = path->value.scalar;
  if (member.starts_with("$.")) member.erase(0, 2);
  if (!IsPlainName(member)) {  // inside of the row: a column of its own
    const std::string column = EntryNameOf(member);
    table.members.Set("fields", MapNode({{column, TextNode(member)}}));
    report.Taken(path->key_span, "update_key: " + column + ", a column of its own");
    member = column;
  } else {
    report.Taken(path->key_span, "update_key");
  }
  wish.update_key = member;
  if (const Member* initial = MemberOf(&incremental, "initial_value"); initial != nullptr) {
    const auto text = DltText(initial->value);
    if (text) table.members.Set("start", *text);
    report.Add(initial->key_span, text || initial->value.is_null() ? Verdict::kTaken : Verdict::kImpossible,
               text ? "start" : "its value is known to Python alone: write `start:`");
  }
  if (const Member* end = MemberOf(&incremental, "end_value"); end != nullptr && !end->value.is_null())
    report.Changed(end->key_span,
                   "put in where {incremental.end_value} or end_param stands; rows behind it are not left out");
  if (const Member* how = MemberOf(&incremental, "last_value_func")) {
    report.Add(how->key_span,
               how->value.is_scalar() && how->value.scalar == "max" ? Verdict::kTaken : Verdict::kImpossible,
               "the greatest update_key is where the next load goes on");
  }
}

void SetColumns(const Member* columns, TableDraft& table, Report& report) {
  if (columns == nullptr || columns->value.is_null()) return;
  if (PythonExpression(columns->value) != nullptr)
    return report.Impossible(columns->key_span,
                             "Leat reads no Python classes: types are found from the rows, `columns:` fixes others");
  Node list = ListNode({});
  const auto add = [&](const std::string& name, const Node& hints, const SourceSpan& where) {
    const Node* type = hints.Find("data_type");
    const std::string ours = type == nullptr ? "" : TypeOf(type->scalar == "timestamp" ? "timestamptz" : type->scalar);
    for (const Member& hint : hints.members) {
      if (hint.key == "name") report.Taken(hint.key_span, "columns");
      else if (hint.key == "data_type" && !ours.empty()) report.Taken(hint.key_span, "data_type: " + ours);
      else if (hint.key == "nullable" && hint.value.scalar == "true")
        report.Taken(hint.key_span, "every column may be NULL");
      else if (hint.key == "nullable") report.Taken(hint.key_span, "checks: [not_null]");
      else report.Impossible(hint.key_span, "no hint of Leat's; `columns:` takes data_type, description and checks");
    }
    const Node* nullable = hints.Find("nullable");
    Node made = MapNode({{"name", TextNode(name)}});
    if (!ours.empty()) made.members.push_back({"data_type", {}, TextNode(ours)});
    if (nullable != nullptr && nullable->scalar == "false")
      made.members.push_back({"checks", {}, ListNode({"not_null"})});
    if (made.members.size() > 1) list.items.push_back(std::move(made));
    else if (hints.members.empty()) report.Impossible(where, "a column is a map of hints");
  };
  for (const Member& column : columns->value.members) add(column.key, column.value, column.key_span);
  for (const Node& item : columns->value.items) {
    if (const Node* name = item.Find("name")) add(name->scalar, item, columns->key_span);
  }
  if (!list.items.empty()) table.members.Set("columns", std::move(list));
}

void SetContract(const Member* contract, TableDraft& table, Report& report) {
  if (contract == nullptr || contract->value.is_null()) return;
  const auto take = [&](const Member& member) {
    const std::string& word = member.value.scalar;
    if (word == "evolve") return report.Taken(member.key_span, "new members become columns");
    if (word == "freeze") table.members.Set("on_new_column", "error");
    else if (word == "discard_value") table.members.Set("on_new_column", "ignore");
    else if (word == "discard_row") table.members.Set("drift", MapNode({{"additive", TextNode("discard_row")}}));
    else return report.Impossible(member.key_span, "no contract of dlt");
    report.Taken(member.key_span, word == "discard_row"
                                      ? "drift: { additive: discard_row }"
                                      : std::string("on_new_column: ") + (word == "freeze" ? "error" : "ignore"));
  };
  if (contract->value.is_scalar()) return take(*contract);
  for (const Member& part : contract->value.members) {
    if (part.key == "columns") take(part);
    else if (part.key == "tables") report.Taken(part.key_span, "a source has the tables that it names");
    else
      report.Changed(part.key_span, "a value that is not exactly of its column's type rejects its row (`max_reject`)");
  }
}

}  // namespace

std::string DltDisposition(const DltResource& resource, const DltResources& resources, Report& report) {
  const Member* member = resources.Get(resource, "write_disposition");
  if (member == nullptr || member->value.is_null()) return "";
  if (member->value.is_scalar()) return member->value.scalar;
  const Node* word = member->value.Find("disposition");
  const Node* strategy = member->value.Find("strategy");
  for (const Member& part : member->value.members) {
    if (part.key != "disposition" && part.key != "strategy")
      report.Impossible(part.key_span, "not needed, or without a counterpart");
  }
  if (strategy != nullptr && strategy->scalar == "scd2") {
    report.Impossible(MemberOf(&member->value, "strategy")->key_span,
                      "no history of rows is kept while loading: `mode: snapshot` keeps each state");
    return "snapshot";
  }
  if (strategy != nullptr && strategy->scalar == "insert-only") return "insert";
  return word != nullptr ? word->scalar : "append";
}

void SetDltLoad(const DltResource& resource, const DltResources& resources, const std::string& disposition,
                const DltBindings& bindings, TableDraft& table, Report& report) {
  LoadWish wish;
  const Member* key = resources.Get(resource, "primary_key");
  const Member* merge = resources.Get(resource, "merge_key");
  if (key != nullptr) wish.primary_key = NamesOf(*key, "primary_key", report);
  if (merge != nullptr) {
    const std::vector<std::string> names = NamesOf(*merge, "primary_key", report);
    if (wish.primary_key.empty()) wish.primary_key = names;
    report.Changed(merge->key_span, "rows are replaced by primary_key; dlt deletes all rows of a merge_key first");
  }
  std::string param;
  SourceSpan where;
  const Node* incremental = resources.Incremental(resource, param, where);
  if (incremental != nullptr) Cursor(*incremental, where, bindings, wish, table, report);
  const Member* said = resources.Get(resource, "write_disposition");
  if (disposition == "replace") wish.load = Load::kReplace;
  else if (disposition == "merge") wish.load = Load::kMerge;
  else if (disposition == "insert") wish.load = Load::kInsert;
  else if (disposition == "snapshot") wish.load = Load::kSnapshot;
  else wish.load = Load::kAppend;
  const LoadChoice choice = ChooseLoad(wish);
  report.Add(said == nullptr ? resources.NamePlace(resource) : said->key_span, choice.verdict,
             "mode: " + choice.mode + (choice.text.empty() ? "" : ": " + choice.text));
  SetLoad(wish, choice, table);
  SetColumns(resources.Get(resource, "columns"), table, report);
  SetContract(resources.Get(resource, "schema_contract"), table, report);
}

}  // namespace leat::imports
