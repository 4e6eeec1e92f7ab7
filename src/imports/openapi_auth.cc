#include "imports/openapi_auth.h"

#include <algorithm>

#include "imports/hidden_texts.h"
#include "imports/node_reading.h"

namespace leat::imports {
namespace {

using config::Node;

std::string TextAt(const Node* node, const char* key) {
  const Node* value = node == nullptr ? nullptr : node->Find(key);
  return value != nullptr && value->is_scalar() ? value->scalar : "";
}

/// The first server's address, its variables put in; "" where it is not whole.
std::string ServerAddress(const OpenApiDocument& document) {
  const Node* servers = document.root().Find("servers");
  if (servers == nullptr || servers->items.empty()) return "";
  const Node& server = servers->items[0];
  std::string url = TextAt(&server, "url");
  if (const Node* variables = server.Find("variables")) {
    for (const Node::Member& one : variables->members)
      url = Replaced(url, fmt::format("{{{}}}", one.key), TextAt(&one.value, "default"));
  }
  const bool whole = url.starts_with("http://") || url.starts_with("https://");
  if (!whole || url.find('{') != std::string::npos) return "";
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// A requirement is a map of schemes that hold together; several are alternatives. What holds for an operation, else for all.
const Node* RequirementsOf(const OpenApiDocument& document, const Node& operation) {
  const Node* own = operation.Find("security");
  return own != nullptr ? own : document.root().Find("security");
}

bool IsFulfilled(const Node& requirement, const std::set<std::string>& schemes) {
  return std::all_of(requirement.members.begin(), requirement.members.end(),
                     [&](const Node::Member& one) { return schemes.contains(one.key); });
}

class Auth {
 public:
  Auth(const OpenApiDocument& document, ApiConnection& connection, SecretNames& secrets)
      : schemes_(document.Find(document.Find(&document.root(), "components"), "securitySchemes")),
        document_(document),
        connection_(connection),
        secrets_(secrets) {}

  /// The first requirement that a connection can fulfil.
  void Take(const std::vector<const Node*>& requirements) {
    for (const Node* requirement : requirements) {
      const bool possible =
          std::all_of(requirement->members.begin(), requirement->members.end(),
                      [&](const Node::Member& one) { return CanBe(document_.Find(schemes_, one.key)); });
      if (!possible || requirement->members.empty()) continue;
      for (const Node::Member& one : requirement->members) Add(one.key, one.value);
      return;
    }
    std::string names;
    for (const Node* requirement : requirements) {
      for (const Node::Member& one : requirement->members) names += (names.empty() ? "" : ", ") + one.key;
    }
    if (!names.empty())
      connection_.notes.push_back("who asks is proved in a way that has no counterpart (" + names +
                                  "): write `auth:` of the connection");
  }

 private:
  static bool CanBe(const Node* scheme) {
    const std::string type = TextAt(scheme, "type");
    const std::string http = TextAt(scheme, "scheme");
    return type == "apiKey" || type == "oauth2" || type == "openIdConnect" ||
           (type == "http" && (BareName(http) == "basic" || BareName(http) == "bearer"));
  }

  std::string Secret(const std::string& what) {
    return secrets_.Reference(fmt::format("{}_{}", connection_.draft.name, what), "");
  }

  void SetAuth(const std::vector<std::pair<std::string, std::string>>& members, const std::string& reason) {
    Node auth = MapNode({});
    for (const auto& [key, value] : members) {
      if (!value.empty()) auth.members.push_back({key, {}, TextNode(value)});
    }
    if (connection_.draft.members.Find("auth") != nullptr) {
      connection_.notes.push_back("a request needs a second proof of who asks: " + reason);
      return;
    }
    connection_.draft.members.Set("auth", std::move(auth), reason);
  }

  /// A further key, beside the one of `auth`.
  void AddTo(const char* member, const std::string& name, const std::string& value, const std::string& reason) {
    const Node* old = connection_.draft.members.Find(member);
    Node map = old == nullptr ? MapNode({}) : *old;
    map.members.push_back({name, {}, TextNode(value)});
    connection_.draft.members.Set(member, std::move(map), reason);
  }

  void Add(const std::string& name, const Node& scopes) {
    const Node* scheme = document_.Find(schemes_, name);
    const std::string type = TextAt(scheme, "type");
    const std::string reason = "security scheme " + name;
    connection_.schemes.insert(name);
    if (type == "http") {
      if (BareName(TextAt(scheme, "scheme")) == "basic") {
        return SetAuth({{"type", "basic"}, {"user", Secret("user")}, {"password", Secret("password")}}, reason);
      }
      return SetAuth({{"type", "bearer"}, {"token", Secret("token")}}, reason);
    }
    if (type == "openIdConnect") {
      return SetAuth({{"type", "bearer"}, {"token", Secret("token")}},
                     reason + " (OpenID Connect): the token is got by whoever sets the secret");
    }
    if (type == "oauth2") return OAuth(*scheme, scopes, reason);
    const std::string key = TextAt(scheme, "name");
    const std::string in = TextAt(scheme, "in");
    if (in == "cookie") return AddTo("headers", "Cookie", key + "=" + Secret(key), reason);
    if (connection_.draft.members.Find("auth") != nullptr)
      return AddTo(in == "query" ? "params" : "headers", key, Secret(key), reason);
    SetAuth({{"type", "api_key"}, {"name", key}, {"key", Secret("key")}, {"in", in == "query" ? "query" : ""}}, reason);
  }

  void OAuth(const Node& scheme, const Node& scopes, const std::string& reason) {
    const Node* flows = document_.Find(&scheme, "flows");
    const Node* client = document_.Find(flows, "clientCredentials");
    std::string words;
    for (const Node& scope : scopes.items) words += (words.empty() ? "" : " ") + scope.scalar;
    if (client != nullptr) {
      return SetAuth({{"type", "oauth2"},
                      {"token_url", TextAt(client, "tokenUrl")},
                      {"client_id", Secret("client_id")},
                      {"client_secret", Secret("client_secret")},
                      {"scope", words}},
                     reason + ", client credentials");
    }
    const Node* code = document_.Find(flows, "authorizationCode");
    const std::string token_url =
        TextAt(code, "refreshUrl").empty() ? TextAt(code, "tokenUrl") : TextAt(code, "refreshUrl");
    if (!token_url.empty()) {
      return SetAuth({{"type", "oauth2"},
                      {"grant", "refresh_token"},
                      {"token_url", token_url},
                      {"client_id", Secret("client_id")},
                      {"client_secret", Secret("client_secret")},
                      {"refresh_token", Secret("refresh_token")},
                      {"scope", words}},
                     reason + ": people agree in a browser, once; the refresh token comes of that");
    }
    SetAuth({{"type", "bearer"}, {"token", Secret("token")}}, reason + ": the token is got by whoever sets the secret");
  }

  const Node* schemes_;
  const OpenApiDocument& document_;
  ApiConnection& connection_;
  SecretNames& secrets_;
};

}  // namespace

std::string AsksForMore(const OpenApiDocument& document, const Node& operation, const std::set<std::string>& schemes) {
  const Node* requirements = RequirementsOf(document, operation);
  if (requirements == nullptr || requirements->items.empty()) return "";
  std::string names;
  for (const Node& requirement : requirements->items) {
    if (IsFulfilled(requirement, schemes)) return "";
    for (const Node::Member& one : requirement.members) names += (names.empty() ? "" : ", ") + one.key;
  }
  return names;
}

Result<ApiConnection> ReadApiConnection(const OpenApiDocument& document, const std::string& name,
                                        const std::string& url, const std::string& file, SecretNames& secrets) {
  ApiConnection connection;
  connection.draft.name = name;
  connection.draft.type = "http";
  const std::string address = url.empty() ? ServerAddress(document) : url;
  const Node* servers = document.root().Find("servers");
  if (address.empty()) {
    const bool some = servers != nullptr && !servers->items.empty();
    return MakeError("APP-217", ErrorKind::kConfig, "{}: {}", file,
                     some ? "the first server's address is not a whole one" : "no server is named")
        .WithHint("say where the API is: --url https://api.example.com/v1")
        .At(some ? servers->items[0].span : document.root().span);
  }
  const size_t others = servers == nullptr || servers->items.empty() ? 0 : servers->items.size() - 1;
  connection.draft.members.Set("url", HiddenInAddress(address, name, secrets),
                               !url.empty()  ? "--url"
                               : others == 0 ? "the document's server"
                                             : fmt::format("the first of {} servers of the document", others + 1));
  std::vector<const Node*> requirements;
  const auto collect = [&](const Node* list) {
    if (list == nullptr || !requirements.empty()) return;
    for (const Node& one : list->items) {
      if (one.is_map() && !one.members.empty()) requirements.push_back(&one);
    }
  };
  collect(document.root().Find("security"));
  for (const Node::Member& path : document.root().Find("paths")->members) {
    const Node* get = document.Find(&path.value, "get");
    collect(get == nullptr ? nullptr : get->Find("security"));
  }
  Auth(document, connection, secrets).Take(requirements);
  return connection;
}

}  // namespace leat::imports
