#include "serve/iceberg/rest.h"

#include <exception>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "serve/iceberg/prefix.h"
#include "serve/iceberg/routes.h"
#include "serve/iceberg/store_access.h"

namespace leat::serve::iceberg {

using nlohmann::json;

const std::vector<Route>& Routes() {
  static const std::vector<Route> routes = {
      {"GET", "namespaces/*/tables/*", "loadTable", LoadTable},
      {"HEAD", "namespaces/*/tables/*", "tableExists", TableExists},
      {"POST", "namespaces/*/tables/*", "updateTable", CommitTable},
      {"DELETE", "namespaces/*/tables/*", "dropTable", DropTable},
      {"POST", "namespaces/*/tables/*/metrics", "reportMetrics", ReportMetrics},
      {"POST", "namespaces/*/tables/*/plan", "planTableScan", PlanTableScan},
      {"GET", "namespaces/*/tables/*/plan/*", "fetchPlanningResult", FetchPlanningResult},
      {"DELETE", "namespaces/*/tables/*/plan/*", "cancelPlanning", CancelPlanning},
      {"POST", "namespaces/*/tables/*/tasks", "fetchScanTasks", FetchScanTasks},
      {"POST", "namespaces/*/tables/*/sign", "signRequest", SignRequest},
      {"GET", "namespaces/*/tables/*/credentials", "loadCredentials", LoadCredentials},
      {"GET", "namespaces/*/tables", "listTables", ListTables},
      {"POST", "namespaces/*/tables", "createTable", CreateTable},
      {"POST", "namespaces/*/register", "registerTable", RegisterTable},
      {"POST", "tables/rename", "renameTable", RenameTable},
      {"POST", "transactions/commit", "commitTransaction", CommitTransaction},
      {"GET", "namespaces", "listNamespaces", ListNamespaces},
      {"POST", "namespaces", "createNamespace", CreateNamespace},
      {"GET", "namespaces/*", "loadNamespaceMetadata", LoadNamespace},
      {"HEAD", "namespaces/*", "namespaceExists", NamespaceExists},
      {"DELETE", "namespaces/*", "dropNamespace", DropNamespace},
      {"POST", "namespaces/*/properties", "updateProperties", UpdateNamespaceProperties},
      {"GET", "namespaces/*/views", "listViews", ListViews},
      {"POST", "namespaces/*/views", "createView", CreateView},
      {"GET", "namespaces/*/views/*", "loadView", LoadView},
      {"HEAD", "namespaces/*/views/*", "viewExists", ViewExists},
      {"POST", "namespaces/*/views/*", "replaceView", ReplaceView},
      {"DELETE", "namespaces/*/views/*", "dropView", DropView},
      {"POST", "views/rename", "renameView", RenameView},
  };
  return routes;
}

std::string PathOf(const Route& route) {
  std::string text = "/v1/{prefix}";
  std::string_view last;
  for (const std::string_view part : PathSegments(route.pattern)) {
    text += "/";
    if (part != "*") text += part;
    else if (last == "namespaces") text += "{namespace}";
    else if (last == "tables") text += "{table}";
    else if (last == "plan") text += "{plan-id}";
    else text += "{view}";
    last = part;
  }
  return text;
}

namespace {

bool Matches(std::string_view pattern, const Segments& path) {
  const Segments parts = PathSegments(pattern);
  if (parts.size() != path.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "*" && parts[i] != path[i]) return false;
  }
  return true;
}

}  // namespace

Result<Response> RestCatalog::Config(const Request& request) {
  LEAT_ASSIGN(const std::string prefix, PrefixOfWarehouse(catalog_, request.Query("warehouse")));
  static const std::string endpoints = [] {
    json all = json::array();
    for (const Route& route : Routes()) all.push_back(std::string(route.method) + " " + PathOf(route));
    return all.dump();
  }();
  // Clients of Java would otherwise renew their token by exchanging it.
  json defaults = parts_.store == nullptr ? json::object() : json(parts_.store->where());
  defaults["token-exchange-enabled"] = "false";
  return TextResponse(200, R"({"defaults":)" + defaults.dump() + R"(,"overrides":{"prefix":)" + json(prefix).dump() +
                               R"(},"endpoints":)" + endpoints + "}");
}

Result<Response> RestCatalog::Dispatch(const Request& request, std::string_view path, const Identity& who) {
  Segments segments = PathSegments(path);
  if (segments.empty() || segments.front() != "v1") {
    return MakeError("SERVE-302", ErrorKind::kNotFound, "no such endpoint: {} {}", request.method, request.path)
        .WithHint("the catalogue answers below /iceberg/v1, first at /iceberg/v1/config");
  }
  if (segments.size() == 2 && segments[1] == "config" && request.method == "GET") return Config(request);
  std::string methods;
  if (segments.size() > 2) {
    const std::string prefix = PercentDecode(segments[1], false);
    segments.erase(segments.begin(), segments.begin() + 2);
    for (const Route& route : Routes()) {
      if (!Matches(route.pattern, segments)) continue;
      methods += (methods.empty() ? "" : ", ") + std::string(route.method);
      if (route.method != request.method) continue;
      LEAT_ASSIGN(const std::string ref, RefTextOfPrefix(catalog_.options().warehouse_name, prefix));
      LEAT_ASSIGN(lake::View view, catalog_.Resolve(ref));
      Call call{catalog_, clock_, cache_,          metrics_,           turns_,
                request,  who,    std::move(view), parts_.store.get(), parts_.gate.get()};
      return route.handle(call, segments);
    }
  }
  if (!methods.empty()) return MethodNotAllowed(request, methods);
  return MakeError("SERVE-302", ErrorKind::kNotFound, "no such endpoint: {} {}", request.method, request.path)
      .WithHint("/iceberg/v1/config lists the endpoints");
}

Response RestCatalog::Handle(const Request& request, std::string_view path, const Identity& who) {
  try {
    auto response = Dispatch(request, path, who);
    if (response.ok()) return std::move(*response);
    const Error& error = response.error();
    if (HttpStatus(error.kind()) >= 500 || error.retry() == Retry::kUnknownOutcome) {
      Log(LogLevel::kError, "rest.failed",
          {{"method", request.method}, {"path", request.path}, {"error", error.ToString()}});
    }
    return ErrorResponse(error);
  } catch (const json::exception& error) {
    // A member of another type than the specification says.
    return ErrorResponse(
        MakeError("SERVE-303", ErrorKind::kUsage, "the request's JSON is not as specified: {}", error.what()));
  }
}

}  // namespace leat::serve::iceberg
