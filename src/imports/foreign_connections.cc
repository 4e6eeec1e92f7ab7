#include "imports/foreign_connections.h"

#include <algorithm>
#include <span>

#include "base/lower.h"
#include "base/plain_name.h"
#include "component/spec.h"
#include "imports/hidden_texts.h"
#include "imports/node_reading.h"

namespace leat::imports {
namespace {

using config::Node;

/// A key of another tool's connection, and the field of ours that means the same.
struct Field {
  const char* theirs;
  const char* ours;  ///< below `storage` with a dot; "" the file or address itself
  bool secret = false;
};

struct Type {
  std::vector<const char*> theirs;  ///< words for the type, beginnings of addresses
  const char* ours;
  std::span<const Field> fields;
};

constexpr Field kServer[] = {{"host", "host"},
                             {"port", "port"},
                             {"user", "user"},
                             {"username", "user"},
                             {"password", "password", true},
                             {"database", "database"},
                             {"dbname", "database"},
                             {"schema", "schema"},
                             {"sslmode", "sslmode"},
                             {"ssl_mode", "sslmode"},
                             {"ssl_ca_path", "ca_file"},
                             {"url", ""},
                             {"uri", ""}};
constexpr Field kFile[] = {{"path", ""}, {"instance", ""}, {"database", ""},    {"file", ""},
                           {"url", ""},  {"uri", ""},      {"schema", "schema"}};
constexpr Field kBucket[] = {{"bucket", ""},
                             {"bucket_name", ""},
                             {"endpoint", "storage.endpoint"},
                             {"endpoint_url", "storage.endpoint"},
                             {"region", "storage.region"},
                             {"profile", "storage.profile"},
                             {"access_key_id", "storage.access_key_id"},
                             {"secret_access_key", "storage.secret_access_key", true},
                             {"session_token", "storage.session_token", true}};

const std::vector<Type>& Types() {
  static const std::vector<Type> kTypes = {
      {{"postgres", "postgresql"}, "postgres", kServer},
      {{"mysql", "mariadb"}, "mysql", kServer},
      {{"sqlite", "sqlite3"}, "sqlite", kFile},
      {{"duckdb"}, "duckdb", kFile},
      {{"s3", "aws"}, "files", kBucket},
      {{"local", "file"}, "files", {}},
  };
  return kTypes;
}

const Type* FindType(const std::string& word) {
  for (const Type& type : Types()) {
    for (const char* name : type.theirs) {
      if (Lower(word) == name) return &type;
    }
  }
  return nullptr;
}

bool HasField(const std::vector<config::FieldSpec>& fields, const std::string& name) {
  return std::any_of(fields.begin(), fields.end(), [&](const config::FieldSpec& field) { return field.name == name; });
}

bool TypeHas(const std::string& type, const std::string& field) {
  const component::Spec* spec = component::FindSpec("source", type);
  return spec != nullptr && HasField(spec->connection_fields, field);
}

/// A literal secret becomes a reference; one that is a reference already stays one.
Node Kept(const std::string& hint, const std::string& text, bool secret, SecretNames& secrets) {
  const std::string ours = WithEnvReferences(text);
  if (secret && !text.empty() && !ours.starts_with("${env:")) return TextNode(secrets.Reference(hint, text));
  return TextNode(ours);
}

void SetField(DraftMembers& members, const std::string& path, Node value) {
  const size_t dot = path.find('.');
  if (dot == std::string::npos) return members.Set(path, std::move(value));
  Node map = MapNode({});
  if (const Node* old = members.Find(path.substr(0, dot))) map = *old;
  map.members.push_back({path.substr(dot + 1), {}, std::move(value)});
  members.Set(path.substr(0, dot), std::move(map));
}

}  // namespace

std::string WithEnvReferences(const std::string& text) {
  std::string ours;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      ours += text[i];
      continue;
    }
    const bool braced = text[i + 1] == '{';
    size_t end = i + (braced ? 2 : 1);
    const size_t begin = end;
    while (end < text.size() && IsPlain(text[end])) ++end;
    const bool name = end > begin && !(text[begin] >= '0' && text[begin] <= '9');
    if (name && braced && end < text.size() && text[end] == '}') {
      ours += "${env:" + text.substr(begin, end - begin) + "}";
      i = end;
    } else if (name && !braced && i == 0 && end == text.size()) {
      return "${env:" + text.substr(begin) + "}";
    } else {
      ours += braced ? "$$" : "$";
    }
  }
  return ours;
}

