#include "imports/openapi_resource.h"

#include <fnmatch.h>

#include <algorithm>
#include <span>

#include "base/lower.h"
#include "base/plain_name.h"
#include "imports/node_reading.h"
#include "imports/openapi_pages.h"

namespace leat::imports {
namespace {

using config::Node;
using Kind = ApiShape::Kind;

constexpr std::string_view kLists[] = {"data", "items", "results", "records", "value", "rows", "entries", "content"};
constexpr std::string_view kWrappers[] = {"data",     "result",  "results", "response",
                                          "embedded", "payload", "body",    "output"};
constexpr size_t kLevels = 2;  ///< of an answer, to its list of rows

/// /v1, /api and the like say nothing of what stands there.
bool IsVersion(const std::string& segment) {
  const std::string word = Lower(segment);
  const bool number =
      word.size() > 1 && word[0] == 'v' && word.find_first_not_of("0123456789.", 1) == std::string::npos;
  return number || word == "api" || word == "rest";
}

std::string NameOfPath(const std::string& path) {
  std::string name;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    std::string segment = path.substr(begin, end - begin);
    begin = end + 1;
    if (segment.ends_with(".json")) segment.resize(segment.size() - 5);
    if (segment.empty() || segment.find('{') != std::string::npos || IsVersion(segment)) continue;
    name += (name.empty() ? "" : "_") + segment;
  }
  return EntryNameOf(name.empty() ? "root" : name);
}

/// A text of the document in a place where Leat has placeholders and references of its own.
std::string Plain(const std::string& text) { return Replaced(Replaced(text, "{", "{{"), "${", "$${"); }

class Reader {
 public:
  Reader(const OpenApiDocument& document, ApiResource& resource) : document_(document), resource_(resource) {}

  void Read(const Node& path_item) {
    const Node* answer = Answer();
    if (answer == nullptr) return;
    if (!path_item.is_map() || path_item.Find("servers") != nullptr || resource_.get->Find("servers") != nullptr)
      return Not("it is at another server: make a connection for it");
    const auto params = document_.Params(path_item, *resource_.get);
    const ApiPages pages = FindPages(document_, params, answer, HasLink());
    if (!Rows(answer)) return;
    const auto since = FindSince(params, resource_.row);
    resource_.request.Set("path", resource_.path);
    Params(params, pages, since);
    if (!resource_.why_not.empty()) return;
    if (!records_.empty()) resource_.request.Set("records", records_, records_reason_);
    if (!format_.empty()) resource_.request.Set("format", format_, "its answers are " + kind_);
    if (pages.pagination) {
      resource_.request.Set("pagination", *pages.pagination, pages.reason);
    } else if (format_.empty()) {
      resource_.notes.push_back(
          "nothing in the document tells how more rows than one answer are asked for: do all come at once? If not, say how: `pagination:`");
    }
    if (since) {
      resource_.updated = since->member;
      resource_.updated_reason = "`" + since->param + "` asks for what changed since then";
      resource_.time_format = since->time_format;
    }
  }

 private:
  void Not(const std::string& why) { resource_.why_not = why; }

  /// The schema of what a good answer holds.
  const Node* Answer() {
    const Node* responses = document_.Find(resource_.get, "responses");
    const Node* response = nullptr;
    for (const char* code : {"200", "2XX", "2xx", "default"}) {
      if (response == nullptr) response = document_.Find(responses, code);
    }
    response_ = response;
    const Node* content = document_.Find(response, "content");
    if (content == nullptr || content->members.empty()) {
      Not("what it answers is not described");
      return nullptr;
    }
    const Node* media = nullptr;
    for (const Node::Member& one : content->members) {
      const std::string type = Lower(one.key.substr(0, one.key.find(';')));
      const bool json = type.ends_with("json") || type == "*/*" || type == "application/*";
      const bool lines = type.find("ndjson") != std::string::npos || type.find("jsonl") != std::string::npos ||
                         type.find("json-seq") != std::string::npos;
      if (media == nullptr || (json && !lines && !format_.empty())) {
        if (!json && !lines && type != "text/csv") continue;
        media = document_.Resolved(&one.value);
        format_ = lines ? "ndjson" : type == "text/csv" ? "csv" : "";
        kind_ = type;
      }
    }
    if (media == nullptr) {
      Not("its answers are " + content->members[0].key + ", not JSON, JSON lines or csv");
      return nullptr;
    }
    const Node* schema = document_.Find(media, "schema");
    if (schema == nullptr) Not("what it answers has no schema in this document");
    return schema;
  }

