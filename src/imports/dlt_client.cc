#include "imports/dlt_client.h"

#include "config/scalar.h"
#include "data/json_path.h"
#include "imports/dlt_keys.h"
#include "imports/hidden_texts.h"
#include "imports/python_literal.h"

namespace leat::imports {
namespace {

using config::Node;

std::string Escaped(std::string text) {
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
  return text;
}

std::string TypeOfMap(const Node& node, const std::string& otherwise) {
  if (node.is_scalar()) return node.scalar;
  const Node* type = node.Find("type");
  return type != nullptr && type->is_scalar() ? type->scalar : otherwise;
}

/// Collects the members of a pagination, each noted.
class Pages {
 public:
  Pages(const Node& paginator, Report& report) : paginator_(paginator), report_(report) {}

  void Text(const char* key, const char* ours, const char* otherwise) {
    if (const Node::Member* member = Given(key)) {
      const auto text = DltText(member->value);
      if (!text) return report_.Impossible(member->key_span, "a text was expected");
      report_.Taken(member->key_span, std::string("pagination.") + ours);
      if (*text != otherwise) members.emplace_back(ours, TextNode(*text));
    }
  }
  void Always(const char* key, const char* ours, const char* otherwise) {
    const Node::Member* member = Given(key);
    const auto text = member == nullptr ? std::optional<std::string>(otherwise) : DltText(member->value);
    if (member != nullptr) report_.Taken(member->key_span, std::string("pagination.") + ours);
    members.emplace_back(ours, TextNode(text.value_or(otherwise)));
  }
  void Number(const char* key, const char* ours, const char* otherwise) {
    const Node::Member* member = Given(key);
    std::string text = otherwise;
    if (member != nullptr && member->value.is_scalar()) {
      const auto number = config::ParseInteger(member->value.scalar);
      if (!number || *number < 0) return report_.Impossible(member->key_span, "a whole number was expected");
      text = member->value.scalar;
      report_.Taken(member->key_span, std::string("pagination.") + ours);
    }
    if (!text.empty()) members.emplace_back(ours, WordNode(text));
  }
  /// True when a path was given.
  bool Path(const char* key, const char* ours, const char* otherwise) {
    const Node::Member* member = Given(key);
    if (member != nullptr && member->value.is_null()) report_.Taken(member->key_span, "none");
    const bool given = member != nullptr && member->value.is_scalar();
    if (!given && otherwise[0] == '\0') return false;
    const auto path = DltPath(given ? member->value.scalar : otherwise);
    if (!path) {
      report_.Impossible(member->key_span, "no path of Leat's: $.a.b[0] is what there is");
      return false;
    }
    if (given) report_.Taken(member->key_span, std::string("pagination.") + ours);
    members.emplace_back(ours, TextNode(*path));
    return true;
  }
  const Node::Member* Given(const char* key) const {
    for (const Node::Member& member : paginator_.members) {
      if (member.key == key) return &member;
    }
    return nullptr;
  }

  std::vector<std::pair<std::string, Node>> members;

