#include <algorithm>

#include "base/lower.h"
#include "imports/asset_keys.h"
#include "imports/import.h"
#include "imports/load_choice.h"
#include "imports/node_reading.h"

namespace leat::imports {
namespace {

using config::Node;
using Member = Node::Member;

std::string TextOf(const Member* member) {
  return member != nullptr && member->value.is_scalar() ? WithEnvReferences(member->value.scalar) : "";
}

class Asset {
 public:
  Asset(const InputFile& file, const InputFile* connections, const ImportContext& context, Imported& imported)
      : file_(file),
        root_(file.root),
        connections_(connections),
        context_(context),
        imported_(imported),
        report_(imported.report) {}

  Status Run() {
    report_.Keys(root_, root_.span, AssetKeys(), "an asset");
    const Member* parameters = MemberOf(&root_, "parameters");
    if (parameters == nullptr || !parameters->value.is_map())
      return WrongInput(parameters == nullptr ? root_.span : parameters->value.span,
                        "`parameters` of an asset is a map",
                        "write `parameters: { source_connection: shop, source_table: public.orders }`");
    parameters_ = &parameters->value;
    report_.Keys(*parameters_, parameters->key_span, AssetParameters(), "the parameters of an asset");
    if (const Member* build = MemberOf(&root_, "materialization"); build != nullptr && build->value.is_map()) {
      materialization_ = &build->value;
      report_.Keys(build->value, build->key_span, AssetMaterialization(), "a materialization");
    }
    const Member* from = MemberOf(parameters_, "source_connection");
    const Member* table = MemberOf(parameters_, "source_table");
    if (TextOf(from).empty() || TextOf(table).empty())
      return WrongInput(parameters->key_span, "an asset of type ingestr names `source_connection` and `source_table`",
                        "add both below `parameters`");
    LEAT_ASSIGN(const OurConnection connection, Connection(*from));
    AddTable(connection, *table);
    return Ok();
  }

 private:
  Result<OurConnection> Connection(const Member& from) {
    const std::string name = TextOf(&from);
    std::optional<OurConnection> found = KnownConnection(name, context_);
    if (!found && connections_ != nullptr) found = FromBruin(name);
    if (!found && name.find("://") != std::string::npos) {
      found =
          FromAddress(context_.source_name.empty() ? name.substr(0, name.find_first_of("+:")) : context_.source_name,
                      name, "", imported_.secrets);
    }
    if (!found && context_.env) {
      const auto address = context_.env(name);
      if (address) found = FromAddress(name, *address, "${env:" + name + "}", imported_.secrets);
    }
    if (!found) return UnknownConnection(name, from.value.span);
    report_.Add(from.key_span, found->lost.empty() ? Verdict::kTaken : Verdict::kImpossible,
                "connection " + found->draft.name + (found->known ? " of the project" : "") + LostText(*found));
    return *found;
  }

  /// .bruin.yml: environments, each with lists of connections by type.
  std::optional<OurConnection> FromBruin(const std::string& name) {
    const Node& root = connections_->root;
    const Node* environments = root.Find("environments");
    const Node* chosen = root.Find("default_environment");
    const Node* environment = nullptr;
    if (environments != nullptr && chosen != nullptr) environment = environments->Find(chosen->scalar);
    if (environments != nullptr && environment == nullptr && !environments->members.empty())
      environment = &environments->members[0].value;
    const Node* types = environment == nullptr ? nullptr : environment->Find("connections");
    if (types == nullptr) return std::nullopt;
    for (const Member& type : types->members) {
      for (const Node& one : type.value.items) {
        const Node* called = one.Find("name");
        if (called == nullptr || called->scalar != name) continue;
        if (type.key == "generic") {
          const Node* value = one.Find("value");
          return value == nullptr ? std::nullopt : FromAddress(name, value->scalar, "", imported_.secrets);
        }
        return FromForeign({name, type.key, &one, type.key_span}, imported_.secrets, report_);
      }
    }
    return std::nullopt;
  }

