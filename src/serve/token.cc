#include "serve/token.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/ids.h"
#include "base/secret.h"

namespace leat::serve {

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kRead: return "read";
    case Scope::kWrite: return "write";
    case Scope::kAdmin: return "admin";
  }
  return "read";
}

Result<Scope> ParseScope(std::string_view text) {
  for (const Scope scope : {Scope::kRead, Scope::kWrite, Scope::kAdmin}) {
    if (text == ScopeName(scope)) return scope;
  }
  return MakeError("SERVE-201", ErrorKind::kUsage, "unknown scope '{}'", text).WithHint("use read, write or admin");
}

std::string Sha256Hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

Result<NewToken> CreateToken(state::Store& store, const std::string& user, Scope scope,
                             std::optional<std::chrono::seconds> life) {
  NewToken token;
  token.id = NewUuidV7();
  token.secret = "leat_" + RandomHex(32);
  RegisterSecret(token.secret);
  LEAT_TRY(store.Write([&](state::Transaction& tx) -> Status {
    const TimeMicros now = tx.Now();
    state::Value expires;
    token.expires_at.reset();
    if (life) {
      token.expires_at = now + std::chrono::microseconds(*life).count();
      expires = *token.expires_at;
    }
    LEAT_TRY(tx.Execute(
        "INSERT INTO token (id, sha256, scope, user_name, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        {token.id, Sha256Hex(token.secret), std::string(ScopeName(scope)), user, now, expires}));
    return Ok();
  }));
  return token;
}

Result<std::vector<TokenInfo>> ListTokens(state::Store& store) {
  LEAT_ASSIGN(const state::Rows rows,
              store.Read("SELECT id, user_name, scope, created_at, expires_at, revoked_at FROM token ORDER BY id"));
  std::vector<TokenInfo> tokens;
  for (size_t i = 0; i < rows.size(); ++i) {
    LEAT_ASSIGN(const Scope scope, ParseScope(rows.Text(i, 2)));
    tokens.push_back({rows.Text(i, 0), rows.Text(i, 1), scope, rows.Int(i, 3), rows.OptInt(i, 4), rows.OptInt(i, 5)});
  }
  return tokens;
}

Status RevokeToken(state::Store& store, const std::string& id) {
  int64_t changed = 0;
  LEAT_TRY(store.Write([&](state::Transaction& tx) -> Status {
    LEAT_ASSIGN(changed,
                tx.Execute("UPDATE token SET revoked_at = COALESCE(revoked_at, ?2) WHERE id = ?1", {id, tx.Now()}));
    return Ok();
  }));
  if (changed == 0) {
    return MakeError("SERVE-202", ErrorKind::kNotFound, "there is no token '{}'", id)
        .WithHint("`leat serve token list` shows the ids");
  }
  return Ok();
}

Result<TokenVerifier::Known> TokenVerifier::LookUp(const std::string& sha256) {
  LEAT_ASSIGN(
      const state::Rows rows,
      store_.Read("SELECT id, user_name, scope, expires_at, revoked_at FROM token WHERE sha256 = ?1", {sha256}));
  Known known;
  if (rows.empty()) return known;
  LEAT_ASSIGN(known.identity.scope, ParseScope(rows.Text(0, 2)));
  known.identity.token_id = rows.Text(0, 0);
  known.identity.user = rows.Text(0, 1);
  known.expires_at = rows.OptInt(0, 3);
  known.valid = rows.IsNull(0, 4);
  return known;
}

Result<Identity> TokenVerifier::Verify(std::string_view secret) {
  const std::string sha256 = Sha256Hex(secret);
  const TimeMicros now = clock_.Now();
  Known known;
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(sha256);
    if (found != known_.end()) {
      const TimeMicros age = now - found->second.checked_at;
      fresh = age >= 0 && age < std::chrono::microseconds(kRemember).count();
      if (fresh) known = found->second;
    }
  }
  if (!fresh) {
    LEAT_ASSIGN(known, LookUp(sha256));
    known.checked_at = now;
    const std::lock_guard lock(mutex_);
    if (known_.size() >= 10'000) known_.clear();  // someone tries tokens: bounded memory, not a record of them
    known_[sha256] = known;
  }
  if (!known.valid || (known.expires_at && *known.expires_at <= now)) {
    return MakeError("SERVE-203", ErrorKind::kPermission, "this token is not known or no longer valid")
        .WithHint("`leat serve token create` makes a new one");
  }
  return known.identity;
}

}  // namespace leat::serve
