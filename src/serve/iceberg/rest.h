#pragma once

#include "serve/access.h"
#include "serve/iceberg/call.h"
#include "serve/iceberg/warehouse_parts.h"

namespace leat::serve::iceberg {

/// The Iceberg REST catalogue (specification "Iceberg REST Catalog API") over the catalogue library: /v1/config,
/// /v1/oauth/tokens and everything below /v1/{prefix}. Thread-safe.
class RestCatalog {
 public:
  /// `verifier` (may be null): for the token endpoint of clients that only know OAuth.
  RestCatalog(lake::Catalog& catalog, const Clock& clock, TokenVerifier* verifier, WarehouseParts parts = {})
      : catalog_(catalog), clock_(clock), verifier_(verifier), parts_(std::move(parts)), metrics_(catalog.store()) {}

  /// `path` is what follows the mount point, e.g. "/v1/config". Never throws for what a client can send.
  Response Handle(const Request& request, std::string_view path, const Identity& who);

  /// POST /v1/oauth/tokens, which needs no bearer token (OAuth 2, client credentials): a token for an hour for a client; a
  /// token that came as client secret is given back. Other grants are refused by OAuth's error model.
  Response IssueToken(const Request& request) const;

 private:
  Result<Response> Dispatch(const Request& request, std::string_view path, const Identity& who);
  Result<Response> Config(const Request& request);

  lake::Catalog& catalog_;
  const Clock& clock_;
  TokenVerifier* verifier_;
  const WarehouseParts parts_;
  LoadCache cache_;
  MetricsKeeper metrics_;
  CommitTurns turns_;
};

}  // namespace leat::serve::iceberg
