#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "serve/http_server.h"
#include "serve/iceberg/warehouse_parts.h"
#include "serve/token.h"

namespace leat::run {
struct Lakehouse;
}
namespace leat::lake {
class Catalog;
}

namespace leat::serve {

struct ServeOptions {
  std::string address = "127.0.0.1";
  int port = 8080;                 ///< 0 takes a free one
  bool no_auth = false;            ///< loopback only; Host and Origin of every request are checked instead
  size_t threads = 16;             ///< handlers at once
  std::shared_ptr<const Tls> tls;  ///< null: plain HTTP
  HttpLimits limits;
  std::vector<lake::Catalog*> more;
  std::map<std::string, iceberg::WarehouseParts> parts;  ///< by the name of the warehouse
};

/// Splits "127.0.0.1:8080", "[::1]:8080", ":8080" or "8080". SERVE-102 (kUsage) when it is none of these.
Status ParseListen(const std::string& text, ServeOptions& options);

/// `more` of the options: other warehouses at the same address; tokens and clients are those of the first one.
/// Serves the catalogue (/iceberg) and /healthz until `cancel` is cancelled, then drains and returns Ok. `on_ready` is called
/// once, when requests are answered, with the address and port that were taken. Blocks.
/// SERVE-101 (kEnvironment): the port is in use. SERVE-104 (kUsage): no_auth on an address that others can reach. SERVE-106
/// (kUsage): two warehouses of one name.
Status Serve(run::Lakehouse& lakehouse, const ServeOptions& options, CancelToken& cancel,
             const std::function<void(const std::string& address, int port)>& on_ready);
/// The same over a catalogue alone.
Status Serve(lake::Catalog& catalog, const ServeOptions& options, CancelToken& cancel,
             const std::function<void(const std::string& address, int port)>& on_ready);

}  // namespace leat::serve
