#include "serve/openapi/page.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/scalar.h"
#include "config/tree.h"

namespace leat::serve::openapi {

namespace {

using nlohmann::json;

constexpr std::string_view kSchemas = "#/components/schemas/";
constexpr const char* kJson = "application/json";

Error DoesNotFit(std::string_view what) {
  return MakeError("SERVE-108", ErrorKind::kInternal, "the OpenAPI page does not fit the server: {}", what)
      .WithHint("src/serve/openapi/*.yml describes each route, and nothing else");
}

json ToJson(const config::Node& node) {
  if (node.is_list()) {
    json list = json::array();
    for (const config::Node& item : node.items) list.push_back(ToJson(item));
    return list;
  }
  if (node.is_map()) {
    json map = json::object();
    for (const config::Node::Member& member : node.members) map[member.key] = ToJson(member.value);
    return map;
  }
  if (node.is_null()) return {};
  if (node.quoted) return node.scalar;
  if (const auto truth = config::ParseBoolean(node.scalar)) return *truth;
  if (const auto whole = config::ParseInteger(node.scalar)) return *whole;
  if (const auto number = config::ParseNumber(node.scalar)) return *number;
  return node.scalar;
}

std::string_view Meaning(int status) {
  switch (status) {
    case 200: return "Done";
    case 204: return "Done; there is nothing to tell";
    case 304: return "The client's state is the present one";
    case 400: return "The request is not as described, or cannot be done as it is";
    case 401: return "The token is missing, unknown, ended or revoked";
    case 403: return "Not allowed with this token, in this namespace or on this ref";
    case 404: return "There is no such thing";
    case 406: return "Known, but not supported here";
    case 409: return "It exists already, is not empty, or was changed by others meanwhile";
    case 413: return "The body is too large";
    case 422: return "The request contradicts itself";
    case 429: return "The server has no resources for it now";
    case 431: return "The headers are too long";
    case 500: return "A failure of the server; with CommitStateUnknownException the commit may have happened";
    case 503: return "The server is busy or cannot reach what it needs: try again";
    default: return "";
  }
}

json ErrorAnswer(int status, bool with_body) {
  json answer = {{"description", Meaning(status)}};
  if (status == 401) {
    answer["headers"]["WWW-Authenticate"] = {
        {"description", "How to name oneself"}, {"required", true}, {"schema", {{"type", "string"}, {"minLength", 1}}}};
  }
  if (with_body) {
    answer["content"][kJson]["schema"] = {
        {"allOf", json::array({{{"$ref", "Error"}}})},
        {"properties", {{"error", {{"properties", {{"code", {{"const", status}}}}}}}}}};
  }
  return answer;
}

/// A model by its name, or one that is written in place.
json Model(const json& model) { return model.is_string() ? json{{"$ref", model}} : model; }

/// Makes short references whole and notes what they name.
void Resolve(json& node, std::set<std::string>& models) {
  if (node.is_array() || node.is_object()) {
    for (json& inner : node) Resolve(inner, models);
  }
  if (!node.is_object()) return;
  const auto reference = node.find("$ref");
  if (reference == node.end() || !reference->is_string()) return;
  const std::string name = reference->get<std::string>();
  if (name.front() == '#') return;
  models.insert(name);
  *reference = std::string(kSchemas) + name;
}

class PageMaker {
 public:
  explicit PageMaker(const PageOptions& options) : options_(options) {}

  Status Read(const Part& part) {
    LEAT_ASSIGN(const config::Node tree, config::ParseYaml(part.text, std::string(part.name)));
    const json sections = ToJson(tree);
    for (const auto& [section, members] : sections.items()) {
      if (section != "operations" && section != "parameters" && section != "models")
        return DoesNotFit(fmt::format("{} has a section '{}'", part.name, section));
      for (const auto& [name, value] : members.items()) {
        if (!described_[section].emplace(name, value).second)
          return DoesNotFit(fmt::format("{} is described twice", name));
      }
    }
    return Ok();
  }

