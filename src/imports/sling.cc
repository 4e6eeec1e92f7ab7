#include <algorithm>
#include <filesystem>
#include <set>

#include "base/lower.h"
#include "base/plain_name.h"
#include "data/json_path.h"
#include "imports/import.h"
#include "imports/load_choice.h"
#include "imports/node_reading.h"
#include "imports/sling_keys.h"
#include "imports/sling_streams.h"

namespace leat::imports {
namespace {

using config::Node;
using Member = Node::Member;

bool IsPattern(const std::string& text) { return text.find_first_of("*?") != std::string::npos; }

/// True when `what` stood in the text.
bool Replace(std::string& text, std::string_view what, std::string_view with) {
  bool found = false;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
    found = true;
  }
  return found;
}

class Sling {
 public:
  Sling(const InputFile& file, const InputFile* connections, const ImportContext& context, Imported& imported)
      : path_(file.path),
        root_(file.root),
        connections_(connections),
        context_(context),
        imported_(imported),
        report_(imported.report),
        streams_(file.root, imported.report) {}

  Status Run() {
    report_.Keys(root_, root_.span, SlingFileKeys(), "a Sling replication");
    LEAT_TRY(streams_.Read());
    const Member* streams = MemberOf(&root_, "streams");
    if (streams == nullptr || !streams->value.is_map()) {
      return WrongInput(streams == nullptr ? root_.span : streams->value.span,
                        "`streams` of a Sling replication is a map of streams",
                        "write `streams: { public.orders: { mode: full-refresh } }`");
    }
    for (const Member& stream : streams->value.members) LEAT_TRY(ReadStream(stream));
    return Ok();
  }

 private:
  std::string SourceText() const {
    const Member* source = MemberOf(&root_, "source");
    return source != nullptr && source->value.is_scalar() ? streams_.Expanded(source->value.scalar) : "";
  }
  SourceSpan SourcePlace() const {
    const Member* source = MemberOf(&root_, "source");
    return source == nullptr ? root_.span : source->value.span;
  }

  /// The connection of the replication, found once.
  Result<OurConnection*> Connection() {
    if (connection_) return &*connection_;
    const std::string name = SourceText();
    if (Lower(name) == "local" || name.starts_with("file://")) {
      connection_ = OurConnection{{"local", "files", {}}, false};
    } else {
      connection_ = KnownConnection(name, context_);
      if (!connection_ && connections_ != nullptr) FromEnvFile(name);
      if (!connection_ && context_.env) {
        const auto address = context_.env(name);
        if (address) connection_ = FromAddress(name, *address, "${env:" + name + "}", imported_.secrets);
      }
      if (!connection_ && name.find("://") != std::string::npos)
        connection_ = FromAddress(
            context_.source_name.empty() ? std::filesystem::path(path_).stem().string() : context_.source_name, name,
            "", imported_.secrets);
      if (!connection_) return UnknownConnection(name, SourcePlace());
    }
    if (const Member* source = MemberOf(&root_, "source")) {
      report_.Add(source->key_span, connection_->lost.empty() ? Verdict::kTaken : Verdict::kImpossible,
                  "connection " + connection_->draft.name + (connection_->known ? " of the project" : "") +
                      LostText(*connection_));
    }
    return &*connection_;
  }

  void FromEnvFile(const std::string& name) {
    const Node* all = connections_->root.Find("connections");
    if (all == nullptr) return;
    for (const Member& member : all->members) {
      if (Lower(member.key) != Lower(name)) continue;
      if (member.value.is_scalar()) {
        connection_ = FromAddress(name, member.value.scalar, "", imported_.secrets);
        return;
      }
      const Node* type = member.value.Find("type");
      const Node* url = member.value.Find("url");
      std::string word = type != nullptr ? type->scalar : "";
      if (word.empty() && url != nullptr) word = url->scalar.substr(0, url->scalar.find("://"));
      connection_ = FromForeign({name, word, &member.value, member.key_span}, imported_.secrets, report_);
      return;
    }
  }