 private:
  const Node& paginator_;
  Report& report_;
};

/// A value that proves who asks. What only Python knows, and what is written out, becomes a secret of its own.
Node Hidden(const Node::Member& member, const std::string& hint, SecretNames& secrets, Report& report) {
  if (const std::string* reference = PythonReference(member.value)) {
    report.Taken(member.key_span, *reference);
    return TextNode(*reference);
  }
  const std::string* expression = PythonExpression(member.value);
  const std::string value = expression != nullptr ? "" : member.value.scalar;
  const std::string reference = secrets.Reference(hint + "_" + member.key, value);
  const std::string name = SecretNameOf(reference);
  if (expression != nullptr) {
    report.Changed(member.key_span, "its value is known to Python alone: `leat secret set " + name + "` keeps it");
  } else {
    report.Taken(member.key_span, reference + "; `leat secret set " + name + "` keeps it");
  }
  return TextNode(reference);
}

}  // namespace

std::optional<std::string> DltText(const Node& node) {
  if (const std::string* reference = PythonReference(node)) return *reference;
  if (!node.is_scalar()) return std::nullopt;
  return Escaped(node.scalar);
}

std::optional<std::string> DltPath(const std::string& text) {
  const std::string path = text.starts_with('$') ? text : text.starts_with('[') ? "$" + text : "$." + text;
  if (!data::JsonPath::Parse(path).ok()) return std::nullopt;
  return path;
}

DltPages DltPagination(const Node& paginator, const SourceSpan& place, Report& report) {
  const std::string type = TypeOfMap(paginator, "auto");
  const auto keys = DltPaginatorKeys(type);
  if (PythonExpression(paginator) != nullptr || keys.empty()) {
    report.Impossible(place,
                      PythonExpression(paginator) != nullptr
                          ? "a paginator of your own: write `pagination:` of the tables by hand"
                          : "no paginator of dlt is called '" + type + "': write `pagination:` of the tables by hand");
    return {std::nullopt, false};
  }
  if (type == "auto" || type == "header_cursor") {
    report.Impossible(
        place,
        type == "auto"
            ? "dlt finds out how an API gives more rows while it runs: look it up and write `pagination:`, else only "
              "the first answer is loaded"
            : "a cursor is taken from the answer's body, not from a header: only the first answer is loaded");
    if (paginator.is_map()) report.Keys(paginator, place, keys, "a paginator " + type);
    return {std::nullopt, false};
  }
  if (paginator.is_map()) report.Keys(paginator, place, keys, "a paginator " + type);
  Pages pages(paginator, report);
  std::string ours;
  if (const Node::Member* empty = pages.Given("stop_after_empty_page"); empty != nullptr && type != "cursor") {
    report.Changed(empty->key_span,
                   "pages end with the first that has fewer rows than the one before it, or at `total`");
  }
  if (type == "page_number") {
    ours = "page";
    pages.Text("page_param", "param", "page");
    if (pages.Given("page") != nullptr) {
      pages.Number("page", "start", "0");
      if (const Node::Member* base = pages.Given("base_page")) report.Taken(base->key_span, "pagination.start");
    } else {
      pages.Number("base_page", "start", "0");
    }
    pages.Path("total_path", "total", "");
    pages.Path("has_more_path", "more", "");
  } else if (type == "offset") {
    ours = "offset";
    pages.Text("offset_param", "param", "offset");
    pages.Always("limit_param", "size_param", "limit");
    pages.Number("limit", "size", "100");
    if (pages.Given("offset") != nullptr) pages.Number("offset", "start", "");
    pages.Path("total_path", "total", "");
    pages.Path("has_more_path", "more", "");
  } else if (type == "cursor") {
    ours = "cursor";
    pages.Text("cursor_param", "param", "cursor");
    pages.Path("cursor_path", "next", "cursors.next");
    pages.Path("has_more_path", "more", "");
  } else if (type == "header_link") {
    ours = "link";
    const Node::Member* key = pages.Given("links_next_key");
    if (key != nullptr && key->value.scalar != "next")
      report.Impossible(key->key_span, "the link with rel=\"next\" is followed");
    else if (key != nullptr) report.Taken(key->key_span, "the link with rel=\"next\"");
  } else if (type == "json_link" || type == "json_response") {
    ours = "next_url";
    pages.Path("next_url_path", "next", "next");
  }
  const Node::Member* const word = pages.Given("type");
  const std::string text = ours.empty() ? "no pagination: one answer has all rows" : "pagination of type " + ours;
  report.Taken(word == nullptr ? place : word->key_span, text);
  if (ours.empty()) return {};
  const bool by_rows = ours == "page" || ours == "offset";
  bool total = false;
  for (const auto& [key, value] : pages.members) total = total || key == "total" || key == "more";
  if (by_rows && !total)
    report.Changed(
        place, text + "; pages end with the first that has fewer rows than the first one had, dlt's with an empty one");
  pages.members.insert(pages.members.begin(), {"type", TextNode(ours)});
  return {MapNode(pages.members), true};
}

void DltAuth(const Node& auth, const SourceSpan& place, const std::string& hint, ConnectionDraft& connection,
             SecretNames& secrets, Report& report) {
  const std::string type = TypeOfMap(auth, "bearer");
  const auto keys = DltAuthKeys(type);
  if (auth.is_null()) return report.Taken(place, "none");
  if (PythonExpression(auth) != nullptr || PythonReference(auth) != nullptr || keys.empty()) {
    return report.Impossible(
        place, "an authorisation of your own: write `auth:` of the connection (`leat describe source http`)");
  }
  if (auth.is_map()) report.Keys(auth, place, keys, "an authorisation " + type);
  const auto find = [&](const char* key) -> const Node::Member* {
    for (const Node::Member& member : auth.members) {
      if (member.key == key) return &member;
    }
    return nullptr;
  };
  const auto text = [&](const char* key, const char* otherwise) -> std::string {
    const Node::Member* member = find(key);
    if (member == nullptr) return otherwise;
    const auto value = DltText(member->value);
    if (value) report.Taken(member->key_span, "auth");
    return value ? *value : Hidden(*member, hint, secrets, report).scalar;
  };
  const auto hidden = [&](const char* key) -> Node {
    const Node::Member* member = find(key);
    if (member != nullptr) return Hidden(*member, hint, secrets, report);
    Node reference = TextNode(secrets.Reference(hint + "_" + key, ""));
    report.Changed(place, std::string(key) + " comes from dlt's own configuration: `leat secret set " +
                              SecretNameOf(reference.scalar) + "` keeps it");
    return reference;
  };
  if (const Node::Member* word = find("type")) report.Taken(word->key_span, "auth.type");
  Node made;
  if (type == "bearer") {
    made = MapNode({{"type", TextNode("bearer")}, {"token", hidden("token")}});
  } else if (type == "http_basic") {
    made = MapNode(
        {{"type", TextNode("basic")}, {"user", TextNode(text("username", ""))}, {"password", hidden("password")}});
  } else if (type == "api_key") {
    const std::string location = text("location", "header");
    const std::string name = text("name", "Authorization");
    const Node key = hidden("api_key");
    if (location == "cookie") {
      report.Changed(find("location")->key_span, "the header Cookie of each request");
      Node headers = MapNode({{"Cookie", TextNode(name + "=" + key.scalar)}});
      return connection.members.Set("headers", std::move(headers));
    }
    made = MapNode({{"type", TextNode("api_key")},
                    {"name", TextNode(name)},
                    {"key", key},
                    {"in", TextNode(location == "header" ? "header" : "query")}});
  } else {
    made = MapNode({{"type", TextNode("oauth2")},
                    {"token_url", TextNode(text("access_token_url", ""))},
                    {"client_id", TextNode(text("client_id", ""))},
                    {"client_secret", hidden("client_secret")},
                    {"client_in", TextNode("body")}});
    if (const Node::Member* data = find("access_token_request_data")) {
      for (const Node::Member& one : data->value.members) {
        const auto value = DltText(one.value);
        if ((one.key == "scope" || one.key == "audience") && value) {
          made.members.push_back({one.key, {}, TextNode(*value)});
          report.Taken(one.key_span, "auth." + one.key);
        } else if (one.key == "grant_type" && value == "client_credentials") {
          report.Taken(one.key_span, "auth.grant");
        } else {
          report.Impossible(one.key_span, "a token is asked for with scope and audience alone");
        }
      }
    }
  }
  connection.members.Set("auth", std::move(made));
}

std::optional<Node> DltHeaders(const Node& headers, const std::string& hint, SecretNames& secrets, Report& report) {
  Node made = MapNode({});
  for (const Node::Member& member : headers.members) {
    const auto text = DltText(member.value);
    if (ProvesWhoAsks(member.key, text.value_or("")) && PythonReference(member.value) == nullptr) {
      const std::string words = text.value_or("");
      const size_t blank = words.find(' ');  // "Bearer abc": the word before is no secret
      if (text && blank != std::string::npos) {
        const std::string reference = secrets.Reference(hint + "_" + member.key, words.substr(blank + 1));
        report.Taken(member.key_span, reference + "; `leat secret set " + SecretNameOf(reference) + "` keeps it");
        made.members.push_back({member.key, {}, TextNode(words.substr(0, blank + 1) + reference)});
      } else {
        made.members.push_back({member.key, {}, Hidden(member, hint, secrets, report)});
      }
    } else if (text) {
      made.members.push_back({member.key, {}, TextNode(*text)});
      report.Taken(member.key_span, "headers");
    } else {
      report.Impossible(member.key_span, "its value is known to Python alone: write it into `headers:`");
    }
  }
  if (made.members.empty()) return std::nullopt;
  return made;
}

}  // namespace leat::imports
