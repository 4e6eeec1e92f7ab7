#include "serve/server.h"

#include <charconv>

#include "base/log.h"
#include "run/run.h"
#include "serve/front.h"

namespace leat::serve {

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
  std::vector<lake::Catalog*> catalogs = {&catalog};
  catalogs.insert(catalogs.end(), options.more.begin(), options.more.end());
  LEAT_ASSIGN(const auto rest, iceberg::Warehouses::Make(catalogs, SystemClock(), verifier, options.parts));
  Front front(catalogs, *rest, verifier);
  Log(LogLevel::kInfo, "serve.ready", {{"address", server->address()}, {"port", std::to_string(server->port())}});
  if (on_ready) on_ready(server->address(), server->port());
  LEAT_TRY(server->Run([&front](const Request& request) { return front.Handle(request); }, cancel));
  Log(LogLevel::kInfo, "serve.stopped");
  return Ok();
}

Status Serve(run::Lakehouse& lakehouse, const ServeOptions& options, CancelToken& cancel,
             const std::function<void(const std::string& address, int port)>& on_ready) {
  return Serve(*lakehouse.catalog, options, cancel, on_ready);
}

}  // namespace leat::serve