  /// The source of these tables. Files of another type, or of another folder or bucket, are a connection and a source of their own.
  SourceDraft& Source(const OurConnection& connection, const std::string& type) {
    const Node* path = connection.draft.members.Find("path");
    const std::string kind = type + " " + (path == nullptr ? "" : path->scalar);
    const auto found = std::find(kinds_.begin(), kinds_.end(), kind);
    if (found != kinds_.end()) return imported_.sources[static_cast<size_t>(found - kinds_.begin())];
    SourceDraft source;
    source.name = context_.source_name.empty() ? PlainNameOf(connection.draft.name) : context_.source_name;
    source.connection = connection.draft.name;
    if (!kinds_.empty()) {
      std::string more = "_" + type;
      const auto taken = [&](const SourceDraft& one) { return one.name == source.name + more; };
      for (int n = 2; std::any_of(imported_.sources.begin(), imported_.sources.end(), taken); ++n)
        more = "_" + type + "_" + std::to_string(n);
      source.name += more;
      if (!connection.known) source.connection += more;
    }
    if (!connection.known) {
      ConnectionDraft draft = connection.draft;
      draft.name = source.connection;
      draft.type = type;
      imported_.connections.push_back(std::move(draft));
    }
    kinds_.push_back(kind);
    imported_.sources.push_back(std::move(source));
    return imported_.sources.back();
  }

  Status ReadStream(const Member& stream) {
    const bool own = stream.value.is_map();
    if (!own && !stream.value.is_null()) {
      report_.Impossible(stream.key_span, "a stream is a map, or nothing");
      return Ok();
    }
    if (own) report_.Keys(stream.value, stream.key_span, SlingStreamKeys(), "a Sling stream");
    else report_.Taken(stream.key_span, "a table with all defaults");
    LEAT_ASSIGN(OurConnection * connection, Connection());
    const std::string name = streams_.Expanded(stream.key);
    const size_t scheme = name.find("://");
    const bool files = scheme != std::string::npos || ReadsFiles(connection->draft.type);
    streams_.NoteOptions(stream.value, files);
    if (streams_.Text(stream.value, "disabled") == "true") {
      report_.Taken(stream.key_span, "disabled: left out");
      return LeaveOut(*connection, files, stream, "it is disabled");
    }
    return files ? ReadFiles(*connection, stream, name) : ReadTables(*connection, stream, name);
  }

  Status LeaveOut(const OurConnection& connection, bool files, const Member& stream, const std::string& why) {
    const std::string note = stream.key + " (" + why + ")";
    report_.Cover(stream.value, Verdict::kTaken, "of a stream that is left out");
    if (!files) Source(connection, connection.draft.type).notes.push_back(note);
    else if (imported_.sources.empty()) left_out_.push_back(note);
    else imported_.sources[0].notes.push_back(note);
    return Ok();
  }

  Status ReadTables(const OurConnection& connection, const Member& stream, const std::string& name) {
    if (!IsPattern(name)) {
      ReadTable(connection, stream, name);
      return Ok();
    }
    const std::string pattern = HasSchemas(connection.draft.type) ? Unquoted(name) : LastPart(Unquoted(name));
    const auto tables = context_.expand(connection.draft, pattern);
    if (!tables.ok()) {
      report_.Impossible(stream.key_span, "which tables this means was not found out: " + tables.error().message() +
                                              "; once the connection works: leat add source " + connection.draft.name +
                                              " '" + pattern + "'");
      return LeaveOut(connection, false, stream, "its tables could not be found out");
    }
    // A stream that names a table goes before the pattern.
    std::set<std::string> named;
    for (const Member& other : root_.Find("streams")->members)
      named.insert(Lower(Unquoted(streams_.Expanded(other.key))));
    size_t taken = 0;
    const std::string schema = name.find('.') == std::string::npos ? "" : name.substr(0, name.find('.'));
    for (const std::string& table : *tables) {
      const std::string with_schema = fmt::format("{}.{}", schema, table);
      if (named.contains(Lower(table)) || named.contains(Lower(with_schema))) continue;
      ReadTable(connection, stream,
                table.find('.') == std::string::npos && !schema.empty() && !IsPattern(schema) ? with_schema : table);
      ++taken;
    }
    report_.Changed(
        stream.key_span,
        std::to_string(taken) + " tables that the source has now; `leat add source` adds those that come later");
    return Ok();
  }

