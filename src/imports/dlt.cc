#include <algorithm>
#include <filesystem>
#include <set>

#include "base/lower.h"
#include "base/plain_name.h"
#include "imports/dlt_client.h"
#include "imports/dlt_keys.h"
#include "imports/dlt_load.h"
#include "imports/dlt_resources.h"
#include "imports/dlt_text.h"
#include "imports/hidden_texts.h"
#include "imports/import.h"
#include "imports/node_reading.h"
#include "imports/python_literal.h"

namespace leat::imports {
namespace {

using config::Node;
using Member = Node::Member;

class Dlt {
 public:
  Dlt(const InputFile& file, const ImportContext& context, Imported& imported)
      : file_(file), root_(file.root), context_(context), imported_(imported), report_(imported.report) {}

  Status Run() {
    report_.Keys(root_, root_.span, DltFileKeys(), "a rest_api configuration");
    const Member* client = MemberOf(&root_, "client");
    const Member* resources = MemberOf(&root_, "resources");
    if (client == nullptr || !client->value.is_map())
      return WrongInput(client == nullptr ? root_.span : client->value.span,
                        "`client` of a rest_api configuration is a map", "write `client: { base_url: … }`");
    if (resources == nullptr || !resources->value.is_list())
      return WrongInput(resources == nullptr ? root_.span : resources->value.span,
                        "`resources` of a rest_api configuration is a list", "write `resources: [posts]`");
    source_.name = context_.source_name.empty() ? PlainNameOf(std::filesystem::path(file_.path).stem().string())
                                                : context_.source_name;
    LEAT_TRY(ReadClient(*client));
    if (const Member* defaults = MemberOf(&root_, "resource_defaults");
        defaults != nullptr && !defaults->value.is_null()) {
      if (!defaults->value.is_map())
        return WrongInput(defaults->value.span, "`resource_defaults` of a rest_api configuration is a map",
                          "write `resource_defaults: { primary_key: id }`");
      resources_.defaults = &defaults->value;
      NoteKeys(defaults->value, defaults->key_span);
    }
    for (const Node& resource : resources->value.items) AddResource(resource);
    for (const DltResource& resource : resources_.all) ReadResource(resource);
    imported_.sources.push_back(std::move(source_));
    return Ok();
  }

 private:
  Status ReadClient(const Member& client) {
    report_.Keys(client.value, client.key_span, DltClientKeys(), "a client");
    ConnectionDraft connection;
    connection.name = source_.name;
    connection.type = "http";
    const Member* url = MemberOf(&client.value, "base_url");
    const auto address = url == nullptr ? std::nullopt : DltText(url->value);
    const auto known = context_.connection.empty() ? std::nullopt : KnownConnection(context_.connection, context_);
    if (known) connection.name = known->draft.name;
    source_.connection = connection.name;
    if (!address && !known) {
      return WrongInput(url == nullptr ? client.value.span : url->value.span, "`base_url` of the client is a text",
                        "write the API's address, or name a connection of type http that has it: --connection NAME");
    }
    if (address) {
      base_ = *address;
      const std::string hidden = HiddenInAddress(*address, connection.name, imported_.secrets);
      connection.members.Set("url", hidden);
      report_.Taken(url->key_span,
                    hidden == *address ? "url" : "url; what it kept secret is a reference, set as it is written there");
    }
    const Member* headers = MemberOf(&client.value, "headers");
    if (headers != nullptr) {
      if (auto made = DltHeaders(headers->value, connection.name, imported_.secrets, report_))
        connection.members.Set("headers", std::move(*made));
    }
    if (const Member* auth = MemberOf(&client.value, "auth")) {
      const Node before = connection.members.Find("headers") == nullptr ? Node{} : *connection.members.Find("headers");
      DltAuth(auth->value, auth->key_span, connection.name, connection, imported_.secrets, report_);
      // A cookie stands beside the other headers.
      if (const Node* after = connection.members.Find("headers");
          after != nullptr && after->Find("Cookie") != nullptr && before.is_map()) {
        Node all = before;
        all.members.insert(all.members.end(), after->members.begin(), after->members.end());
        connection.members.Set("headers", std::move(all));
      }
    }
    paginator_ = MemberOf(&client.value, "paginator");
    if (paginator_ != nullptr) report_.Taken(paginator_->key_span, "of tables without one of their own");
    if (!known) imported_.connections.push_back(std::move(connection));
    return Ok();
  }

