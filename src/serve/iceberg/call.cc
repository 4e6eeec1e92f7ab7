#include "serve/iceberg/call.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/ids.h"

namespace leat::serve::iceberg {

namespace {

using nlohmann::json;

constexpr int kMaxDepth = 256;

/// Counts brackets outside strings before the parser sees the text, so that depth costs nothing.
bool TooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

Error WrongMember(const char* name, const char* expected) {
  return MakeError("SERVE-303", ErrorKind::kUsage, "the request's member '{}' must be {}", name, expected);
}

/// The exception types of the specification's examples, which clients map to their own exceptions.
std::string_view ExceptionType(const Error& error, int status) {
  if (error.code() == "SERVE-401") return "NoSuchNamespaceException";
  if (error.code() == "SERVE-402") return "NoSuchTableException";
  if (error.code() == "SERVE-403") return "NoSuchViewException";
  if (error.code() == "SERVE-405") return "NoSuchPlanIdException";
  if (error.code() == "SERVE-406") return "NoSuchPlanTaskException";
  if (error.code() == "SERVE-404" || error.code() == "LAKE-206") return "NamespaceNotEmptyException";
  switch (status) {
    case 400: return "BadRequestException";
    case 401: return "NotAuthorizedException";
    case 403: return "ForbiddenException";
    case 404: return "NotFoundException";
    case 405:
    case 406: return "UnsupportedOperationException";
    case 409: return error.kind() == ErrorKind::kExists ? "AlreadyExistsException" : "CommitFailedException";
    case 503: return "ServiceUnavailableException";
    default: return error.retry() == Retry::kUnknownOutcome ? "CommitStateUnknownException" : "InternalServerError";
  }
}

std::vector<std::string> SplitLevels(std::string_view text, char separator) {
  std::vector<std::string> levels;
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string_view::npos; start = end + 1) {
    levels.emplace_back(text.substr(start, end - start));
  }
  levels.emplace_back(text.substr(start));
  return levels;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string DecodeNamespace(std::string_view segment, bool plus_is_space) {
  return JoinNamespace(SplitLevels(PercentDecode(segment, plus_is_space), '\x1f'));
}

/// No object can have such a name, and not every state store takes it as text. SERVE-303.
Status CheckText(const std::string& name) {
  bool plain = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      return MakeError("SERVE-303", ErrorKind::kUsage, "a name in the request's path has a control character");
    plain = plain && byte < 0x80;
  }
  if (plain || json::accept("\"" + Escaped(name) + "\"")) return Ok();
  return MakeError("SERVE-303", ErrorKind::kUsage, "a name in the request's path is not UTF-8");
}

}  // namespace

Result<json> ParseBody(const Request& request) {
  if (TooDeep(request.body)) {
    return MakeError("SERVE-302", ErrorKind::kUsage, "the request's JSON is nested deeper than {} levels", kMaxDepth);
  }
  json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded() || !body.is_object()) {
    return MakeError("SERVE-302", ErrorKind::kUsage, "the request's body must be a JSON object");
  }
  return body;
}

Result<std::string> StringMember(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return WrongMember(name, "a string");
  return member->get<std::string>();
}

Result<lake::Properties> PropertiesMember(const json& object, const char* name) {
  lake::Properties properties;
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return properties;
  if (!member->is_object()) return WrongMember(name, "an object of strings");
  for (const auto& [key, value] : member->items()) {
    if (!value.is_string()) return WrongMember(name, "an object of strings");
    properties[key] = value.get<std::string>();
  }
  return properties;
}

Response JsonResponse(const json& body, int status) {
  return TextResponse(status, body.dump(-1, ' ', false, json::error_handler_t::replace));
}

