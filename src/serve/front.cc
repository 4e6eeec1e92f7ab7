#include "serve/front.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "serve/iceberg/routes.h"

namespace leat::serve {

namespace {

using nlohmann::json;

constexpr std::string_view kMount = "/iceberg";

bool Below(std::string_view path, std::string_view mount) {
  return path.substr(0, mount.size()) == mount && (path.size() == mount.size() || path[mount.size()] == '/');
}

enum class Asks { kNothing, kSecretInBody, kToken };

}  // namespace

struct Front::Route {
  std::string_view method;
  std::string_view path;
  std::string_view operation;  ///< its description in openapi/
  Asks asks;
  Response (Front::*handle)(const Request&, const Identity&);
};

const std::vector<Front::Route>& Front::Routes() {
  static const std::vector<Route> routes = {
      {"GET", "/healthz", "health", Asks::kNothing, &Front::Health},
      {"HEAD", "/healthz", "healthStatus", Asks::kNothing, &Front::Health},
      {"GET", "/openapi.json", "openapi", Asks::kNothing, &Front::Page},
      {"GET", "/iceberg/v1/config", "getConfig", Asks::kToken, &Front::Config},
      {"POST", "/iceberg/v1/oauth/tokens", "getToken", Asks::kSecretInBody, &Front::Token},
  };
  return routes;
}

std::vector<openapi::Operation> Front::Operations() {
  std::vector<openapi::Operation> all;
  for (const Route& route : Routes())
    all.push_back({route.method, std::string(route.path), route.operation, route.asks == Asks::kToken});
  for (const iceberg::Route& route : iceberg::Routes())
    all.push_back({route.method, std::string(kMount) + iceberg::PathOf(route), route.operation, true});
  return all;
}

Response Front::Handle(const Request& request) {
  const std::string_view path = request.path;
  std::string methods;
  for (const Route& route : Routes()) {
    if (route.path != path) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    if (route.method != request.method) continue;
    if (route.asks == Asks::kNothing) return (this->*route.handle)(request, {});
    if (route.asks == Asks::kSecretInBody && verifier_ != nullptr) return (this->*route.handle)(request, {});
    const auto who = gate_.Admit(request);
    return who.ok() ? (this->*route.handle)(request, *who) : iceberg::ErrorResponse(who.error());
  }
  if (!methods.empty()) return iceberg::MethodNotAllowed(request, methods);
  const auto who = gate_.Admit(request);
  if (!who.ok()) return iceberg::ErrorResponse(who.error());
  if (Below(path, kMount)) return rest_.Handle(request, path.substr(kMount.size()), *who);
  return iceberg::ErrorResponse(MakeError("SERVE-302", ErrorKind::kNotFound, "nothing is served at {}", path)
                                    .WithHint("the Iceberg catalogue is at /iceberg, /openapi.json tells all of it"));
}

Response Front::Health(const Request&, const Identity&) {
  json warehouses = json::object();
  bool all = true;
  for (lake::Catalog* catalog : catalogs_) {
    const bool answers = catalog->store().Read("SELECT 1 FROM ref LIMIT 1").ok();
    warehouses[catalog->options().warehouse_name] = answers ? "ok" : "the state store does not answer";
    all = all && answers;
  }
  return iceberg::JsonResponse({{"status", all ? "ok" : "unavailable"}, {"warehouses", std::move(warehouses)}},
                               all ? 200 : 503);
}

Response Front::Page(const Request&, const Identity&) {
  std::call_once(page_made_, [this] {
    openapi::PageOptions options;
    options.tokens = verifier_ != nullptr;
    options.prefix = catalogs_.front()->options().warehouse_name;
    const auto page = openapi::MakePage(Operations(), openapi::Parts(), options);
    if (!page.ok()) Log(LogLevel::kError, "serve.openapi", {{"error", page.error().ToString()}});
    page_ = page.ok() ? iceberg::JsonResponse(*page) : iceberg::ErrorResponse(page.error());
  });
  return page_;
}

Response Front::Config(const Request& request, const Identity& who) {
  return rest_.Handle(request, std::string_view(request.path).substr(kMount.size()), who);
}

Response Front::Token(const Request& request, const Identity&) { return rest_.IssueToken(request); }

}  // namespace leat::serve