  void NoteKeys(const Node& resource, const SourceSpan& place) {
    report_.Keys(resource, place, DltResourceKeys(), "a resource");
    if (const Member* endpoint = MemberOf(&resource, "endpoint"); endpoint != nullptr && endpoint->value.is_map())
      report_.Keys(endpoint->value, endpoint->key_span, DltEndpointKeys(), "an endpoint");
  }

  void AddResource(const Node& node) {
    if (node.is_scalar()) {
      report_.Taken(node.span, "table " + EntryNameOf(node.scalar) + " with all defaults");
      resources_.all.push_back({node.scalar, nullptr, node.span});
      return;
    }
    const Node* name = node.Find("name");
    if (PythonExpression(node) != nullptr || !node.is_map() || name == nullptr || !name->is_scalar()) {
      const std::string why =
          PythonExpression(node) != nullptr
              ? "Leat runs no Python: " + PythonExpression(node)->substr(0, PythonExpression(node)->find('('))
              : "a resource has a `name` that is a text";
      report_.Impossible(node.span, why);
      source_.notes.push_back("a resource on line " + std::to_string(node.span.line) + " (" + why + ")");
      return;
    }
    NoteKeys(node, node.span);
    resources_.all.push_back({name->scalar, &node, node.span});
  }

  void LeaveOut(const DltResource& resource, const SourceSpan& place, const std::string& why) {
    report_.Impossible(place, why + "; the resource is left out");
    source_.notes.push_back(resource.name + " (" + why + ")");
    if (resource.node == nullptr) return;
    report_.Cover(*resource.node, Verdict::kTaken, "of a resource that is left out");
    if (const Member* endpoint = MemberOf(resource.node, "endpoint"))
      report_.Cover(endpoint->value, Verdict::kTaken, "of a resource that is left out");
  }

  /// The members of a request: path, params, body, records, pagination. False: it cannot be asked for, `why` says why. `as_parent`: only
  /// what its children need.
  bool Request(const DltResource& resource, bool as_parent, DltBindings& bindings, DraftMembers& members,
               std::vector<std::string>& notes, SourceSpan& place, std::string& why) {
    place = resources_.NamePlace(resource);
    SourceSpan path_place = place;
    const std::string path = resources_.PathOf(resource, path_place);
    std::string incremental_param;
    SourceSpan incremental_place;
    const Node* incremental = resources_.Incremental(resource, incremental_param, incremental_place);
    if (incremental != nullptr) {
      const auto text = [&](const char* key) {
        const Node* value = incremental->Find(key);
        return value != nullptr && value->is_scalar() ? value->scalar : std::string();
      };
      bindings.initial_value = text("initial_value");
      bindings.end_value = text("end_value");
    }
    bindings.secrets = &imported_.secrets;
    bindings.hint = source_.connection;
    std::vector<std::pair<std::string, Node>> params;
    for (const Member* param : resources_.Params(resource)) Param(*param, path, bindings, params);
    const std::string written = DltRewritten(Replaced(path, "${", "$${"), bindings);
    if (!bindings.unknown.empty()) {
      place = path_place;
      why = "the path asks for {" + bindings.unknown + "}, which is neither a parameter nor a resource";
      return false;
    }
    const bool relative = !written.starts_with("http://") && !written.starts_with("https://");
    if (path_place.line != place.line || path_place.column != place.column) {
      if (relative || written.starts_with(base_)) report_.Taken(path_place, "path");
      else report_.Changed(path_place, "path; keys of the connection go to its own host only");
    }
    members.Set("path", HiddenInAddress(relative && !written.starts_with('/') ? "/" + written : written,
                                        source_.connection, imported_.secrets));
    if (const Member* method = resources_.Endpoint(resource, "method"); method != nullptr) {
      const std::string verb = Lower(method->value.scalar);
      if (verb != "get" && verb != "post") {
        place = method->key_span;
        why = "requests are GET or POST, not " + method->value.scalar;
        return false;
      }
      report_.Taken(method->key_span, "method");
      if (verb == "post") members.Set("method", "POST");
    }
    if (!incremental_param.empty()) {
      bindings.since = true;
      params.emplace_back(incremental_param, TextNode("{since}"));
    } else if (incremental != nullptr) {
      Windows(*incremental, bindings, params);
    }
    if (as_parent) {
      const size_t before = params.size();
      std::erase_if(params, [](const auto& one) { return one.second.scalar.find("{since}") != std::string::npos; });
      if (params.size() < before)
        notes.push_back("all rows of " + resource.name + " are asked for as parents, dlt asks for new ones only");
    }
    if (!params.empty()) members.Set("params", MapNode(params));
    if (const Member* headers = resources_.Endpoint(resource, "headers");
        headers != nullptr && headers->value.is_map()) {
      if (auto made = DltHeaders(headers->value, source_.connection, imported_.secrets, report_)) {
        for (Member& header : made->members) header.value.scalar = DltRewritten(header.value.scalar, bindings);
        members.Set("headers", std::move(*made));
      }
    }
    Body(resource, bindings, members);
    Records(resource, path, members, notes);
    Pagination(resource, path, members, notes);
    return true;
  }