  bool HasLink() const {
    const Node* headers = document_.Find(response_, "headers");
    return headers != nullptr && std::any_of(headers->members.begin(), headers->members.end(),
                                             [](const Node::Member& one) { return Lower(one.key) == "link"; });
  }

  /// The lists of an answer that may be its rows: those of the answer itself, else those of a member that only wraps it up. Lists of one
  /// thing (/people/7) are part of it.
  std::vector<ApiMember> Lists(const Node* answer) const {
    std::vector<ApiMember> lists = document_.Members(answer, kLevels);
    std::erase_if(lists, [](const ApiMember& one) { return one.shape.kind != Kind::kList; });
    const size_t outer = lists.empty() ? 0 : lists[0].depth;
    const auto of_objects = [&](const ApiMember& one) {
      return document_.ShapeOf(one.shape.items).kind == Kind::kObject;
    };
    const auto is_named = [](const std::string& name, std::span<const std::string_view> names) {
      return std::find(names.begin(), names.end(), BareName(name)) != names.end();
    };
    const bool any_of_objects = std::any_of(lists.begin(), lists.end(), of_objects);
    const bool one_thing = resource_.path.ends_with('}');
    std::erase_if(lists, [&](const ApiMember& one) {
      const bool of_a_thing =
          one.depth > 1 ? !is_named(one.parent, kWrappers) : one_thing && !is_named(one.name, kLists);
      return one.depth != outer || of_a_thing || (any_of_objects && !of_objects(one));
    });
    return lists;
  }

  /// Where the rows stand, and what they are.
  bool Rows(const Node* answer) {
    const ApiShape shape = document_.ShapeOf(answer);
    if (!format_.empty()) {  // each line is a row
      resource_.row = shape.kind == Kind::kList ? document_.ShapeOf(shape.items) : shape;
      return true;
    }
    if (shape.kind == Kind::kList) {
      resource_.row = document_.ShapeOf(shape.items);
      return true;
    }
    const std::vector<ApiMember> lists = Lists(answer);
    const ApiMember* found = lists.size() == 1 ? &lists[0] : nullptr;
    std::string reason = "the one list of the answer";
    if (lists.size() > 1) {
      const std::string last = BareName(resource_.path.substr(resource_.path.rfind('/') + 1));
      for (const ApiMember& one : lists) {
        const std::string name = BareName(one.name);
        if (name != last && std::find(std::begin(kLists), std::end(kLists), name) == std::end(kLists)) continue;
        if (found != nullptr) found = nullptr;
        else found = &one;
      }
      reason = "the list whose name says so, of " + std::to_string(lists.size());
    }
    if (found == nullptr) {
      std::string names;
      for (const ApiMember& one : lists) names += (names.empty() ? "" : ", ") + one.path;
      Not(lists.empty() ? "its answer is one thing, no list"
                        : "its answer has several lists: write a table for each that you want, `records:` " + names);
      return false;
    }
    // An object with a key of its own is one thing that has a list.
    if (found->depth == 1 && (shape.Find("id") != nullptr || shape.Find("uuid") != nullptr)) {
      Not("its answer is one thing, no list: it has an id of its own");
      return false;
    }
    records_ = found->path;
    records_reason_ = reason;
    resource_.row = document_.ShapeOf(found->shape.items);
    return true;
  }

  void Params(const std::vector<ApiParam>& params, const ApiPages& pages, const std::optional<ApiSince>& since) {
    Node query = MapNode({}), headers = MapNode({});
    for (const ApiParam& param : params) {
      if (param.in == "path" || pages.params.contains(param.name)) continue;
      if (since && param.in == "query" && param.name == since->param) {
        query.members.push_back({param.name, {}, TextNode("{since}")});
        continue;
      }
      const std::string header = Lower(param.name);
      const bool own =
          param.in == "header" && (header == "accept" || header == "content-type" || header == "authorization");
      if (!param.required || own) continue;
      const Node* value = document_.OnlyValue(param);
      if (value == nullptr || param.in == "cookie")
        return Not("it needs the " + (param.in == "query" ? "parameter" : param.in) + " " + param.name +
                   ", and nothing tells its value");
      (param.in == "query" ? query : headers).members.push_back({param.name, {}, TextNode(Plain(value->scalar))});
    }
    if (!query.members.empty()) resource_.request.Set("params", std::move(query));
    if (!headers.members.empty()) resource_.request.Set("headers", std::move(headers));
  }