  void ReadTable(const OurConnection& connection, const Member& stream, const std::string& name) {
    SourceDraft& source = Source(connection, connection.draft.type);
    const std::string plain = Unquoted(name);
    const std::string schema = plain.find('.') == std::string::npos ? "" : plain.substr(0, plain.find('.'));
    const std::string table_name = LastPart(plain);
    const Member* where = streams_.Get(stream.value, "where");
    const Member* sql = streams_.Get(stream.value, "sql");
    const bool query = TableHas(connection.draft.type, "query");
    std::string select;
    if (sql != nullptr && sql->value.is_scalar()) select = streams_.Expanded(sql->value.scalar);
    else if (where != nullptr && where->value.is_scalar())
      select = "SELECT * FROM " + name + " WHERE " + streams_.Expanded(where->value.scalar);
    // An `update_key` adds its condition around the query.
    const bool conditioned = Replace(select, "{incremental_where_cond}", "1 = 1");
    const bool unknown = select.find('{') != std::string::npos || select.starts_with("file://");
    if (!select.empty() && (!query || unknown || (sql != nullptr && where != nullptr))) {
      const Member* place = sql != nullptr ? sql : where;
      const std::string instead = query ? "write `query:` by hand" : "make a view in the source";
      report_.Impossible(
          place->key_span,
          !query    ? "a table or view of the source is loaded whole: make a view there with this SELECT and name it, "
                      "or load the table and filter in a model. The stream is left out"
          : unknown ? "what stands between braces, or in a file, is put in by a run of Sling: write `query:` by hand, "
                      "with `update_key`. The stream is left out"
                    : "it has a `where` beside: put both into one `query:` by hand. The stream is left out");
      if (sql != nullptr && where != nullptr) report_.Impossible(where->key_span, "part of the SELECT");
      (void)LeaveOut(connection, false, stream,
                     (sql != nullptr ? "a SELECT of its own: " : "only some of its rows: ") + instead);
      return;
    }
    LoadWish wish;
    if (!streams_.Wish(stream.value, stream.key_span, wish)) {
      (void)LeaveOut(connection, false, stream, "mode " + streams_.Text(stream.value, "mode"));
      return;
    }
    std::string entry = streams_.ObjectName(stream.value, schema, table_name);
    if (entry.empty()) entry = EntryNameOf(table_name);
    const std::string free = source.FreeName(entry);
    report_.Taken(stream.key_span, "table " + free);
    TableDraft table;
    table.where = stream.key_span;
    table.members.Set("name", free, free != entry ? "another stream goes into " + entry + " too" : "");
    if (!select.empty()) {
      table.members.Set("query", select);
      const Member* place = sql != nullptr ? sql : where;
      if (conditioned)
        report_.Changed(place->key_span, "query; {incremental_where_cond} is asked around it, by `update_key`");
      else report_.Taken(place->key_span, "query");
    } else {
      const std::string in_source = HasSchemas(connection.draft.type) ? name : table_name;
      if (free != in_source) table.members.Set("table", in_source);  // its quotes stay: only they tell odd names apart
    }
    streams_.SetLoadOf(stream.value, stream.key_span, wish, table);
    Select(stream.value, table);
    streams_.SetCommon(stream.value, table);
    source.tables.push_back(std::move(table));
  }