  void Param(const Member& param, const std::string& path, DltBindings& bindings,
             std::vector<std::pair<std::string, Node>>& params) {
    const bool in_path = path.find("{" + param.key + "}") != std::string::npos;
    const Node* type = param.value.Find("type");
    if (type != nullptr && type->scalar == "resolve") {
      const Node* resource = param.value.Find("resource");
      const Node* field = param.value.Find("field");
      if (resource == nullptr || field == nullptr || !in_path)
        return report_.Impossible(
            param.key_span,
            "a parameter of type resolve names a `resource` and a `field`, and stands in the path as {" + param.key +
                "}");
      bindings.rows[param.key] = {resource->scalar, field->scalar};
      return report_.Taken(param.key_span, "{parent." + field->scalar + "} in the path");
    }
    if (type != nullptr && type->scalar == "incremental") return;  // the load's own
    bool literal = true;
    if (param.value.is_list()) {
      return report_.Impossible(
          param.key_span,
          "a parameter has one value; several tables, or one text with commas where the API takes that");
    }
    const std::string text = DltValue(param.value, bindings, literal);
    if (!literal) {
      return report_.Impossible(param.key_span, PythonExpression(param.value) != nullptr
                                                    ? "its value is known to Python alone: write it into `params:`"
                                                    : "a parameter has one value: write a text into `params:`");
    }
    if (const std::string hidden = DltHidden(param.key, param.value, bindings); !hidden.empty()) {
      if (in_path) bindings.fixed[param.key] = hidden;
      else params.emplace_back(param.key, TextNode(hidden));
      return report_.Taken(param.key_span, hidden + "; `leat secret set " + SecretNameOf(hidden) + "` keeps it");
    }
    if (in_path) {
      bindings.fixed[param.key] = text;
      return report_.Taken(param.key_span, "in the path");
    }
    if (!param.value.is_null())
      params.emplace_back(param.key, param.value.is_scalar() && !param.value.quoted ? WordNode(text) : TextNode(text));
    report_.Taken(param.key_span, param.value.is_null() ? "without a value it is not sent" : "params");
  }

  /// start_param and end_param of an endpoint's `incremental`.
  void Windows(const Node& incremental, DltBindings& bindings, std::vector<std::pair<std::string, Node>>& params) {
    if (const Member* start = MemberOf(&incremental, "start_param"); start != nullptr && start->value.is_scalar()) {
      bindings.since = true;
      params.emplace_back(start->value.scalar, TextNode("{since}"));
      report_.Taken(start->key_span, "params");
    }
    if (const Member* end = MemberOf(&incremental, "end_param"); end != nullptr && end->value.is_scalar()) {
      params.emplace_back(end->value.scalar, TextNode(bindings.end_value.empty() ? "{until}" : bindings.end_value));
      report_.Taken(end->key_span, "params");
    }
  }

