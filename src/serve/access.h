#pragma once

#include <string_view>

#include "serve/http.h"
#include "serve/token.h"

namespace leat::serve {

/// Decides who a request comes from. With a verifier: the bearer token. Without (--no-auth): everyone is "local" with every
/// right, but Host must name the loopback and Origin, if there is one, too, so that a web page that a browser on this
/// machine shows cannot reach the server (DNS rebinding). Thread-safe.
class Gatekeeper {
 public:
  /// `verifier` null: no tokens.
  explicit Gatekeeper(TokenVerifier* verifier) : verifier_(verifier) {}

  /// SERVE-203 (kPermission, answered 401): token missing or not valid. SERVE-204 (kPermission, 403): Host or Origin.
  Result<Identity> Admit(const Request& request) const;

 private:
  TokenVerifier* verifier_;
};

/// True for "localhost", "127.0.0.1" and "[::1]", each with or without ":port".
bool NamesLoopback(std::string_view host);

}  // namespace leat::serve
