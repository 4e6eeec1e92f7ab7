#include "imports/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest.h"
#include "imports/openapi_auth.h"
#include "imports/openapi_document.h"
#include "imports/openapi_resource.h"

namespace leat::imports {
namespace {

using config::Node;

class OpenApiSource {
 public:
  OpenApiSource(const OpenApiDocument& document, const OpenApiRequest& request, Imported& imported)
      : document_(document), request_(request), imported_(imported) {}

  Status Run() {
    source_.name = request_.source;
    source_.connection = request_.connection;
    if (!request_.connection_is_there) {
      LEAT_ASSIGN(ApiConnection connection,
                  ReadApiConnection(document_, request_.connection, request_.url, request_.file, imported_.secrets));
      schemes_ = std::move(connection.schemes);
      for (std::string& note : connection.notes) source_.notes.push_back(std::move(note));
      imported_.connections.push_back(std::move(connection.draft));
    }
    for (const Node::Member& path : document_.root().Find("paths")->members) {
      const Node* item = document_.Resolved(&path.value);
      const Node* elsewhere = path.value.Find("$ref");
      if (item == nullptr && elsewhere != nullptr && request_.tables.empty())
        source_.notes.push_back(
            path.key + " (what describes it is no file beside or below the document: " + elsewhere->scalar + ")");
      const Node* get = item == nullptr ? nullptr : document_.Find(item, "get");
      if (get == nullptr || !get->is_map()) continue;
      if (resources_.emplace(ApiPath(path.key), ReadApiResource(document_, path, *item, *get)).second)
        order_.push_back(ApiPath(path.key));
    }
    for (const std::string& path : order_) Add(resources_.at(path));
    LEAT_TRY(CheckTables());
    imported_.sources.push_back(std::move(source_));
    return Ok();
  }

 private:
  void LeaveOut(const ApiResource& resource, const std::string& why) {
    if (request_.tables.empty() || IsWanted(resource.name))
      source_.notes.push_back("GET " + resource.path + " (" + why + ")");
  }

  bool IsWanted(const std::string& name) {
    bool wanted = request_.tables.empty();
    for (const std::string& pattern : request_.tables) {
      if (!MatchesName(pattern, name)) continue;
      wanted = true;
      met_.insert(pattern);
    }
    return wanted;
  }

  Status CheckTables() const {
    for (const std::string& pattern : request_.tables) {
      if (met_.contains(pattern)) continue;
      std::vector<std::string> names;
      names.reserve(resources_.size());
      for (const auto& [path, resource] : resources_) names.push_back(resource.name);
      return MakeError("APP-219", ErrorKind::kNotFound, "no path of {} is called '{}'", request_.file, pattern)
          .WithHint(DidYouMean(pattern, names) + "; --dry-run shows the names of all")
          .At({request_.file, 0, 0, 0});
    }
    return Ok();
  }

  /// A list that is asked for without anything to put into its path: "" for one that can be a parent.
  std::string WhyNoParent(const ApiResource& parent) const {
    if (!parent.why_not.empty()) return parent.path + ": " + parent.why_not;
    if (parent.path.find('{') != std::string::npos)
      return parent.path + " needs a parent itself, and one level is what there is";
    return Keys(parent);
  }

  /// "" when the connection's keys are enough.
  std::string Keys(const ApiResource& resource) const {
    if (request_.connection_is_there) return "";
    const std::string more = AsksForMore(document_, *resource.get, schemes_);
    return more.empty() ? "" : "it asks for another proof of who asks: " + more;
  }

  void Add(const ApiResource& resource) {
    if (!resource.why_not.empty()) return LeaveOut(resource, resource.why_not);
    if (const std::string keys = Keys(resource); !keys.empty()) return LeaveOut(resource, keys);
    TableDraft table;
    table.where = resource.where;
    table.members.Set("name", resource.name, "GET " + resource.path);
    if (!resource.description.empty()) table.members.Set("description", resource.description);
    DraftMembers request = resource.request;
    std::string parent_member;
    if (resource.path.find('{') != std::string::npos) {
      std::string why;
      if (!Parent(resource, table, request, parent_member, why)) return LeaveOut(resource, why);
    }
    if (!IsWanted(resource.name)) return;
    table.members.Set("name", source_.FreeName(resource.name), "GET " + resource.path);
    for (DraftMember& member : request) table.members.push_back(std::move(member));
    for (const DraftMember& member : LoadOf(resource, parent_member)) table.members.push_back(member);
    for (const std::string& note : resource.notes) table.notes.push_back(note);
    source_.tables.push_back(std::move(table));
  }

  /// Fills the path from the rows of the list above it.
  bool Parent(const ApiResource& resource, TableDraft& table, DraftMembers& request, std::string& parent_member,
              std::string& why) {
    const size_t open = resource.path.find('{');
    const std::string above = ApiPath(resource.path.substr(0, open));
    const auto parent = resources_.find(above);
    const std::string first = resource.path.substr(open, resource.path.find('}', open) + 1 - open);
    if (resource.path[open - 1] != '/' || parent == resources_.end()) {
      why = "nothing gives its " + first + ": " + above + " has no GET";
      return false;
    }
    why = WhyNoParent(parent->second);
    if (!why.empty()) {
      why = "nothing gives its " + first + ": " + why;
      return false;
    }
    const auto filled = FillPath(resource.path, parent->second.row);
    if (!filled) {
      why = std::count(resource.path.begin(), resource.path.end(), '{') > 1
                ? "it is below things of several lists, and one level is what there is"
                : "nothing tells what gives its " + first + ": rows of " + above + " have no member of that name";
      return false;
    }
    Node node = MapNode({});
    for (const DraftMember& member : parent->second.request) {
      Node value = member.value;
      if (member.key == "params")  // all parents are asked for each time
        std::erase_if(value.members, [](const Node::Member& one) { return one.value.scalar == "{since}"; });
      if (!value.is_map() || !value.members.empty()) node.members.push_back({member.key, {}, std::move(value)});
    }
    table.members.Set("parent", std::move(node), "its rows have " + filled->member + " for " + first);
    request.Set("path", filled->path);
    parent_member = filled->member;
    for (const std::string& note : parent->second.notes) table.notes.push_back("of its parent: " + note);
    return true;
  }

  const OpenApiDocument& document_;
  const OpenApiRequest& request_;
  Imported& imported_;
  SourceDraft source_;
  std::set<std::string> schemes_;
  std::map<std::string, ApiResource> resources_;  ///< by path
  std::vector<std::string> order_;
  std::set<std::string> met_;  ///< patterns that mean something
};

}  // namespace

Result<Imported> ReadOpenApi(const OpenApiRequest& request) {
  LEAT_ASSIGN(const std::string text, config::ReadTextFile(request.file, request.file));
  LEAT_ASSIGN(Node root, config::ParseYaml(text, request.file));
  LEAT_ASSIGN(const OpenApiFiles files, ReadOpenApiFiles(root, request.file));
  LEAT_ASSIGN(const OpenApiDocument document, OpenApiDocument::Make(root, request.file, &files));
  Imported imported;
  imported.format = "openapi";
  imported.where = root.span.known() ? root.span : SourceSpan{request.file, 1, 1, 1};
  LEAT_TRY(OpenApiSource(document, request, imported).Run());
  LEAT_TRY(KeepFilled(imported));
  return imported;
}

}  // namespace leat::imports
