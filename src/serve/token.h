#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "serve/table_rights.h"
#include "state/store.h"

namespace leat::serve {

/// What a token allows. Each includes the ones before it.
enum class Scope { kRead, kWrite, kAdmin };

std::string_view ScopeName(Scope scope);
/// "read", "write" or "admin"; else SERVE-201 (kUsage).
Result<Scope> ParseScope(std::string_view text);

/// Who sent a request.
struct Identity {
  std::string user;
  Scope scope = Scope::kRead;
  std::string token_id;  ///< "" without a token (--no-auth)
  TableRights tables = {};
};

struct NewToken {
  std::string id;
  std::string secret;  ///< shown once; the store keeps its SHA-256 only
  std::optional<TimeMicros> expires_at;
};

struct TokenInfo {
  std::string id;
  std::string user;
  Scope scope = Scope::kRead;
  bool client = false;
  std::vector<std::string> tables;  ///< empty: all
  TimeMicros created_at = 0;
  std::optional<TimeMicros> expires_at;
  std::optional<TimeMicros> revoked_at;
};

/// Makes a token of 256 random bits ("leat_" and 64 hex digits). `life` nullopt: it never expires. `client`: its secret opens
/// nothing itself, IssueToken gives tokens for it.
Result<NewToken> CreateToken(state::Store& store, const std::string& user, Scope scope,
                             std::optional<std::chrono::seconds> life, const TableRights& tables = {},
                             bool client = false);
/// The tokens that people made, not those that clients were issued.
Result<std::vector<TokenInfo>> ListTokens(state::Store& store);
/// SERVE-202 (kNotFound): no such id. With a client's go the tokens that it was issued. Servers that have seen the token
/// notice within TokenVerifier::kRemember.
Status RevokeToken(state::Store& store, const std::string& id);

/// How long a token is good that a client is issued.
inline constexpr std::chrono::seconds kIssuedLife{3600};
/// A token with the rights of a client (OAuth 2, client credentials). `client_id`: the client's id or user; "" is not
/// compared. SERVE-203 (kPermission): there is no such client, or its time is over.
Result<NewToken> IssueToken(state::Store& store, const std::string& client_id, std::string_view secret);

/// Knows tokens by their SHA-256 and remembers what it found, so that a request costs no look-up. Thread-safe.
class TokenVerifier {
 public:
  /// How long an answer is used before the store is asked again.
  static constexpr std::chrono::seconds kRemember{10};

  TokenVerifier(state::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// SERVE-203 (kPermission): unknown, expired or revoked; the message does not say which.
  Result<Identity> Verify(std::string_view secret);

 private:
  struct Known {
    Identity identity;
    bool valid = false;
    std::optional<TimeMicros> expires_at;
    TimeMicros checked_at = 0;
  };
  Result<Known> LookUp(const std::string& sha256);

  state::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

/// Lower-case hex of the SHA-256 of `text`.
std::string Sha256Hex(std::string_view text);

}  // namespace leat::serve