  void Body(const DltResource& resource, DltBindings& bindings, DraftMembers& members) {
    if (const Member* json = resources_.Endpoint(resource, "json"); json != nullptr && !json->value.is_null()) {
      bool literal = true;
      const std::string text = DltJson(json->value, bindings, literal);
      if (!literal)
        return report_.Impossible(json->key_span, "a part of it is known to Python alone: write `body:` by hand");
      members.Set("body", text);
      report_.Taken(json->key_span, "body; values that are put in stand between its quotes");
    }
    if (const Member* data = resources_.Endpoint(resource, "data"); data != nullptr && !data->value.is_null()) {
      bool literal = true;
      const std::string text = DltValue(data->value, bindings, literal);
      if (!literal) return report_.Impossible(data->key_span, "a body is JSON or a text, not a form");
      members.Set("body", HiddenInAddress("?" + text, source_.connection, imported_.secrets).substr(1));
      report_.Taken(data->key_span, "body");
    }
  }

  /// dlt takes a path that ends with a placeholder for that of one thing.
  static bool IsOneThing(const std::string& path) { return path.ends_with('}') || path.ends_with("}/"); }

  void Records(const DltResource& resource, const std::string& path, DraftMembers& members,
               std::vector<std::string>& notes) {
    const Member* selector = resources_.Endpoint(resource, "data_selector");
    if (selector != nullptr && selector->value.is_scalar()) {
      const auto records = DltPath(selector->value.scalar);
      if (records) {
        if (*records != "$") members.Set("records", *records);
        // dlt takes an answer without the list for one without rows.
        if (*records != "$") members.Set("no_records", "empty");
        return report_.Taken(selector->key_span, "records: " + *records);
      }
      report_.Impossible(selector->key_span, "no path of Leat's: `records: $.data.items[*]` is what there is");
    }
    if (IsOneThing(path)) return;
    report_.Changed(
        resources_.NamePlace(resource),
        "dlt looks in the answer for a list; here the answer is the list, or `records:` says where it stands");
    notes.push_back("is the answer itself the list of rows? If not, say where it stands: `records: $.items`");
  }

  void Pagination(const DltResource& resource, const std::string& path, DraftMembers& members,
                  std::vector<std::string>& notes) {
    const Member* paginator = resources_.Endpoint(resource, "paginator");
    if (paginator != nullptr && paginator->value.is_null()) paginator = nullptr;
    if (paginator == nullptr && IsOneThing(path)) return;
    if (paginator == nullptr) paginator = paginator_;
    const SourceSpan place = paginator == nullptr ? resources_.NamePlace(resource) : paginator->key_span;
    static const Node kAuto = TextNode("auto");
    DltPages pages = DltPagination(paginator == nullptr ? kAuto : paginator->value, place, report_);
    if (pages.pagination) members.Set("pagination", std::move(*pages.pagination));
    if (!pages.found)
      notes.push_back(
          "how the API gives more rows than fit one answer has to be said: `pagination: { type: … }`; until then only the first answer is loaded");
  }