  SourceDraft& Source(const OurConnection& connection, const std::string& type) {
    ConnectionDraft draft = connection.draft;
    if (type != draft.type && !connection.known) draft.name += "_" + type;  // a bucket: one for each kind of files
    draft.type = type;
    if (!connection.known) draft.name = NameAmongOthers(draft);
    const std::string& name = draft.name;
    for (SourceDraft& source : imported_.sources) {
      if (source.connection == name) return source;
    }
    SourceDraft source;
    source.name = context_.source_name.empty() ? PlainNameOf(name) : context_.source_name;
    const auto same = std::find_if(imported_.sources.begin(), imported_.sources.end(),
                                   [&](const SourceDraft& one) { return one.name == source.name; });
    if (same != imported_.sources.end()) source.name = PlainNameOf(name);
    source.connection = name;
    imported_.sources.push_back(source);
    if (!connection.known) imported_.connections.push_back(std::move(draft));
    return imported_.sources.back();
  }

  /// The name of a connection that is the same as one of another asset, or a free one.
  std::string NameAmongOthers(ConnectionDraft draft) const {
    const std::string wanted = draft.name;
    for (int n = 2;; ++n) {
      const auto other = std::find_if(imported_.connections.begin(), imported_.connections.end(),
                                      [&](const ConnectionDraft& one) { return one.name == draft.name; });
      if (other == imported_.connections.end() || DraftConnectionYaml(*other) == DraftConnectionYaml(draft))
        return draft.name;
      draft.name = wanted + "_" + std::to_string(n);
    }
  }

  std::string Name() const {
    const std::string name = TextOf(MemberOf(&root_, "name"));
    if (!name.empty()) return name.substr(name.rfind('.') + 1);
    std::string stem = file_.path.substr(file_.path.rfind('/') + 1);
    stem = stem.substr(0, stem.find('.'));
    return stem;
  }

  void AddTable(const OurConnection& connection, const Member& source_table) {
    std::string from = TextOf(&source_table);
    const bool files = ReadsFiles(connection.draft.type);
    std::string type = connection.draft.type;
    if (files && type == "files") {
      const Member* said = MemberOf(parameters_, "file_type");
      const size_t hash = from.find('#');
      type = FileTypeOf(said != nullptr             ? "x." + TextOf(said)
                        : hash != std::string::npos ? "x." + from.substr(hash + 1)
                                                    : from);
      from = from.substr(0, hash);
      if (said != nullptr) report_.Taken(said->key_span, "a connection of type " + type);
    }
    OurConnection own = connection;
    if (files && !connection.known) {  // bucket/path, also where the connection names the bucket
      const Node* path = own.draft.members.Find("path");
      const size_t slash = from.find('/');
      const std::string bucket = "s3://" + from.substr(0, slash);
      if (path == nullptr) own.draft.members.Set("path", bucket);
      if (path == nullptr || path->scalar == bucket) from = slash == std::string::npos ? "*" : from.substr(slash + 1);
    }
    SourceDraft& source = Source(own, type.empty() ? "csv" : type);
    const bool query = from.starts_with("query:");
    const bool interval = query && from.find(":interval_") != std::string::npos;
    if (type.empty() || interval || (query && !TableHas(type, "query"))) {
      const std::string why = type.empty() ? "no source reads such files" : "a SELECT of its own";
      report_.Impossible(
          source_table.key_span,
          type.empty() ? "no source reads such files, or their name does not tell what they are"
          : interval
              ? "write `query:` by hand, without :interval_start and :interval_end: `update_key` asks for what is new. The asset is left out"
              : "a table or view of the source is loaded whole: make a view there with this SELECT and name it. The asset is left out");
      source.notes.push_back(Name() + " (" + why + ")");
      report_.Cover(root_, Verdict::kTaken, "of an asset that is left out");
      report_.Cover(*parameters_, Verdict::kTaken, "of an asset that is left out");
      return;
    }
    TableDraft table;
    table.where = source_table.key_span;
    const std::string entry = EntryNameOf(Name());
    const std::string free = source.FreeName(entry);
    table.members.Set("name", free, free != entry ? "another asset is called " + entry + " too" : "");
    if (const Member* name = MemberOf(&root_, "name"))
      report_.Changed(name->key_span, "raw_" + source.name + "." + free + ": the schema is the source's");
    report_.Taken(source_table.key_span, query ? "query" : files ? "files" : "table");
    if (const Member* text = MemberOf(&root_, "description")) {
      table.members.Set("description", TextOf(text));
      report_.Taken(text->key_span, "description");
    }
    if (query) {
      table.members.Set("query", from.substr(6));
    } else if (files) {
      table.members.Set("files", from);
    } else {
      if (!HasSchemas(type)) from = from.substr(from.rfind('.') + 1);
      if (from != free) table.members.Set("table", from);
    }
    Load(files, table);
    Columns(table);
    Rest(files, table);
    source.tables.push_back(std::move(table));
  }