Response ErrorResponse(const Error& error) {
  int status = HttpStatus(error.kind());
  if (error.code() == "SERVE-203") status = 401;
  if (error.code() == "SERVE-308") status = 405;
  if (error.code() == "LAKE-204") status = 403;  // the branch was closed while the request was on its way
  if (error.retry() == Retry::kUnknownOutcome) status = 500;
  std::string message = error.message();
  if (!error.hint().empty()) message += "; " + error.hint();
  // Where the state is and what is wrong with it is for the server's log.
  if (status == 503 && error.code().starts_with("STATE-")) message = "the state store does not answer now: try again";
  Response response = JsonResponse(
      {{"error",
        {{"message", message + " [" + error.code() + "]"}, {"type", ExceptionType(error, status)}, {"code", status}}}},
      status);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Response MethodNotAllowed(const Request& request, const std::string& methods) {
  Response response = ErrorResponse(
      MakeError("SERVE-308", ErrorKind::kUnsupported, "{} is not supported on {}", request.method, request.path)
          .WithHint("use " + methods));
  response.headers.emplace_back("Allow", methods);
  return response;
}

std::string JoinNamespace(const std::vector<std::string>& levels) {
  std::string joined;
  for (const std::string& level : levels) joined += (joined.empty() ? "" : ".") + level;
  return joined;
}

json NamespaceJson(const std::string& ns) { return SplitLevels(ns, '.'); }

Result<std::string> NamespaceMember(const json& object) {
  const auto member = object.find("namespace");
  if (member == object.end() || !member->is_array() || member->empty()) {
    return WrongMember("namespace", "an array of names");
  }
  std::vector<std::string> levels;
  for (const json& level : *member) {
    if (!level.is_string() || level.get_ref<const std::string&>().empty()) {
      return WrongMember("namespace", "an array of names");
    }
    if (level.get_ref<const std::string&>().find('.') != std::string::npos) {
      return MakeError("SERVE-303", ErrorKind::kUsage, "the level '{}' of a namespace has a dot",
                       level.get_ref<const std::string&>())
          .WithHint("dots part the levels of a namespace: send it as levels of their own, or choose another name");
    }
    levels.push_back(level.get<std::string>());
  }
  return JoinNamespace(levels);
}

Result<lake::TableName> TableIdentifier(const json& object) {
  if (!object.is_object()) return WrongMember("identifier", "an object with 'namespace' and 'name'");
  LEAT_ASSIGN(std::string ns, NamespaceMember(object));
  LEAT_ASSIGN(std::string name, StringMember(object, "name"));
  return lake::TableName{std::move(ns), std::move(name)};
}

json IdentifierJson(const lake::TableName& name) {
  return {{"namespace", NamespaceJson(name.ns)}, {"name", name.name}};
}

Result<std::string> NamespaceOfSegment(Call& call, std::string_view segment) {
  std::string literal = DecodeNamespace(segment, false);
  LEAT_TRY(CheckText(literal));
  if (segment.find('+') == std::string_view::npos) return literal;
  LEAT_ASSIGN(const auto found, call.catalog.FindNamespace(call.view, literal));
  return found ? literal : DecodeNamespace(segment, true);
}

Result<lake::TableName> TableOfSegments(Call& call, std::string_view ns_segment, std::string_view table_segment) {
  lake::TableName name;
  LEAT_ASSIGN(name.ns, NamespaceOfSegment(call, ns_segment));
  name.name = PercentDecode(table_segment, false);
  LEAT_TRY(CheckText(name.name));
  if (table_segment.find('+') == std::string_view::npos) return name;
  LEAT_ASSIGN(const auto found, call.catalog.FindTable(call.view, name));
  if (!found) name.name = PercentDecode(table_segment, true);
  return name;
}

Result<lake::Properties> RequireNamespace(Call& call, const std::string& ns) {
  LEAT_ASSIGN(auto properties, call.catalog.FindNamespace(call.view, ns));
  if (!properties) {
    return MakeError("SERVE-401", ErrorKind::kNotFound, "namespace does not exist: {}", ns)
        .WithHint("create it first, or check the spelling: names are found exactly");
  }
  return std::move(*properties);
}

Status CheckReach(const Call& call, const lake::TableName& name) {
  if (call.who.tables.AllowTable(name.ns, name.name)) return Ok();
  return MakeError("SERVE-206", ErrorKind::kPermission, "this token does not reach {}", name.ToString())
      .WithHint("ask for a token that does: `leat serve token create --tables ...`");
}

Result<lake::Entry> RequireObject(Call& call, const lake::TableName& name, lake::ObjectKind kind) {
  LEAT_TRY(CheckReach(call, name));
  LEAT_ASSIGN(auto entry, call.catalog.FindTable(call.view, name));
  if (entry && entry->kind == kind) return std::move(*entry);
  if (kind == lake::ObjectKind::kView) {
    return MakeError("SERVE-403", ErrorKind::kNotFound, "view does not exist: {}", name.ToString());
  }
  return MakeError("SERVE-402", ErrorKind::kNotFound, "table does not exist: {}", name.ToString());
}

Status RequireFree(Call& call, const lake::TableName& name) {
  LEAT_TRY(CheckReach(call, name));
  LEAT_ASSIGN(const auto entry, call.catalog.FindTable(call.view, name));
  if (!entry) return Ok();
  return MakeError("LAKE-202", ErrorKind::kExists, "{} already exists: {}",
                   entry->kind == lake::ObjectKind::kView ? "view" : "table", name.ToString());
}

Result<bool> FlagOfQuery(const Request& request, std::string_view name) {
  std::string text(request.Query(name));
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return MakeError("SERVE-303", ErrorKind::kUsage, "{} must be true or false, not '{}'", name, request.Query(name));
}

Result<std::vector<std::string>> Page(const Request& request, std::vector<std::string> names, std::string& next) {
  std::sort(names.begin(), names.end());
  next.clear();
  const std::string_view token = request.Query("pageToken");
  const std::string_view size_text = request.Query("pageSize");
  int64_t size = 0;
  const auto parsed = std::from_chars(size_text.data(), size_text.data() + size_text.size(), size);
  if (!size_text.empty() &&
      (parsed.ec != std::errc() || parsed.ptr != size_text.data() + size_text.size() || size <= 0)) {
    return MakeError("SERVE-303", ErrorKind::kUsage, "pageSize must be a number above 0, not '{}'", size_text);
  }
  if (request.query.count("pageToken") == 0) return names;
  // The token is the last name of the page before: names that come and go in between neither repeat nor hide others.
  if (!token.empty()) names.erase(names.begin(), std::upper_bound(names.begin(), names.end(), token));
  if (size > 0 && names.size() > static_cast<uint64_t>(size)) {
    names.resize(static_cast<size_t>(size));
    next = names.back();
  }
  return names;
}

lake::CommitInfo CommitOf(const Call& call, std::string message) {
  lake::CommitInfo info;
  info.author = call.who.user;
  info.run_id = NewUuidV7();
  info.message = std::move(message);
  info.kind = "external";
  return info;
}

}  // namespace leat::serve::iceberg