  void ReadResource(const DltResource& resource) {
    const SourceSpan name_place = resources_.NamePlace(resource);
    if (const Member* selected = resources_.Get(resource, "selected");
        selected != nullptr && selected->value.scalar == "false") {
      report_.Taken(selected->key_span, "no table of its own");
      report_.Taken(name_place, "no table of its own");
      SourceSpan path_place = name_place;
      resources_.PathOf(resource, path_place);
      report_.Taken(path_place, "path of a parent");
      return;
    }
    const std::string disposition = DltDisposition(resource, resources_, report_);
    if (disposition == "skip")
      return LeaveOut(resource, resources_.Get(resource, "write_disposition")->key_span, "write_disposition is skip");
    DltBindings bindings;
    DraftMembers request;
    TableDraft table;
    table.where = name_place;
    SourceSpan place;
    std::string why;
    if (!Request(resource, false, bindings, request, table.notes, place, why)) return LeaveOut(resource, place, why);
    if (bindings.several) return LeaveOut(resource, place, "it asks for values of several resources");
    std::string name = resource.name;
    if (const Member* named = resources_.Get(resource, "table_name"); named != nullptr && named->value.is_scalar()) {
      name = named->value.scalar;
      report_.Taken(named->key_span, "name");
    }
    table.members.Set("name", source_.FreeName(EntryNameOf(name)));
    if (!bindings.parent.empty() && !Parent(resource, bindings, table)) return;
    for (DraftMember& member : request) table.members.push_back(std::move(member));
    SetDltLoad(resource, resources_, disposition, bindings, table, report_);
    if (const Member* auth = resources_.Endpoint(resource, "auth")) Auth(*auth, table);
    if (const Member* auth = resources_.Get(resource, "auth")) Auth(*auth, table);
    if (const Member* actions = resources_.Endpoint(resource, "response_actions"))
      report_.Impossible(
          actions->key_span,
          "an answer that is an error stops the table, so that nothing is left out unseen; `no_records: empty` takes one without rows");
    report_.Taken(name_place, "table " + table.members.Find("name")->scalar);
    source_.tables.push_back(std::move(table));
  }

  void Auth(const Member& auth, TableDraft& table) {
    if (auth.value.is_null()) return report_.Taken(auth.key_span, "none");
    report_.Impossible(
        auth.key_span,
        "keys belong to connections: make a second connection, and a source of its own for these tables");
    table.notes.push_back("dlt asks for this with an authorisation of its own: make a second connection for it");
  }

  bool Parent(const DltResource& resource, DltBindings& bindings, TableDraft& table) {
    const DltResource* parent = resources_.Find(bindings.parent);
    if (parent == nullptr) {
      LeaveOut(resource, resources_.NamePlace(resource),
               "its parent '" + bindings.parent + "' is no resource of the file");
      return false;
    }
    DltBindings of_parent;
    DraftMembers members;
    std::vector<std::string> notes;
    SourceSpan place;
    std::string why;
    if (!Request(*parent, true, of_parent, members, notes, place, why)) {
      LeaveOut(resource, resources_.NamePlace(resource), "its parent " + parent->name + " cannot be asked for: " + why);
      return false;
    }
    if (!of_parent.parent.empty()) {
      LeaveOut(resource, resources_.NamePlace(resource),
               "its parent " + parent->name + " has a parent itself, and one level is what there is");
      return false;
    }
    Node node = MapNode({});
    for (DraftMember& member : members) node.members.push_back({member.key, {}, std::move(member.value)});
    table.members.Set("parent", std::move(node), "asked for once for each of its rows");
    for (const std::string& note : notes) {
      if (note.starts_with("all rows")) table.notes.push_back(note);
    }
    Included(resource, bindings);
    return true;
  }

  void Included(const DltResource& resource, const DltBindings& bindings) {
    const Member* include = resources_.Get(resource, "include_from_parent");
    if (include == nullptr) return;
    std::string missing;
    for (const Node& field : include->value.items) {
      if (!field.is_scalar() || !bindings.fields.contains(field.scalar))
        missing += (missing.empty() ? "" : ", ") + field.scalar;
    }
    if (missing.empty()) {
      return report_.Changed(include->key_span, "columns _parent_<field> in place of _" + bindings.parent + "_<field>");
    }
    report_.Impossible(include->key_span,
                       "columns of a parent are those that the request asks for (_parent_<field>); join the table " +
                           bindings.parent + " for: " + missing);
  }

  const InputFile& file_;
  const Node& root_;
  const ImportContext& context_;
  Imported& imported_;
  Report& report_;
  SourceDraft source_;
  const Member* paginator_ = nullptr;
  std::string base_;
  DltResources resources_;
};

}  // namespace

Status ImportDlt(const InputFile& file, const ImportContext& context, Imported& imported) {
  return Dlt(file, context, imported).Run();
}

}  // namespace leat::imports
