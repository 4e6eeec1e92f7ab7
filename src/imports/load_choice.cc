#include "imports/load_choice.h"

#include <utility>

#include "base/lower.h"
#include "imports/node_reading.h"

namespace leat::imports {
namespace {

constexpr const char* kStay =
    "every load reads all rows, as nothing tells which are new; rows that are gone from the source stay, with the time in "
    "_deleted_at";

constexpr std::pair<const char*, const char*> kTypes[] = {{"string", "string"},
                                                          {"text", "string"},
                                                          {"varchar", "string"},
                                                          {"str", "string"},
                                                          {"char", "string"},
                                                          {"bigint", "bigint"},
                                                          {"integer", "bigint"},
                                                          {"int", "bigint"},
                                                          {"int64", "bigint"},
                                                          {"smallint", "int"},
                                                          {"bool", "boolean"},
                                                          {"boolean", "boolean"},
                                                          {"float", "double"},
                                                          {"float64", "double"},
                                                          {"double", "double"},
                                                          {"real", "double"},
                                                          {"date", "date"},
                                                          {"uuid", "uuid"},
                                                          {"time", "time"},
                                                          {"binary", "binary"},
                                                          {"datetime", "timestamp"},
                                                          {"timestamp", "timestamp"},
                                                          {"timestampz", "timestamptz"},
                                                          {"timestamptz", "timestamptz"},
                                                          {"decimal", "decimal(38,9)"},
                                                          {"numeric", "decimal(38,9)"},
                                                          {"json", "string"}};

}  // namespace

LoadChoice ChooseLoad(const LoadWish& wish) {
  const bool key = !wish.primary_key.empty(), moves = !wish.update_key.empty();
  switch (wish.load) {
    case Load::kReplace: return {"full-refresh", Verdict::kTaken, "", false, false};
    case Load::kTruncate: return {"truncate", Verdict::kTaken, "", false, false};
    case Load::kSnapshot:
      return {"snapshot", Verdict::kChanged,
              "the extract is only added when it changed; _loaded_at tells the states apart", false, false};
    case Load::kAppend:
      if (wish.files) return {"append", Verdict::kTaken, "", false, false};
      if (moves) return {"append", Verdict::kTaken, "", false, true};
      return {"snapshot", Verdict::kChanged,
              "nothing tells which rows are new: the whole extract is added each time that it changed", false, false};
    case Load::kInsert:
      if (key) return {"insert", Verdict::kTaken, "", false, moves && !wish.files};
      return {"append", Verdict::kChanged, "without a primary key rows are only added", false, moves && !wish.files};
    case Load::kMerge:
      if (key && (moves || wish.files)) return {"incremental", Verdict::kTaken, "", false, moves};
      if (key) return {"full-refresh", Verdict::kChanged, kStay, true, false};
      if (moves || wish.files)
        return {"append", Verdict::kTaken, "without a primary key rows are only added", false, moves && !wish.files};
      return {
          "full-refresh", Verdict::kChanged,
          "neither a primary key nor a column that tells what is new: every load reads all rows and puts them in place",
          false, false};
  }
  return {};
}

std::vector<std::string> NamesOf(const config::Node::Member& member, const std::string& ours, Report& report,
                                 bool commas) {
  std::vector<std::string> names = member.value.is_map() ? std::vector<std::string>{} : TextsOf(member.value, commas);
  const bool nothing = member.value.is_null() || (member.value.is_list() && member.value.items.empty());
  if (names.empty() && !nothing) report.Impossible(member.key_span, "names were expected, this is something else");
  else report.Taken(member.key_span, ours);
  return names;
}

void SetNames(const std::string& ours, const std::vector<std::string>& names, TableDraft& table) {
  if (!names.empty()) table.members.Set(ours, ListNode(names));
}

void SetLoad(const LoadWish& wish, const LoadChoice& choice, TableDraft& table) {
  table.members.Set("mode", choice.mode, choice.text);
  if (choice.with_update_key) table.members.Set("update_key", wish.update_key);
  if (!wish.primary_key.empty()) table.members.Set("primary_key", ListNode(wish.primary_key));
  if (choice.soft_delete) table.members.Set("soft_delete", WordNode("true"));
}

std::string TypeOf(const std::string& theirs) {
  std::string word = Lower(theirs);
  std::string sizes;
  if (const size_t open = word.find('('); open != std::string::npos) {
    sizes = word.substr(open);
    word.resize(open);
  }
  while (!word.empty() && word.back() == ' ') word.pop_back();
  for (const auto& [name, type] : kTypes) {
    if (word != name) continue;
    if (std::string_view(type).starts_with("decimal") && !sizes.empty()) return "decimal" + sizes;
    return type;
  }
  return "";
}

}  // namespace leat::imports