std::optional<OurConnection> FromAddress(const std::string& name, const std::string& address,
                                         const std::string& reference, SecretNames& secrets) {
  const size_t scheme_end = address.find("://");
  if (scheme_end == std::string::npos) return std::nullopt;
  const Type* type = FindType(address.substr(0, scheme_end));
  if (type == nullptr || std::string(type->ours) == "files") return std::nullopt;
  OurConnection made;
  made.draft.name = PlainNameOf(name);
  made.draft.type = type->ours;
  std::string rest = address.substr(scheme_end + 3);
  if (!TypeHas(type->ours, "uri")) {  // a file
    for (size_t at = rest.find('?'); at != std::string::npos && at + 1 < rest.size(); at = rest.find('&', at + 1))
      made.lost += (made.lost.empty() ? "" : ", ") + rest.substr(at + 1, rest.find_first_of("=&", at + 1) - at - 1);
    rest = rest.substr(0, rest.find('?'));
    while (rest.starts_with("//")) rest.erase(0, 1);
    made.draft.members.Set("file", WithEnvReferences(rest));
    return made;
  }
  if (!reference.empty()) {
    made.draft.members.Set("uri", TextNode(reference));
    return made;
  }
  const size_t query_at = rest.find('?');
  const std::string query = query_at == std::string::npos ? "" : rest.substr(query_at + 1);
  rest = rest.substr(0, query_at);
  const size_t slash = rest.find('/');
  const std::string database = slash == std::string::npos ? "" : rest.substr(slash + 1);
  std::string host = rest.substr(0, slash);
  const size_t at = host.rfind('@');
  if (at != std::string::npos) {
    const std::string user = host.substr(0, std::min(at, host.find(':')));
    if (!user.empty()) made.draft.members.Set("user", WithEnvReferences(PercentDecoded(user)));
    if (user.size() < at) {
      made.draft.members.Set(
          "password",
          Kept(name + "_password", PercentDecoded(host.substr(user.size() + 1, at - user.size() - 1)), true, secrets));
    }
    host.erase(0, at + 1);
  }
  const size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
    made.draft.members.Set("port", WordNode(host.substr(colon + 1)));
    host.resize(colon);
  }
  if (!host.empty()) made.draft.members.Set("host", WithEnvReferences(PercentDecoded(host)));
  if (!database.empty()) made.draft.members.Set("database", WithEnvReferences(PercentDecoded(database)));
  for (size_t begin = 0; begin < query.size();) {
    const std::string pair = query.substr(begin, query.find('&', begin) - begin);
    if (pair.starts_with("sslmode=") && TypeHas(type->ours, "sslmode")) {
      made.draft.members.Set("sslmode", pair.substr(8));
    } else if (!pair.empty()) {
      made.lost += (made.lost.empty() ? "" : ", ") + pair.substr(0, pair.find('='));
    }
    begin += pair.size() + 1;
  }
  return made;
}

