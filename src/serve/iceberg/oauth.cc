#include <openssl/evp.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "serve/iceberg/rest.h"

// The token endpoint of clients that only know OAuth 2.
namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

/// OAuth's own error model, which clients expect here.
Response Refuse(std::string_view error, std::string_view description, int status = 400) {
  Response response = JsonResponse({{"error", error}, {"error_description", description}}, status);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Basic");
  return response;
}

Response Give(const std::string& token, std::chrono::seconds life) {
  Response response = JsonResponse({{"access_token", token},
                                    {"token_type", "bearer"},
                                    {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                    {"expires_in", life.count()}});
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

struct Credentials {
  std::string id;
  std::string secret;
};

/// "Basic base64(id:secret)"; empty when it is something else.
Credentials FromBasic(std::string_view authorization) {
  Credentials credentials;
  if (authorization.size() < 6 || authorization.size() > 4096) return credentials;
  if (authorization.substr(0, 6) != "Basic " && authorization.substr(0, 6) != "basic ") return credentials;
  const std::string_view encoded = authorization.substr(6);
  if (encoded.empty() || encoded.size() % 4 != 0) return credentials;
  std::string text(encoded.size() / 4 * 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(encoded.data()), static_cast<int>(encoded.size()));
  if (length < 0) return credentials;
  while (!text.empty() && text.back() == '\0') text.pop_back();
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return credentials;
  return {PercentDecode(text.substr(0, colon), true), PercentDecode(text.substr(colon + 1), true)};
}

}  // namespace

Response RestCatalog::IssueToken(const Request& request) const {
  const auto form = ParseForm(request.body);
  const auto value = [&form](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  const std::string grant = value("grant_type");
  if (grant.empty()) return Refuse("invalid_request", "the form has no grant_type; send grant_type=client_credentials");
  if (grant != "client_credentials") {
    return Refuse("unsupported_grant_type",
                  "only client_credentials is served here: ask for a new token with the client's id and secret "
                  "(Iceberg's Java client: token-exchange-enabled=false)");
  }
  Credentials credentials{value("client_id"), value("client_secret")};
  if (credentials.secret.empty()) credentials = FromBasic(request.Header("authorization"));
  if (credentials.secret.empty()) return Refuse("invalid_request", "the form has no client_secret");
  constexpr std::chrono::hours kDay(24);
  if (verifier_ == nullptr) return Give(credentials.secret, kDay);  // --no-auth: whatever it is, it is not asked for
  auto issued = serve::IssueToken(catalog_.store(), credentials.id, credentials.secret);
  if (issued.ok()) {
    const TimeMicros left = issued->expires_at.value_or(clock_.Now()) - clock_.Now();
    return Give(issued->secret, std::chrono::duration_cast<std::chrono::seconds>(std::chrono::microseconds(left)));
  }
  if (issued.error().code() != "SERVE-203") return Refuse("server_error", "the state store does not answer", 503);
  // Not a client's secret; a token itself is good for as long as it says.
  const auto identity = verifier_->Verify(credentials.secret);
  if (!identity.ok()) return Refuse("invalid_client", issued.error().message(), 401);
  return Give(credentials.secret, kDay);
}

}  // namespace leat::serve::iceberg
