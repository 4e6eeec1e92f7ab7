#include "serve/token.h"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

namespace {

std::string FormatTables(const std::vector<std::string>& patterns) { return nlohmann::json(patterns).dump(); }

Result<TableRights> ParseTables(const std::optional<std::string>& text) {
  if (!text) return TableRights();
  const nlohmann::json list = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> patterns;
  for (const nlohmann::json& one : list) {
    if (one.is_string()) patterns.push_back(one.get<std::string>());
  }
  // What cannot be read must not open everything.
  if (patterns.empty()) patterns.emplace_back("\x01.\x01");
  return TableRights::Make(std::move(patterns));
}

Error NotValid() {
  return MakeError("SERVE-203", ErrorKind::kPermission, "this token is not known or no longer valid")
      .WithHint("`leat serve token create` makes a new one");
}

Status InsertToken(state::Transaction& tx, NewToken& token, const std::string& user, Scope scope,
                   std::optional<std::chrono::seconds> life, const TableRights& tables, bool client,
                   const state::Value& parent) {
  const TimeMicros now = tx.Now();
  state::Value expires, patterns;
  token.expires_at.reset();
  if (life) {
    token.expires_at = now + std::chrono::microseconds(*life).count();
    expires = *token.expires_at;
  }
  if (!tables.everything()) patterns = FormatTables(tables.patterns());
  LEAT_TRY(
      tx.Execute("INSERT INTO token (id, sha256, scope, user_name, created_at, expires_at, kind, parent, tables) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 {token.id, Sha256Hex(token.secret), std::string(ScopeName(scope)), user, now, expires,
                  std::string(client ? "client" : "token"), parent, patterns}));
  return Ok();
}

NewToken FreshToken() {
  NewToken token;
  token.id = NewUuidV7();
  token.secret = "leat_" + RandomHex(32);
  RegisterSecret(token.secret);
  return token;
}

}  // namespace

Result<NewToken> CreateToken(state::Store& store, const std::string& user, Scope scope,
                             std::optional<std::chrono::seconds> life, const TableRights& tables, bool client) {
  NewToken token = FreshToken();
  LEAT_TRY(store.Write(
      [&](state::Transaction& tx) -> Status { return InsertToken(tx, token, user, scope, life, tables, client, {}); }));
  return token;
}

Result<NewToken> IssueToken(state::Store& store, const std::string& client_id, std::string_view secret) {
  // Whoever guesses secrets only reads: nobody waits for the writer because of him.
  LEAT_ASSIGN(const state::Rows rows, store.Read("SELECT id, user_name, scope, expires_at, tables FROM token "
                                                 "WHERE sha256 = ?1 AND kind = 'client' AND revoked_at IS NULL",
                                                 {Sha256Hex(secret)}));
  if (rows.empty()) return NotValid();
  const std::string id = rows.Text(0, 0), user = rows.Text(0, 1);
  if (!client_id.empty() && client_id != id && client_id != user) return NotValid();
  LEAT_ASSIGN(const Scope scope, ParseScope(rows.Text(0, 2)));
  LEAT_ASSIGN(const TableRights tables, ParseTables(rows.OptText(0, 4)));
  NewToken token = FreshToken();
  LEAT_TRY(store.Write([&](state::Transaction& tx) -> Status {
    const TimeMicros now = tx.Now();
    LEAT_ASSIGN(const state::Rows valid, tx.Query("SELECT 1 FROM token WHERE id = ?1 AND revoked_at IS NULL "
                                                  "AND (expires_at IS NULL OR expires_at > ?2)",
                                                  {id, now}));
    if (valid.empty()) return NotValid();
    std::chrono::seconds life = kIssuedLife;
    if (const std::optional<TimeMicros> end = rows.OptInt(0, 3)) {
      const std::chrono::microseconds left(*end - now);
      life = std::min(life, std::chrono::duration_cast<std::chrono::seconds>(left));
    }
    // Those of the hours before are of no use to anybody.
    LEAT_TRY(tx.Execute("DELETE FROM token WHERE parent IS NOT NULL AND expires_at < ?1",
                        {now - std::chrono::microseconds(kIssuedLife).count()}));
    return InsertToken(tx, token, user, scope, life, tables, /*client=*/false, id);
  }));
  return token;
}

Result<std::vector<TokenInfo>> ListTokens(state::Store& store) {
  LEAT_ASSIGN(const state::Rows rows,
              store.Read("SELECT id, user_name, scope, created_at, expires_at, revoked_at, kind, tables FROM token "
                         "WHERE parent IS NULL ORDER BY id"));
  std::vector<TokenInfo> tokens;
  for (size_t i = 0; i < rows.size(); ++i) {
    LEAT_ASSIGN(const Scope scope, ParseScope(rows.Text(i, 2)));
    LEAT_ASSIGN(const TableRights tables, ParseTables(rows.OptText(i, 7)));
    tokens.push_back({rows.Text(i, 0), rows.Text(i, 1), scope, rows.Text(i, 6) == "client", tables.patterns(),
                      rows.Int(i, 3), rows.OptInt(i, 4), rows.OptInt(i, 5)});
  }
  return tokens;
}

Status RevokeToken(state::Store& store, const std::string& id) {
  int64_t changed = 0;
  LEAT_TRY(store.Write([&](state::Transaction& tx) -> Status {
    LEAT_ASSIGN(changed,
                tx.Execute("UPDATE token SET revoked_at = COALESCE(revoked_at, ?2) WHERE id = ?1 OR parent = ?1",
                           {id, tx.Now()}));
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
      store_.Read(
          "SELECT id, user_name, scope, expires_at, revoked_at, tables FROM token WHERE sha256 = ?1 AND kind = 'token'",
          {sha256}));
  Known known;
  if (rows.empty()) return known;
  LEAT_ASSIGN(known.identity.scope, ParseScope(rows.Text(0, 2)));
  LEAT_ASSIGN(known.identity.tables, ParseTables(rows.OptText(0, 5)));
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
    return NotValid();
  }
  return known.identity;
}

}  // namespace leat::serve
