#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/http_asker.h"
#include "config/field.h"

namespace leat::component {

/// How a web server is reached: `http:` of connections whose `path` is http:// or https://.
std::vector<config::FieldSpec> HttpFields();

/// How a web server is asked, and who asks.
struct HttpLogin {
  HttpAsking how;  ///< without clock, budget and cancel
  std::unique_ptr<HttpAuth> auth;
};

/// These fields as typed; where there are none the defaults. SRC-384 kConfig: no time to wait; SRC-252 kConfig: `auth:` lacks
/// something.
Result<HttpLogin> ReadHttp(const config::Values& connection, const std::string& project_root);

}  // namespace leat::component