std::optional<OurConnection> FromForeign(const ForeignConnection& foreign, SecretNames& secrets, Report& report) {
  const Type* type = FindType(foreign.type);
  if (type == nullptr || foreign.keys == nullptr || !foreign.keys->is_map()) return std::nullopt;
  OurConnection made;
  made.draft.name = PlainNameOf(foreign.name);
  made.draft.type = type->ours;
  std::vector<KeyMeaning> known = {{"name"}, {"type"}};
  for (const Field& field : type->fields) known.push_back({field.theirs});
  report.Keys(*foreign.keys, foreign.where, known, "a connection of type " + foreign.type);
  for (const Node::Member& member : foreign.keys->members) {
    if (member.key == "name" || member.key == "type") {
      report.Taken(member.key_span,
                   member.key == "name" ? "connection " + made.draft.name : std::string("type ") + type->ours);
      continue;
    }
    const auto field = std::find_if(type->fields.begin(), type->fields.end(),
                                    [&](const Field& one) { return member.key == one.theirs; });
    if (field == type->fields.end()) continue;
    if (!member.value.is_scalar()) {
      report.Impossible(member.key_span, "a text was expected");
      continue;
    }
    const std::string& text = member.value.scalar;
    const std::string hint = made.draft.name + "_" + member.key;
    if (field->ours[0] != '\0') {
      const bool here = std::string(type->ours) == "files" || TypeHas(type->ours, field->ours);
      if (!here) {
        report.Impossible(member.key_span, std::string("connections of type ") + type->ours + " have no `" +
                                               field->ours + "`; name it with each table that needs it");
        continue;
      }
      Node value = Kept(hint, text, field->secret, secrets);
      const bool hidden = value.scalar.starts_with("${secret:");
      if (!member.value.quoted && !hidden) value.quoted = false;
      report.Taken(member.key_span, hidden ? std::string(field->ours) + ": " + value.scalar + "; `leat secret set " +
                                                 SecretNameOf(value.scalar) + "` keeps it"
                                           : field->ours);
      SetField(made.draft.members, field->ours, std::move(value));
    } else if (std::string(type->ours) == "files") {
      made.draft.members.Set("path", "s3://" + WithEnvReferences(text));
      report.Taken(member.key_span, "path");
    } else if (text.find("://") != std::string::npos) {
      const auto from = FromAddress(foreign.name, text, "", secrets);
      if (!from) {
        report.Impossible(member.key_span, "no address that Leat knows");
        continue;
      }
      for (const DraftMember& one : from->draft.members) made.draft.members.Set(one.key, one.value);
      report.Add(member.key_span, from->lost.empty() ? Verdict::kTaken : Verdict::kImpossible,
                 "its parts, each as a field of its own; a password as a reference" + LostText(*from));
    } else if (TypeHas(type->ours, "file")) {
      made.draft.members.Set("file", WithEnvReferences(text));
      report.Taken(member.key_span, "file, relative to the project's folder");
    } else {
      made.draft.members.Set("uri", Kept(hint, text, true, secrets));
      report.Taken(member.key_span, "uri");
    }
  }
  report.Finish(*foreign.keys, "connections." + foreign.name);
  return made;
}

std::optional<OurConnection> KnownConnection(const std::string& name, const ImportContext& context) {
  const std::string wanted = context.connection.empty() ? name : context.connection;
  for (const auto& [known, type] : context.known_connections) {
    if (Lower(known) != Lower(wanted) && known != PlainNameOf(wanted)) continue;
    OurConnection connection;
    connection.draft.name = known;
    connection.draft.type = type;
    connection.known = true;
    return connection;
  }
  return std::nullopt;
}

bool ReadsFiles(const std::string& type) {
  const component::Spec* spec = component::FindSpec("source", type);
  return type == "files" || (spec != nullptr && spec->source.files);
}

bool TableHas(const std::string& type, const std::string& field) {
  const component::Spec* spec = component::FindSpec("source", type);
  return spec != nullptr && HasField(spec->fields, field);
}

bool HasSchemas(const std::string& type) {
  return TypeHas(type, "schema") || TypeHas(type, "database") || TypeHas(type, "catalog");
}

std::string FileTypeOf(const std::string& name) {
  constexpr std::pair<const char*, const char*> kEndings[] = {
      {"csv", "csv"},         {"tsv", "csv"},    {"txt", "csv"},         {"jsonl", "jsonl"}, {"ndjson", "jsonl"},
      {"jsonlines", "jsonl"}, {"json", "json"},  {"parquet", "parquet"}, {"avro", "avro"},   {"xml", "xml"},
      {"xlsx", "xlsx"},       {"excel", "xlsx"}, {"orc", "orc"}};
  std::string ending = Lower(name);
  for (const char* packed : {".gz", ".zst", ".bz2", ".zip"}) {
    if (ending.ends_with(packed)) ending.resize(ending.rfind('.'));
  }
  ending = ending.substr(ending.rfind('.') + 1);
  for (const auto& [word, type] : kEndings) {
    if (ending == word && component::FindSpec("source", type) != nullptr) return type;
  }
  return "";
}

std::string LostText(const OurConnection& connection) {
  if (connection.lost.empty()) return "";
  return "; what else its address says is left out: " + connection.lost + " (`leat describe source " +
         connection.draft.type + "` tells what a connection takes)";
}

Error UnknownConnection(const std::string& name, const SourceSpan& where) {
  SecretNames unused;  // the line that is shown with the error must not show what the address keeps
  (void)HiddenInAddress(name, "address", unused);
  const size_t scheme = name.find("://");
  return MakeError("APP-208", ErrorKind::kConfig, "nothing tells what the connection '{}' is",
                   scheme == std::string::npos ? name : name.substr(0, scheme + 3) + "…")
      .WithHint(
          "describe it in connections.yml first, under this name or another one (then --connection NAME); or name the other tool's file of "
          "connections: --connections FILE")
      .At(where);
}

}  // namespace leat::imports