  const Member* Either(const char* of_materialization, const char* of_parameters) const {
    const Member* member = MemberOf(materialization_, of_materialization);
    return member != nullptr ? member : MemberOf(parameters_, of_parameters);
  }

  void Load(bool files, TableDraft& table) {
    LoadWish wish;
    wish.files = files;
    const Member* strategy = Either("strategy", "incremental_strategy");
    const Member* key = Either("incremental_key", "incremental_key");
    wish.update_key = TextOf(key);
    if (const Member* primary = MemberOf(parameters_, "primary_key")) {
      wish.primary_key = NamesOf(*primary, "primary_key", report_, true);
    }
    if (const Member* columns = MemberOf(&root_, "columns")) {
      for (const Node& column : columns->value.items) {
        const Member* primary = MemberOf(&column, "primary_key");
        const std::string name = TextOf(MemberOf(&column, "name"));
        if (primary == nullptr) continue;
        const bool is = primary->value.scalar == "true";
        if (is && std::find(wish.primary_key.begin(), wish.primary_key.end(), name) == wish.primary_key.end())
          wish.primary_key.push_back(name);
        report_.Taken(primary->key_span, is ? "primary_key" : "no part of the key");
      }
    }
    const std::string word = TextOf(strategy);
    std::string more;
    if (word.empty() || word == "replace" || word == "create+replace") wish.load = imports::Load::kReplace;
    else if (word == "truncate+insert") wish.load = imports::Load::kTruncate;
    else if (word == "append") wish.load = imports::Load::kAppend;
    else if (word == "merge") wish.load = imports::Load::kMerge;
    else if (word == "delete+insert") {
      // A span of the key is replaced there; here rows are replaced by key, or all of them.
      wish.load = wish.primary_key.empty() ? imports::Load::kReplace : imports::Load::kMerge;
      more = wish.primary_key.empty() ? "all rows are put in place of those that are there, not those of a span"
                                      : "rows are replaced by their key, not by a span of the incremental_key";
    } else {
      more = word == "scd2" ? "no history of rows is kept while loading: each state of the source is kept"
                            : "no strategy of ingestr";
      wish.load = word == "scd2" ? imports::Load::kSnapshot : imports::Load::kReplace;
    }
    LoadChoice choice = ChooseLoad(wish);
    if (wish.load == imports::Load::kMerge && wish.primary_key.empty()) {
      choice = {"full-refresh", Verdict::kChanged,
                "ingestr finds the key in the source; name it here (`primary_key`) to load incrementally", false,
                false};
    }
    if (!more.empty()) {
      choice.text += (choice.text.empty() ? "" : "; ") + more;
      if (choice.verdict == Verdict::kTaken) choice.verdict = Verdict::kChanged;
    }
    if (strategy != nullptr)
      report_.Add(strategy->key_span, choice.verdict,
                  "mode: " + choice.mode + (choice.text.empty() ? "" : ": " + choice.text));
    if (key != nullptr) {
      report_.Add(key->key_span, choice.with_update_key ? Verdict::kTaken : Verdict::kChanged,
                  choice.with_update_key ? "update_key" : "mode " + choice.mode + " reads all rows");
    }
    SetLoad(wish, choice, table);
  }