  void Select(const Node& stream, TableDraft& table) {
    const Member* select = streams_.Get(stream, "select");
    if (select == nullptr) return;
    std::vector<std::string> out;
    bool chosen = false;
    for (const std::string& column : TextsOf(select->value)) {
      if (column.starts_with("-")) out.push_back(column.substr(1));
      else chosen = chosen || column != "*";
    }
    if (!out.empty()) table.members.Set("exclude", ListNode(out));
    if (chosen) {
      report_.Impossible(
          select->key_span,
          "all columns are read: name those that are not to be in `exclude`, with patterns where they are many");
      table.notes.push_back(
          "Sling took some columns only; here all are read: `exclude` names those that are not to be");
    } else {
      report_.Taken(select->key_span, "exclude");
    }
  }

  Status ReadFiles(const OurConnection& connection, const Member& stream, const std::string& name) {
    std::string type;
    const Member* format = streams_.Option(stream.value, "source_options", "format");
    if (ReadsFiles(connection.draft.type) && connection.draft.type != "files") type = connection.draft.type;
    else if (format != nullptr) type = FileTypeOf("x." + format->value.scalar);
    else type = FileTypeOf(name);
    const size_t scheme = name.find("://");
    const std::string protocol = scheme == std::string::npos ? "" : name.substr(0, scheme);
    if (!protocol.empty() && protocol != "file" && protocol != "s3") {
      report_.Impossible(
          stream.key_span,
          protocol == "sftp"
              ? "write it by hand: a connection with `path: sftp://host/folder` and `sftp:` reads such files"
          : protocol.starts_with("http")
              ? "write it by hand: a connection with `path: https://host/folder` and `http:` reads such files"
              : "files are read from folders, s3://, sftp:// and https://, not from " + protocol + "://");
      return LeaveOut(connection, true, stream, "its files are at " + protocol + "://");
    }
    if (type.empty()) {
      report_.Impossible(
          stream.key_span,
          "no source reads such files, or their name does not tell what they are: `source_options: { format: csv }` does");
      return LeaveOut(connection, true, stream, "it is not known what its files are");
    }
    if (format != nullptr) report_.Taken(format->key_span, "a connection of type " + type);
    if (streams_.Get(stream.value, "sql") != nullptr || streams_.Get(stream.value, "where") != nullptr) {
      for (const char* key : {"sql", "where"}) {
        if (const Member* member = streams_.Get(stream.value, key))
          report_.Impossible(member->key_span, "whole files are loaded: filter in a model. The stream is left out");
      }
      return LeaveOut(connection, true, stream, "only some rows of its files");
    }
    LoadWish wish;
    wish.files = true;
    if (!streams_.Wish(stream.value, stream.key_span, wish))
      return LeaveOut(connection, true, stream, "mode " + streams_.Text(stream.value, "mode"));
    AddFiles(connection, stream, type, name, wish);
    return Ok();
  }

