#include <algorithm>
#include <nlohmann/json.hpp>

#include "serve/iceberg/policy.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

Result<Response> ListNamespaces(Call& call, const Segments&) {
  std::string parent;
  if (!call.request.Query("parent").empty()) {
    // The query is decoded already; a level separator is the unit separator, as in paths.
    LEAT_ASSIGN(parent, NamespaceOfSegment(call, PercentEncode(call.request.Query("parent"))));
    LEAT_TRY(RequireNamespace(call, parent));
  }
  LEAT_ASSIGN(const auto entries, call.catalog.ListNamespaces(call.view));
  const std::string below = parent.empty() ? "" : parent + ".";
  std::vector<std::string> names;
  for (const lake::Entry& entry : entries) {
    const std::string& ns = entry.name.ns;
    if (!call.who.tables.SeeNamespace(ns)) continue;
    if (ns.size() > below.size() && ns.compare(0, below.size(), below) == 0 &&
        ns.find('.', below.size()) == std::string::npos) {
      names.push_back(ns);
    }
  }
  std::string next;
  json body = {{"namespaces", json::array()}};
  LEAT_ASSIGN(const std::vector<std::string> page, Page(call.request, std::move(names), next));
  for (const std::string& ns : page) body["namespaces"].push_back(NamespaceJson(ns));
  body["next-page-token"] = next.empty() ? json() : json(next);
  return JsonResponse(body);
}

Result<Response> CreateNamespace(Call& call, const Segments&) {
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const std::string ns, NamespaceMember(body));
  LEAT_ASSIGN(const lake::Properties properties, PropertiesMember(body, "properties"));
  LEAT_TRY(CheckNamespaceWrite(call, ns));
  LEAT_TRY(CheckNamespaceProperties(call, properties, {}));
  LEAT_ASSIGN(const auto existing, call.catalog.FindNamespace(call.view, ns));
  if (existing) return MakeError("LAKE-202", ErrorKind::kExists, "namespace already exists: {}", ns);
  const size_t dot = ns.rfind('.');
  if (dot != std::string::npos) LEAT_TRY(RequireNamespace(call, ns.substr(0, dot)));
  LEAT_TRY(call.catalog.CreateNamespace(call.view.ref, ns, properties, CommitOf(call, "create namespace " + ns)));
  return JsonResponse({{"namespace", NamespaceJson(ns)}, {"properties", properties}});
}

Result<Response> LoadNamespace(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, ns));
  return JsonResponse({{"namespace", NamespaceJson(ns)}, {"properties", properties}});
}

Result<Response> NamespaceExists(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_TRY(RequireNamespace(call, ns));
  return EmptyResponse(204);
}

Result<Response> DropNamespace(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, ns));
  LEAT_TRY(CheckNamespaceWrite(call, ns));
  LEAT_TRY(CheckTableWrite(call, ns, properties));
  LEAT_ASSIGN(const auto tables, call.catalog.ListTables(call.view, ns));
  LEAT_ASSIGN(const auto namespaces, call.catalog.ListNamespaces(call.view));
  const bool has_children = std::any_of(namespaces.begin(), namespaces.end(), [&](const lake::Entry& entry) {
    return entry.name.ns.rfind(ns + ".", 0) == 0;
  });
  if (!tables.empty() || has_children) {
    return MakeError("SERVE-404", ErrorKind::kConflict, "namespace is not empty: {}", ns)
        .WithHint("drop its tables, views and namespaces first");
  }
  LEAT_TRY(call.catalog.DropNamespace(call.view.ref, ns, CommitOf(call, "drop namespace " + ns)));
  return EmptyResponse(204);
}

Result<Response> UpdateNamespaceProperties(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const lake::Properties updates, PropertiesMember(body, "updates"));
  std::vector<std::string> removals;
  const json names = body.value("removals", json());
  const auto wrong = [] {
    return MakeError("SERVE-303", ErrorKind::kUsage, "the request's member 'removals' must be an array of strings");
  };
  if (!names.is_array() && !names.is_null()) return wrong();
  for (const json& name : names) {
    if (!name.is_string()) return wrong();
    removals.push_back(name.get<std::string>());
    if (updates.count(removals.back()) != 0) {
      Response unprocessable = ErrorResponse(
          MakeError("SERVE-303", ErrorKind::kUsage, "the property '{}' is both set and removed", removals.back()));
      unprocessable.status = 422;
      return unprocessable;
    }
  }
  LEAT_ASSIGN(const lake::Properties before, RequireNamespace(call, ns));
  LEAT_TRY(CheckNamespaceWrite(call, ns));
  LEAT_TRY(CheckNamespaceProperties(call, updates, removals));
  LEAT_TRY(call.catalog.SetNamespaceProperties(call.view.ref, ns, updates, removals,
                                               CommitOf(call, "properties of namespace " + ns)));
  json answer = {{"updated", json::array()}, {"removed", json::array()}, {"missing", json::array()}};
  for (const auto& [name, value] : updates) answer["updated"].push_back(name);
  for (const std::string& name : removals) answer[before.count(name) != 0 ? "removed" : "missing"].push_back(name);
  return JsonResponse(answer);
}

}  // namespace leat::serve::iceberg