  void Columns(TableDraft& table) {
    const Member* columns = MemberOf(&root_, "columns");
    if (columns == nullptr) return;
    const std::string enforced = TextOf(MemberOf(parameters_, "enforce_schema"));
    if (const Member* enforce = MemberOf(parameters_, "enforce_schema"))
      report_.Taken(enforce->key_span,
                    enforced == "true" ? "data_type of the columns" : "types are those of the source");
    Node list = ListNode({});
    for (const Node& column : columns->value.items) {
      if (!report_.Keys(column, columns->key_span, AssetColumnKeys(), "a column")) continue;
      Node made = MapNode({{"name", TextNode(TextOf(MemberOf(&column, "name")))}});
      if (const Member* name = MemberOf(&column, "name")) report_.Taken(name->key_span, "columns");
      Type(column, enforced == "true", made);
      if (const Member* text = MemberOf(&column, "description")) {
        made.members.push_back({"description", {}, TextNode(TextOf(text))});
        report_.Taken(text->key_span, "description");
      }
      Node checks = ListNode({});
      if (const Member* nullable = MemberOf(&column, "nullable")) {
        if (nullable->value.scalar == "false") checks.items.push_back(TextNode("not_null"));
        report_.Taken(nullable->key_span,
                      nullable->value.scalar == "false" ? "checks: [not_null]" : "every column may be NULL");
      }
      if (const Member* given = MemberOf(&column, "checks")) {
        for (const Node& check : given->value.items) Check(check, checks);
      }
      if (!checks.items.empty()) made.members.push_back({"checks", {}, std::move(checks)});
      if (made.members.size() > 1) list.items.push_back(std::move(made));
    }
    if (!list.items.empty()) table.members.Set("columns", std::move(list));
  }

  void Type(const Node& column, bool enforced, Node& made) {
    const Member* type = MemberOf(&column, "type");
    if (type == nullptr) return;
    std::string text = TextOf(type);
    const Member* precision = MemberOf(&column, "precision");
    const Member* scale = MemberOf(&column, "scale");
    if (precision != nullptr && text.find('(') == std::string::npos)
      text += "(" + TextOf(precision) + "," + (scale == nullptr ? "0" : TextOf(scale)) + ")";
    for (const Member* part : {precision, scale}) {
      if (part != nullptr) report_.Taken(part->key_span, enforced ? "data_type" : "the type is the source's");
    }
    if (!enforced) return report_.Taken(type->key_span, "the type is the source's, as without enforce_schema");
    const std::string ours = TypeOf(text);
    if (ours.empty()) return report_.Impossible(type->key_span, "no type of Leat means '" + text + "'");
    made.members.push_back({"data_type", {}, TextNode(ours)});
    report_.Taken(type->key_span, "data_type: " + ours);
  }