  void AddFiles(const OurConnection& connection, const Member& stream, const std::string& type, const std::string& name,
                const LoadWish& wish) {
    std::string files = name;
    OurConnection own = connection;
    if (files.starts_with("file://")) files.erase(0, 7);
    if (files.starts_with("./")) files.erase(0, 2);
    if (files.starts_with("s3://")) {
      const size_t slash = files.find('/', 5);
      if (!connection.known) own.draft.members.Set("path", files.substr(0, slash));
      files = slash == std::string::npos ? "*" : files.substr(slash + 1);
    }
    if (files.starts_with('/')) {  // an absolute path: the folder is the connection's
      if (!connection.known) own.draft.members.Set("path", "/");
      files.erase(0, 1);
    }
    if (files.empty() || files.ends_with('/')) files += "*";
    const std::pair<const char*, const char*> dates[] = {{"{part_year}", "{yyyy}"},
                                                         {"{part_month}", "{MM}"},
                                                         {"{part_day}", "{dd}"},
                                                         {"{part_hour}", "{HH}"},
                                                         {"{YYYY}", "{yyyy}"}};
    for (const auto& [theirs, ours] : dates) {
      if (const size_t at = files.find(theirs); at != std::string::npos)
        files.replace(at, std::string(theirs).size(), ours);
    }
    SourceDraft& source = Source(own, type);
    for (std::string& note : left_out_) source.notes.push_back(std::move(note));
    left_out_.clear();
    std::string stem = files.substr(files.rfind('/') + 1);
    stem = stem.substr(0, stem.find('.'));
    std::string entry = streams_.ObjectName(stream.value, "", EntryNameOf(stem));
    if (entry.empty()) {
      std::erase_if(stem, [](char c) { return c == '*' || c == '?'; });
      while (stem.ends_with('_') || stem.ends_with('-')) stem.pop_back();
      entry = EntryNameOf(stem.empty() ? "files" : stem);
    }
    TableDraft table;
    table.where = stream.key_span;
    table.members.Set("name", source.FreeName(entry));
    const Member* some = streams_.Get(stream.value, "files");
    if (some == nullptr) {
      table.members.Set("files", files);
    } else {
      std::vector<std::string> patterns;
      bool excluded = false;
      const std::string folder = files.substr(0, files.rfind('/') + 1);
      for (const std::string& one : TextsOf(some->value)) {
        excluded = excluded || one.starts_with('-');
        if (!one.starts_with('-')) patterns.push_back(folder + one);
      }
      table.members.Set("files", patterns.empty() ? TextNode(files) : ListNode(patterns));
      report_.Add(some->key_span, excluded ? Verdict::kImpossible : Verdict::kTaken,
                  excluded ? "names that no pattern takes go into `ignore`" : "files");
    }
    report_.Taken(stream.key_span, "files: " + files + ", relative to the connection's `path`");
    streams_.SetLoadOf(stream.value, stream.key_span, wish, table);
    FileOptions(stream.value, type, table);
    if (const Member* select = streams_.Get(stream.value, "select"))
      report_.Impossible(select->key_span, "whole rows of files are loaded: choose columns in a model");
    streams_.SetCommon(stream.value, table);
    source.tables.push_back(std::move(table));
  }

  void FileOptions(const Node& stream, const std::string& type, TableDraft& table) {
    const std::pair<const char*, const char*> same[] = {
        {"header", "header"},     {"skip_lines", "skip"},  {"delimiter", "delimiter"},
        {"escape", "escape"},     {"quote", "quote"},      {"null_if", "null_text"},
        {"encoding", "encoding"}, {"jmespath", "records"}, {"sheet", "sheet"}};
    for (const auto& [theirs, ours] : same) {
      const Member* option = streams_.Option(stream, "source_options", theirs);
      if (option == nullptr || !option->value.is_scalar()) continue;
      std::string text = streams_.Expanded(option->value.scalar);
      if (std::string(theirs) == "encoding") {
        text = Lower(text);
        if (text == "utf8" || text == "utf8_bom" || text == "utf-8") {
          report_.Taken(option->key_span, "UTF-8 is what is expected");
          continue;
        }
        if (text == "latin1" || text == "latin9") text = text == "latin1" ? "iso-8859-1" : "iso-8859-15";
      }
      if (std::string(theirs) == "jmespath") {
        text.insert(0, "$.");
        if (!data::JsonPath::Parse(text).ok()) {
          report_.Impossible(option->key_span,
                             "`records: $.data.items` says where the records stand; take the rest apart in a model");
          continue;
        }
      }
      if (!TableHas(type, ours)) {
        report_.Impossible(option->key_span, "files of type " + type + " have no `" + ours + "`");
        continue;
      }
      Node value = option->value;
      value.scalar = text;
      table.members.Set(ours, std::move(value));
      report_.Taken(option->key_span, ours);
    }
  }

  const std::string& path_;
  const Node& root_;
  const InputFile* connections_;
  const ImportContext& context_;
  Imported& imported_;
  Report& report_;
  SlingStreams streams_;
  std::optional<OurConnection> connection_;
  std::vector<std::string> kinds_;     ///< of the sources, in order: type and folder
  std::vector<std::string> left_out_;  ///< before there was a source
};

}  // namespace

Status ImportSling(const InputFile& file, const InputFile* connections, const ImportContext& context,
                   Imported& imported) {
  return Sling(file, connections, context, imported).Run();
}

}  // namespace leat::imports