  Status Add(const Operation& operation) {
    const auto described = described_["operations"].find(std::string(operation.id));
    if (described == described_["operations"].end()) {
      return DoesNotFit(fmt::format("{} {} ('{}') is not described", operation.method, operation.path, operation.id));
    }
    if (!used_["operations"].insert(described->first).second)
      return DoesNotFit(fmt::format("two routes are called '{}'", operation.id));
    const json& text = described->second;
    json out = {
        {"operationId", operation.id}, {"summary", text.at("summary")}, {"tags", json::array({text.at("tag")})}};
    if (text.contains("description")) out["description"] = text["description"];
    AddParameters(operation, text, out);
    if (text.contains("request")) out["requestBody"] = Body(text["request"], kJson);
    if (text.contains("form")) out["requestBody"] = Body(text["form"], "application/x-www-form-urlencoded");
    AddAnswers(operation, text, out);
    if (options_.tokens && !operation.needs_token) out["security"] = json::array();
    std::string method(operation.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    paths_[operation.path][method] = std::move(out);
    return Ok();
  }

  Result<json> Finish() {
    json page = {{"openapi", "3.1.0"},
                 {"info",
                  {{"title", "Leat"},
                   {"version", LEAT_VERSION},
                   {"summary", "The lake for other engines: an Iceberg REST catalogue"},
                   {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
                 {"servers", json::array({{{"url", "/"}}})},
                 {"tags", Tags()},
                 {"paths", paths_}};
    json& components = page["components"];
    for (const int status : errors_)
      components["responses"]["Error" + std::to_string(status)] = ErrorAnswer(status, true);
    std::set<std::string> models;
    Resolve(page, models);
    for (const std::string& name : used_["parameters"]) LEAT_TRY(AddParameter(name, components["parameters"][name]));
    // A model may name others.
    while (!models.empty()) {
      const std::string name = *models.begin();
      models.erase(models.begin());
      if (!used_["models"].insert(name).second) continue;
      const auto model = described_["models"].find(name);
      if (model == described_["models"].end()) return DoesNotFit(fmt::format("there is no model '{}'", name));
      components["schemas"][name] = model->second;
      Resolve(components["schemas"][name], models);
    }
    for (const auto& [section, members] : described_) {
      for (const auto& [name, unused] : members) {
        if (!used_[section].contains(name))
          return DoesNotFit(fmt::format("'{}' of the {} belongs to no route", name, section));
      }
    }
    if (options_.tokens) AddSecurity(page);
    return page;
  }

 private:
  void AddParameters(const Operation& operation, const json& text, json& out) {
    json names = json::array();
    for (size_t open = 0; (open = operation.path.find('{', open)) != std::string::npos; ++open)
      names.push_back(operation.path.substr(open + 1, operation.path.find('}', open) - open - 1));
    for (const char* place : {"query", "headers"}) {
      for (const json& name : text.value(place, json::array())) names.push_back(name);
    }
    for (const json& name : names) {
      used_["parameters"].insert(name.get<std::string>());
      out["parameters"].push_back({{"$ref", "#/components/parameters/" + name.get<std::string>()}});
    }
  }

  Status AddParameter(const std::string& name, json& out) {
    const auto described = described_["parameters"].find(name);
    if (described == described_["parameters"].end())
      return DoesNotFit(fmt::format("no parameter is called '{}'", name));
    out = described->second;
    out["name"] = name;
    if (out.at("in") == "path") out["required"] = true;
    if (name == "prefix") out["example"] = options_.prefix;
    return Ok();
  }

  static json Body(const json& model, const char* type) {
    return {{"required", true}, {"content", {{type, {{"schema", Model(model)}}}}}};
  }

  void AddAnswers(const Operation& operation, const json& text, json& out) {
    json& answers = out["responses"];
    const bool with_body = operation.method != "HEAD";
    for (const char* kind : {"answers", "failure"}) {
      const json described = text.value(kind, json::object());
      for (const auto& [status, model] : described.items()) {
        json answer = {{"description", Meaning(std::stoi(status))}};
        if (!model.is_null() && with_body) answer["content"][kJson]["schema"] = Model(model);
        if (text.value("etag", false) && (status == "200" || status == "304")) {
          answer["headers"]["ETag"] = {{"description", "Names this state of the table"},
                                       {"required", true},
                                       {"schema", {{"type", "string"}, {"minLength", 1}}}};
        }
        answers[status] = std::move(answer);
      }
    }
    std::set<int> errors = {400, 413, 431, 503};
    if (operation.needs_token) errors.insert({403, 429, 500});
    if (operation.needs_token && options_.tokens) errors.insert(401);
    for (const json& status : text.value("errors", json::array())) errors.insert(status.get<int>());
    for (const int status : errors) {
      json& answer = answers[std::to_string(status)];
      if (!answer.is_null()) continue;
      if (!with_body) {
        answer = ErrorAnswer(status, false);
        continue;
      }
      errors_.insert(status);
      answer = {{"$ref", "#/components/responses/Error" + std::to_string(status)}};
    }
  }

  static json Tags() {
    return json::array({{{"name", "server"}, {"description", "The server itself"}},
                        {{"name", "catalogue"}, {"description", "Where clients begin"}},
                        {{"name", "namespaces"}, {"description", "Namespaces and their properties"}},
                        {{"name", "tables"}, {"description", "Tables: names, metadata, commits"}},
                        {{"name", "storage"}, {"description", "How engines reach files in object storage"}},
                        {{"name", "plans"}, {"description", "Which files a scan needs"}},
                        {{"name", "views"}, {"description", "Views in one or more SQL dialects"}}});
  }

  static void AddSecurity(json& page) {
    page["components"]["securitySchemes"] = {
        {"token", {{"type", "http"}, {"scheme", "bearer"}, {"description", "`leat serve token create` makes one"}}},
        {"client",
         {{"type", "oauth2"},
          {"description", "`leat serve token create --client` makes a client"},
          {"flows", {{"clientCredentials", {{"tokenUrl", "/iceberg/v1/oauth/tokens"}, {"scopes", json::object()}}}}}}}};
    page["security"] = json::array({{{"token", json::array()}}, {{"client", json::array()}}});
  }

  const PageOptions& options_;
  std::map<std::string, std::map<std::string, json>> described_;  ///< by section and name
  std::map<std::string, std::set<std::string>> used_;
  std::set<int> errors_;  ///< statuses that some operation answers with the error model
  json paths_ = json::object();
};

}  // namespace

Result<json> MakePage(const std::vector<Operation>& operations, const std::vector<Part>& parts,
                      const PageOptions& options) {
  PageMaker maker(options);
  for (const Part& part : parts) LEAT_TRY(maker.Read(part));
  for (const Operation& operation : operations) LEAT_TRY(maker.Add(operation));
  return maker.Finish();
}

}  // namespace leat::serve::openapi
