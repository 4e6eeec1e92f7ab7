#include "imports/sling_streams.h"

#include <algorithm>

#include "base/lower.h"
#include "imports/node_reading.h"
#include "imports/sling_keys.h"

namespace leat::imports {

using config::Node;
using Member = Node::Member;

std::string Unquoted(std::string text) {
  std::erase_if(text, [](char c) { return c == '"' || c == '`'; });
  return text;
}

std::string LastPart(const std::string& name) { return name.substr(name.rfind('.') + 1); }

void SlingStreams::ReadEnv() {
  const Member* env = MemberOf(&root_, "env");
  if (env == nullptr) return;
  for (const Member& member : env->value.members) {
    if (member.key.starts_with("SLING_")) {
      report_.Taken(member.key_span, "a setting of Sling's own: not needed");
    } else if (member.value.is_scalar()) {
      variables_[member.key] = WithEnvReferences(member.value.scalar);
      report_.Taken(member.key_span, "put in where {" + member.key + "} stands");
    }
  }
}

Status SlingStreams::Read() {
  ReadEnv();
  const Member* defaults = MemberOf(&root_, "defaults");
  if (defaults == nullptr || defaults->value.is_null()) return Ok();
  if (!defaults->value.is_map())
    return WrongInput(defaults->value.span, "`defaults` of a Sling replication is a map",
                      "write `defaults: { mode: full-refresh }`");
  defaults_ = &defaults->value;
  report_.Keys(*defaults_, defaults->key_span, SlingStreamKeys(), "a Sling stream");
  return Ok();
}

std::string SlingStreams::Expanded(const std::string& text) const {
  std::string result = text;
  for (const auto& [name, value] : variables_) result = Replaced(result, fmt::format("{{{}}}", name), value);
  return result;
}

const Member* SlingStreams::Get(const Node& stream, const std::string& key) const {
  const Member* own = MemberOf(&stream, key);
  return own != nullptr || defaults_ == nullptr ? own : MemberOf(defaults_, key);
}

const Member* SlingStreams::Option(const Node& stream, const std::string& group, const std::string& key) const {
  for (const Node* place : {&stream, defaults_}) {
    const Member* options = place == nullptr ? nullptr : MemberOf(place, group);
    const Member* found = options == nullptr ? nullptr : MemberOf(&options->value, key);
    if (found != nullptr) return found;
  }
  return nullptr;
}

std::string SlingStreams::Text(const Node& stream, const std::string& key) const {
  const Member* member = Get(stream, key);
  return member != nullptr && member->value.is_scalar() ? Expanded(member->value.scalar) : "";
}

void SlingStreams::NoteOptions(const Node& stream, bool files) {
  for (const Node* place : {&stream, defaults_}) {
    if (place == nullptr) continue;
    if (const Member* options = MemberOf(place, "source_options"))
      report_.Keys(options->value, options->key_span, SlingSourceOptions(files),
                   files ? "the source_options of files" : "the source_options of a database");
    if (const Member* options = MemberOf(place, "target_options"))
      report_.Keys(options->value, options->key_span, SlingTargetOptions(), "target_options");
  }
}

bool SlingStreams::Wish(const Node& stream, const SourceSpan& place, LoadWish& wish) {
  const std::string mode = Text(stream, "mode");
  if (const Member* key = Get(stream, "primary_key")) {
    wish.primary_key = NamesOf(*key, "primary_key", report_, true);
  }
  if (const Member* key = Get(stream, "update_key")) {
    const bool of_files = wish.files && (key->value.scalar == "." || key->value.scalar.starts_with("_sling"));
    if (!of_files && key->value.is_scalar()) wish.update_key = key->value.scalar;
    if (key->value.is_scalar() || key->value.is_null())
      report_.Taken(key->key_span, of_files ? "the ledger of files tells which are new" : "update_key");
    else report_.Impossible(key->key_span, "the name of one column was expected");
  }
  const Member* said = Get(stream, "mode");
  const SourceSpan where = said != nullptr ? said->key_span : place;
  if (mode.empty() || mode == "full-refresh") wish.load = Load::kReplace;
  else if (mode == "truncate") wish.load = Load::kTruncate;
  else if (mode == "snapshot") wish.load = Load::kSnapshot;
  else if (mode == "incremental" || mode == "backfill") wish.load = Load::kMerge;
  else {
    const bool capture = mode == "change-capture", definition = mode == "definition-only";
    report_.Impossible(where,
                       capture ? "change data capture: load incrementally by an update_key, and find deleted rows with "
                                 "`reconcile: { every: 1d }`"
                       : definition ? "a load always brings rows: nothing makes a table alone"
                                    : "no mode of Sling");
    return false;
  }
  if (mode == "backfill")
    report_.Changed(
        where,
        "incremental: the first load reads everything; `leat backfill TABLE --from A --to B` reads a range again");
  return true;
}

void SlingStreams::SetLoadOf(const Node& stream, const SourceSpan& place, const LoadWish& wish, TableDraft& table) {
  const LoadChoice choice = ChooseLoad(wish);
  const Member* mode = Get(stream, "mode");
  report_.Add(mode == nullptr ? place : mode->key_span, choice.verdict,
              "mode: " + choice.mode + (choice.text.empty() ? "" : ": " + choice.text));
  SetLoad(wish, choice, table);
  if (const Member* missing = Option(stream, "target_options", "delete_missing")) SetDeleted(*missing, wish, table);
}

void SlingStreams::SetDeleted(const Member& member, const LoadWish& wish, TableDraft& table) {
  std::string how = member.value.scalar;
  for (const Member& part : member.value.members) {
    if (part.key == "type") how = part.value.scalar;
    else report_.Impossible(part.key_span, "all keys of the table are compared");
  }
  if (wish.load != Load::kMerge || wish.primary_key.empty() || wish.update_key.empty() || wish.files) {
    return report_.Impossible(
        member.key_span,
        "keys are compared of tables that are loaded incrementally, with an update_key and a primary_key");
  }
  table.members.Set("reconcile", MapNode({{"every", WordNode("0")}}), "rows that were deleted are found at each load");
  if (how == "soft") table.members.Set("soft_delete", WordNode("true"));
  report_.Taken(
      member.key_span,
      how == "soft" ? "reconcile and soft_delete: rows that are gone stay, with the time in _deleted_at" : "reconcile");
}

void SlingStreams::SetCommon(const Node& stream, TableDraft& table) {
  if (const Member* text = Get(stream, "description"); text != nullptr && text->value.is_scalar()) {
    table.members.Set("description", WithEnvReferences(text->value.scalar));
    report_.Taken(text->key_span, "description");
  }
  if (const Member* tags = Get(stream, "tags")) {
    SetNames("tags", NamesOf(*tags, "tags", report_), table);
  }
  if (const Member* add = Option(stream, "target_options", "add_new_columns"); add != nullptr) {
    if (add->value.scalar == "false") table.members.Set("drift", MapNode({{"additive", TextNode("discard_column")}}));
    report_.Taken(add->key_span, add->value.scalar == "false" ? "drift: { additive: discard_column }"
                                                              : "drift: columns are added unless it says otherwise");
  }
  if (const Member* adjust = Option(stream, "target_options", "adjust_column_type"))
    report_.Changed(
        adjust->key_span,
        "columns are widened by themselves (`drift: { widened: evolve }`); another type rejects what does not fit");
  if (const Member* columns = Get(stream, "columns")) SetColumns(*columns, table);
}

void SlingStreams::SetColumns(const Member& columns, TableDraft& table) {
  Node list = ListNode({});
  const auto add = [&](const std::string& name, const std::string& text, const SourceSpan& where) {
    const size_t bar = text.find('|');
    const std::string type = TypeOf(text.substr(0, bar));
    if (name.find('*') != std::string::npos || type.empty()) {
      report_.Impossible(
          where, type.empty() ? "no type of Leat means '" + text + "': `data_type` of the column takes one of its own"
                              : "types are fixed column by column");
      return;
    }
    list.items.push_back(MapNode({{"name", TextNode(name)}, {"data_type", TextNode(type)}}));
    if (bar == std::string::npos) report_.Taken(where, "data_type: " + type);
    else
      report_.Impossible(where, "data_type: " + type + " is taken; write the constraint '" + text.substr(bar + 1) +
                                    "' as a check of the column");
  };
  for (const Member& column : columns.value.members) add(column.key, column.value.scalar, column.key_span);
  for (const Node& item : columns.value.items) {
    const Node* name = item.Find("name");
    const Node* type = item.Find("type");
    if (name != nullptr && type != nullptr) add(name->scalar, type->scalar, columns.key_span);
  }
  if (!list.items.empty()) table.members.Set("columns", std::move(list));
}

std::string SlingStreams::ObjectName(const Node& stream, const std::string& schema, const std::string& table) {
  const Member* object = Get(stream, "object");
  if (object == nullptr || !object->value.is_scalar()) return "";
  std::string name = Expanded(object->value.scalar);
  const std::pair<std::string, std::string> known[] = {{"{stream_schema}", schema},
                                                       {"{stream_table}", table},
                                                       {"{stream_name}", schema.empty() ? table : schema + "_" + table},
                                                       {"{stream_table_lower}", Lower(table)},
                                                       {"{stream_schema_lower}", Lower(schema)},
                                                       {"{stream_file_name}", table}};
  for (const auto& [placeholder, value] : known) name = Replaced(name, placeholder, value);
  const bool path = name.find('/') != std::string::npos;
  if (path || name.find('{') != std::string::npos) {
    report_.Changed(object->key_span, "the table is named by its stream");
    return "";
  }
  const std::string last = LastPart(Unquoted(name));
  report_.Changed(object->key_span, "the table's own name is taken, its schema is raw_<source>");
  return last.empty() ? "" : EntryNameOf(last);
}

}  // namespace leat::imports