  void Check(const Node& check, Node& checks) {
    const Member* name = MemberOf(&check, "name");
    if (name == nullptr) return;
    const Member* value = MemberOf(&check, "value");
    const Member* blocking = MemberOf(&check, "blocking");
    const std::string word = TextOf(name);
    Node arguments = MapNode({});
    std::string ours = word;
    const auto set = [&](const char* key, Node node) { arguments.members.push_back({key, {}, std::move(node)}); };
    const Node* given = value == nullptr ? nullptr : &value->value;
    if (word == "positive" || word == "non_negative") {
      ours = "range";
      set("min", WordNode("0"));
      if (word == "positive") set("exclusive", WordNode("true"));
    } else if (word == "negative") {
      ours = "range";
      set("max", WordNode("0"));
      set("exclusive", WordNode("true"));
    } else if ((word == "min" || word == "max") && given != nullptr) {
      ours = "range";
      set(word == "min" ? "min" : "max", *given);
    } else if (word == "pattern" && given != nullptr) {
      ours = "regex";
      set("pattern", *given);
    } else if (word == "accepted_values" && given != nullptr) {
      set("values", *given);
    } else if (word != "not_null" && word != "unique") {
      return report_.Impossible(name->key_span, "no check of Leat means this: `leat list check` shows what there is");
    }
    report_.Taken(name->key_span, "checks: " + ours);
    if (value != nullptr) report_.Taken(value->key_span, "checks: " + ours);
    if (blocking != nullptr) {
      if (blocking->value.scalar == "false") set("on_fail", TextNode("warn"));
      report_.Taken(blocking->key_span, blocking->value.scalar == "false" ? "on_fail: warn" : "on_fail: block");
    }
    if (const Member* text = MemberOf(&check, "description"))
      report_.Impossible(text->key_span, "a check says what it is by its name");
    if (arguments.members.empty()) checks.items.push_back(TextNode(ours));
    else checks.items.push_back(MapNode({{ours, std::move(arguments)}}));
  }

  void Rest(bool files, TableDraft& table) {
    if (const Member* tags = MemberOf(&root_, "tags")) {
      SetNames("tags", NamesOf(*tags, "tags", report_, true), table);
    }
    if (const Member* exclude = MemberOf(parameters_, "sql_exclude_columns")) {
      if (files) report_.Impossible(exclude->key_span, "whole rows of files are loaded");
      else SetNames("exclude", NamesOf(*exclude, "exclude", report_, true), table);
    }
    for (const auto& [theirs, ours] : {std::pair{"partition_by", "partition_by"}, std::pair{"cluster_by", "sort_by"}}) {
      const Member* member = Either(theirs, theirs);
      if (member == nullptr) continue;
      SetNames(ours, NamesOf(*member, ours, report_, true), table);
    }
    if (const Member* contract = MemberOf(parameters_, "schema_contract")) {
      const std::string word = TextOf(contract);
      const char* ours = word == "freeze"          ? "fail"
                         : word == "discard_row"   ? "discard_row"
                         : word == "discard_value" ? "discard_column"
                                                   : "evolve";
      if (word != "evolve") table.members.Set("drift", MapNode({{"additive", TextNode(ours)}}));
      report_.Taken(contract->key_span, std::string("drift: { additive: ") + ours + " }");
    }
    Node meta = MapNode({});
    for (const char* key : {"owner", "tier", "domains", "meta", "metadata"}) {
      const Member* member = MemberOf(&root_, key);
      if (member == nullptr || member->value.is_null()) continue;
      meta.members.push_back({key, {}, member->value});
      report_.Taken(member->key_span, "meta");
    }
    if (!meta.members.empty()) table.members.Set("meta", std::move(meta));
    if (const Member* enabled = MemberOf(&root_, "enabled"))
      report_.Add(enabled->key_span, enabled->value.scalar == "false" ? Verdict::kImpossible : Verdict::kTaken,
                  enabled->value.scalar == "false" ? "a table is loaded or not there: take it out of the file"
                                                   : "it is loaded");
    if (const Member* source = MemberOf(parameters_, "source"))
      report_.Taken(source->key_span, "the connection's type tells");
  }

  const InputFile& file_;
  const Node& root_;
  const InputFile* connections_;
  const ImportContext& context_;
  Imported& imported_;
  Report& report_;
  const Node* parameters_ = nullptr;
  const Node* materialization_ = nullptr;
};

}  // namespace

Status ImportAsset(const InputFile& file, const InputFile* connections, const ImportContext& context,
                   Imported& imported) {
  return Asset(file, connections, context, imported).Run();
}

}  // namespace leat::imports