  const OpenApiDocument& document_;
  ApiResource& resource_;
  const Node* response_ = nullptr;
  std::string records_, records_reason_, format_, kind_;
};

/// The member of a row that tells rows apart, and why; "" none.
std::pair<std::string, std::string> KeyOf(const ApiResource& resource) {
  std::string thing = BareName(resource.name.substr(resource.name.rfind('_') + 1));
  std::vector<std::string> wanted = {"id", "uuid", "guid", thing + "id"};
  if (thing.ends_with('s')) wanted.push_back(thing.substr(0, thing.size() - 1) + "id");
  if (thing.ends_with("ies")) wanted.push_back(thing.substr(0, thing.size() - 3) + "yid");
  for (const std::string& name : wanted) {
    for (const auto& [member, schema] : resource.row.members) {
      if (BareName(member) == name) return {member, "the rows' " + member + "; is it the only one of its kind?"};
    }
  }
  return {};
}

}  // namespace

std::string ApiPath(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

ApiResource ReadApiResource(const OpenApiDocument& document, const Node::Member& path, const Node& path_item,
                            const Node& get) {
  ApiResource resource;
  resource.path = path.key;
  resource.name = NameOfPath(path.key);
  resource.where = path.key_span;
  resource.get = &get;
  for (const char* key : {"summary", "description"}) {
    const Node* text = get.Find(key);
    if (resource.description.empty() && text != nullptr && text->is_scalar())
      resource.description = Replaced(text->scalar.substr(0, text->scalar.find('\n')), "${", "$${");
  }
  Reader(document, resource).Read(path_item);
  if (const Node* old = get.Find("deprecated"); old != nullptr && old->scalar == "true")
    resource.notes.push_back("the API's makers advise against this path: it is deprecated");
  return resource;
}

DraftMembers LoadOf(const ApiResource& resource, const std::string& parent_member) {
  DraftMembers members;
  const auto [key, reason] = KeyOf(resource);
  const bool moves = !resource.updated.empty() && !key.empty();
  members.Set("mode", moves ? "incremental" : "full-refresh",
              moves                      ? "new and changed rows are asked for; rows that are gone stay"
              : resource.updated.empty() ? "no parameter asks for what changed since the last load"
                                         : "rows have no key that changed ones could be found by");
  if (moves) {
    members.Set("update_key", resource.updated, resource.updated_reason);
    if (!resource.time_format.empty()) members.Set("time_format", resource.time_format);
  }
  if (key.empty()) return members;
  if (parent_member.empty()) members.Set("primary_key", ListNode({key}), reason);
  else
    members.Set("primary_key", ListNode({"_parent_" + parent_member, key}),
                "the rows' " + key + ", as far as they are of one parent");
  return members;
}

std::optional<FilledPath> FillPath(const std::string& path, const ApiShape& row) {
  std::vector<std::string> names;
  for (size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1)) {
    const size_t close = path.find('}', open);
    if (close == std::string::npos) return std::nullopt;
    names.push_back(path.substr(open + 1, close - open - 1));
  }
  FilledPath filled{path, ""};
  for (const std::string& name : names) {
    const std::string bare = BareName(name);
    std::string found;
    for (const auto& [member, schema] : row.members) {
      const std::string of_row = BareName(member);
      const bool same = of_row == bare;
      const bool end = names.size() == 1 && of_row.size() > 1 && bare.ends_with(of_row);
      if (same || (end && BareName(found).size() < of_row.size())) found = member;
      if (same) break;
    }
    if (!IsPlainName(found)) return std::nullopt;
    filled.path = Replaced(filled.path, fmt::format("{{{}}}", name), fmt::format("{{parent.{}}}", found));
    if (filled.member.empty()) filled.member = found;
  }
  // Further parameters must stand right behind the first: those further on are of other things.
  const std::string_view span = std::string_view(path).substr(path.find('{'), path.rfind('{') - path.find('{'));
  const auto slashes = static_cast<size_t>(std::count(span.begin(), span.end(), '/'));
  if (slashes + 1 != names.size()) return std::nullopt;
  return filled;
}

bool MatchesName(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

}  // namespace leat::imports
