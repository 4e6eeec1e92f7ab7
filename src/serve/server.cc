#include "serve/server.h"

#include <charconv>

#include "base/log.h"
#include "run/run.h"
#include "serve/access.h"
#include "serve/iceberg/warehouses.h"

namespace leat::serve {

namespace {

constexpr std::string_view kMount = "/iceberg";
constexpr std::string_view kTokenPath = "/iceberg/v1/oauth/tokens";

bool Below(std::string_view path, std::string_view mount) {
  return path.substr(0, mount.size()) == mount && (path.size() == mount.size() || path[mount.size()] == '/');
}

Response Health(state::Store& store) {
  const auto read = store.Read("SELECT 1");
  if (read.ok()) return TextResponse(200, R"({"status":"ok"})");
  return TextResponse(503, R"({"status":"the state store does not answer"})");
}

}  // namespace

Status ParseListen(const std::string& text, ServeOptions& options) {
  const size_t colon = text.rfind(':');
  std::string address = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string_view port_text = std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  int port = -1;
  const auto parsed = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (port_text.empty() || parsed.ptr != port_text.data() + port_text.size() || port < 0 || port > 65535) {
    return MakeError("SERVE-102", ErrorKind::kUsage, "'{}' is not ADDRESS:PORT", text)
        .WithHint("such as 127.0.0.1:8080");
  }
  if (!address.empty()) options.address = address;
  options.port = port;
  return Ok();
}

Status Serve(lake::Catalog& catalog, const ServeOptions& options, CancelToken& cancel,
             const std::function<void(const std::string& address, int port)>& on_ready) {
  if (options.no_auth && !IsLoopback(options.address)) {
    return MakeError("SERVE-104", ErrorKind::kUsage, "--no-auth serves this machine only, not {}", options.address)
        .WithHint("listen on 127.0.0.1, or leave --no-auth out and make tokens with `leat serve token create`");
  }
  LEAT_ASSIGN(const auto server,
              HttpServer::Listen(options.address, options.port, options.threads, options.limits, options.tls));
  TokenVerifier tokens(catalog.store(), SystemClock());
  TokenVerifier* verifier = options.no_auth ? nullptr : &tokens;
  const Gatekeeper gate(verifier);
  std::vector<lake::Catalog*> catalogs = {&catalog};
  catalogs.insert(catalogs.end(), options.more.begin(), options.more.end());
  LEAT_ASSIGN(const auto rest, iceberg::Warehouses::Make(catalogs, SystemClock(), verifier, options.client_defaults));

  const auto handler = [&](const Request& request) -> Response {
    if (request.path == "/healthz") return Health(catalog.store());
    const std::string_view path = request.path;
    const bool asks_token = path == kTokenPath && request.method == "POST";
    if (asks_token && verifier != nullptr) return rest->IssueToken(request);  // it carries its secret in the body
    const auto who = gate.Admit(request);
    if (!who.ok()) return iceberg::ErrorResponse(who.error());
    if (asks_token) return rest->IssueToken(request);
    if (Below(path, kMount)) return rest->Handle(request, path.substr(kMount.size()), *who);
    return iceberg::ErrorResponse(MakeError("SERVE-302", ErrorKind::kNotFound, "nothing is served at {}", path)
                                      .WithHint("the Iceberg catalogue is at /iceberg"));
  };
  Log(LogLevel::kInfo, "serve.ready", {{"address", server->address()}, {"port", std::to_string(server->port())}});
  if (on_ready) on_ready(server->address(), server->port());
  LEAT_TRY(server->Run(handler, cancel));
  Log(LogLevel::kInfo, "serve.stopped");
  return Ok();
}

Status Serve(run::Lakehouse& lakehouse, const ServeOptions& options, CancelToken& cancel,
             const std::function<void(const std::string& address, int port)>& on_ready) {
  return Serve(*lakehouse.catalog, options, cancel, on_ready);
}

}  // namespace leat::serve
