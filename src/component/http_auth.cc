#include "component/http_auth.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/json_quoted.h"
#include "base/secret.h"
#include "component/http_address.h"
#include "config/field_builders.h"
#include "data/json_path.h"
#include "data/json_scan.h"

namespace leat::component {
namespace {

using config::FieldSpec;
using config::SecretField;
using config::TextField;
using config::WordField;
using io::s3::EncodeText;

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kBeforeTheEnd = 60 * kSecond;
constexpr TimeMicros kAssertionLife = 300 * kSecond;

std::string Base64Url(std::string_view bytes) {
  std::string text = io::s3::Base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

/// RS256 or ES256, by the key (PEM).
Result<std::string> SignJwt(const std::string& private_key, const std::string& key_id, const std::string& claims) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
    return MakeError("SRC-252", ErrorKind::kConfig, "auth: `private_key` is no RSA key in PEM form")
        .WithHint("it begins with -----BEGIN PRIVATE KEY-----; keep it with `leat secret set`");
  }
  const std::string kid = key_id.empty() ? "" : ",\"kid\":" + JsonQuoted(key_id);
  const std::string head = Base64Url("{\"alg\":\"RS256\",\"typ\":\"JWT\"" + kid + "}") + "." + Base64Url(claims);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  size_t length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(head.data());
  std::string signature;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, head.size()) != 1) {
    return MakeError("SRC-252", ErrorKind::kConfig, "auth: `private_key` cannot sign");
  }
  signature.resize(length);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes, head.size()) !=
      1)
    return MakeError("SRC-252", ErrorKind::kConfig, "auth: `private_key` cannot sign");
  signature.resize(length);
  return head + "." + Base64Url(signature);
}

std::string MemberText(std::string_view body, const char* name) {
  std::string text;
  data::EachMember(body, [&](const std::string& member, std::string_view value) {
    if (member == name && value != "null") data::JsonValueText(value, text);
  });
  return text;
}

}  // namespace

FieldSpec HttpAuthField() {
  FieldSpec auth;
  auth.name = "auth";
  auth.type = config::FieldType::kObject;
  auth.description = "How the server knows who asks.";
  auth.fields = {
      WordField("type", "Kind of authorisation.", "none", {"none", "basic", "bearer", "api_key", "oauth2", "aws"}),
      TextField("user", "basic: the user."),
      SecretField("password", "basic: the password."),
      SecretField("token", "bearer: the token."),
      TextField("name", "api_key: name of the header or parameter."),
      SecretField("key", "api_key: the key."),
      WordField("in", "api_key: where it goes.", "header", {"header", "query"}),
      WordField("grant", "oauth2: how a token is got.", "client_credentials",
                {"client_credentials", "refresh_token", "jwt_bearer"}),
      TextField("token_url", "oauth2: address of the token endpoint."),
      TextField("client_id", "oauth2: the client."),
      SecretField("client_secret", "oauth2: its secret."),
      WordField("client_in", "oauth2: where client and secret go.", "header", {"header", "body"}),
      SecretField("refresh_token", "oauth2, grant refresh_token: the token that others are got with."),
      TextField(
          "refresh_token_secret",
          "oauth2, grant refresh_token: name of the secret (`leat secret set NAME`) that has this token instead, and gets the new "
          "one where the API replaces it at each use."),
      TextField("scope", "oauth2: scopes, parted by blanks."),
      TextField("audience", "oauth2: audience of the token; grant jwt_bearer: default is token_url."),
      SecretField("private_key", "oauth2, grant jwt_bearer: RSA key in PEM form."),
      TextField("issuer", "oauth2, grant jwt_bearer: `iss`; default client_id."),
      TextField("subject", "oauth2, grant jwt_bearer: `sub`; default the issuer."),
      TextField("key_id", "oauth2, grant jwt_bearer: `kid` of the key."),
      TextField("region", "aws: region of the service."),
      TextField("service", "aws: its name in signatures (execute-api)."),
      TextField("access_key_id", "aws: the key's id."),
      SecretField("secret_access_key", "aws: the key."),
      SecretField("session_token", "aws: of keys that end.")};
  return auth;
}

Result<std::unique_ptr<HttpAuth>> HttpAuth::Make(const config::Values* values, const Clock& clock,
                                                 const std::string& project_root) {
  std::unique_ptr<HttpAuth> auth(new HttpAuth(clock));
  if (values == nullptr) return auth;
  const std::string type = values->Text("type");
  std::vector<const char*> needed;
  if (type == "basic") {
    auth->kind_ = Kind::kBasic;
    needed = {"user"};
  } else if (type == "bearer") {
    auth->kind_ = Kind::kBearer;
    needed = {"token"};
  } else if (type == "api_key") {
    auth->kind_ = Kind::kApiKey;
    needed = {"name", "key"};
  } else if (type == "aws") {
    auth->kind_ = Kind::kAws;
    needed = {"region", "service", "access_key_id", "secret_access_key"};
  } else if (type == "oauth2") {
    auth->kind_ = Kind::kOAuth2;
    const std::string grant = values->Text("grant");
    needed = {"token_url"};
    if (grant == "jwt_bearer") {
      needed.push_back("private_key");
    } else {
      needed.push_back("client_id");
    }
    if (grant == "refresh_token" && values->Text("refresh_token_secret").empty()) needed.push_back("refresh_token");
  }
  for (const char* name : needed) {
    if (values->Text(name).empty()) {
      return MakeError("SRC-252", ErrorKind::kConfig, "auth of type {} needs `{}`", type, name)
          .At(values->span)
          .WithHint(std::string("add it: `") + name + ": …`; secrets as ${secret:NAME}");
    }
  }
  auth->kept_as_ = values->Text("refresh_token_secret");
  if (!auth->kept_as_.empty()) {
    LEAT_TRY(config::SecretFiles::CheckName(auth->kept_as_));
    auth->secrets_.emplace(project_root);
  }
  auth->user_ = values->Text("user");
  auth->password_ = values->Text("password");
  auth->token_ = values->Text("token");
  auth->name_ = values->Text("name");
  auth->key_ = values->Text("key");
  auth->in_ = values->Text("in");
  auth->grant_ = values->Text("grant");
  auth->token_url_ = values->Text("token_url");
  auth->client_id_ = values->Text("client_id");
  auth->client_secret_ = values->Text("client_secret");
  auth->client_in_body_ = values->Text("client_in") == "body";
  auth->refresh_token_ = values->Text("refresh_token");
  auth->scope_ = values->Text("scope");
  auth->audience_ = values->Text("audience");
  auth->private_key_ = values->Text("private_key");
  auth->issuer_ = values->Text("issuer").empty() ? auth->client_id_ : values->Text("issuer");
  auth->subject_ = values->Text("subject").empty() ? auth->issuer_ : values->Text("subject");
  auth->key_id_ = values->Text("key_id");
  auth->region_ = values->Text("region");
  auth->service_ = values->Text("service");
  auth->keys_ = {values->Text("access_key_id"), values->Text("secret_access_key"), values->Text("session_token"), 0,
                 "connections.yml"};
  return auth;
}

Status HttpAuth::Apply(io::HttpRequest& request, io::HttpReader& http, const CancelToken* cancel) {
  switch (kind_) {
    case Kind::kNone: return Ok();
    case Kind::kBasic:
      request.headers.emplace_back("Authorization", "Basic " + io::s3::Base64(user_ + ":" + password_));
      return Ok();
    case Kind::kBearer: request.headers.emplace_back("Authorization", "Bearer " + token_); return Ok();
    case Kind::kApiKey:
      if (in_ == "header") {
        request.headers.emplace_back(name_, key_);
      } else {
        request.url +=
            (request.url.find('?') == std::string::npos ? "?" : "&") + EncodeText(name_) + "=" + EncodeText(key_);
      }
      return Ok();
    case Kind::kOAuth2: {
      std::lock_guard lock(mutex_);
      if (access_token_.empty() || (ends_at_ != 0 && clock_.Now() + kBeforeTheEnd > ends_at_))
        LEAT_TRY(GetToken(http, cancel));
      request.headers.emplace_back("Authorization", "Bearer " + access_token_);
      return Ok();
    }
    case Kind::kAws: {
      const size_t host_at = request.url.find("://") + 3;
      const size_t path_at = std::min(request.url.find_first_of("/?", host_at), request.url.size());
      const size_t query_at = request.url.find('?');
      io::s3::SignedRequest whole;
      whole.method = request.method;
      whole.path = request.url.substr(path_at, query_at == std::string::npos ? query_at : query_at - path_at);
      if (whole.path.empty()) whole.path = "/";
      // Of all services but S3 the path that is signed is encoded once more than the one that is asked for.
      if (service_ != "s3") whole.path = io::s3::EncodePath(whole.path);
      for (size_t at = query_at; at != std::string::npos && at < request.url.size();) {
        const size_t next = request.url.find('&', at + 1);
        const std::string pair = request.url.substr(at + 1, next == std::string::npos ? next : next - at - 1);
        const size_t equals = pair.find('=');
        if (!pair.empty())
          whole.query.emplace_back(DecodePercent(pair.substr(0, equals)),
                                   equals == std::string::npos ? "" : DecodePercent(pair.substr(equals + 1)));
        at = next;
      }
      whole.headers = {{"host", request.url.substr(host_at, path_at - host_at)}};
      whole.payload_hash = io::s3::Hex(io::s3::Sha256(request.body));
      io::s3::Sign(whole, keys_, region_, service_, clock_.Now());
      for (const auto& [name, value] : whole.headers) {
        if (name != "host") request.headers.emplace_back(name, value);
      }
      return Ok();
    }
  }
  return Ok();
}

Result<std::string> HttpAuth::Assertion() const {
  const TimeMicros now = clock_.Now() / kSecond;
  std::string claims = "{\"iss\":" + JsonQuoted(issuer_) + ",\"sub\":" + JsonQuoted(subject_) +
                       ",\"aud\":" + JsonQuoted(audience_.empty() ? token_url_ : audience_) +
                       ",\"iat\":" + std::to_string(now) + ",\"exp\":" + std::to_string(now + kAssertionLife / kSecond);
  if (!scope_.empty()) claims += ",\"scope\":" + JsonQuoted(scope_);
  return SignJwt(private_key_, key_id_, claims + "}");
}

Status HttpAuth::GetToken(io::HttpReader& http, const CancelToken* cancel) {
  if (!secrets_) return AskForToken(http, cancel);
  // A refresh token that is replaced at each use is good once: nobody else may use it, and the next one must find a place.
  LEAT_ASSIGN(const auto hold, secrets_->Hold(kept_as_, cancel));
  std::optional<std::string> kept = secrets_->Find(kept_as_);
  if (!kept && !refresh_token_.empty()) kept = refresh_token_;
  if (!kept) {
    return MakeError("SRC-254", ErrorKind::kPermission, "there is no secret {} with a refresh token for {}", kept_as_,
                     token_url_)
        .WithHint("give it once: `leat secret set " + kept_as_ + "`");
  }
  RegisterSecret(*kept);
  LEAT_TRY(secrets_->Set(kept_as_, *kept));
  refresh_token_ = *kept;
  LEAT_TRY(AskForToken(http, cancel));
  return refresh_token_ == *kept ? Ok() : secrets_->Set(kept_as_, refresh_token_);
}

Status HttpAuth::AskForToken(io::HttpReader& http, const CancelToken* cancel) {
  std::string body;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) body += (body.empty() ? "" : "&") + std::string(name) + "=" + EncodeText(value);
  };
  add("grant_type", grant_ == "jwt_bearer" ? "urn:ietf:params:oauth:grant-type:jwt-bearer" : grant_);
  if (grant_ == "jwt_bearer") {
    LEAT_ASSIGN(const std::string assertion, Assertion());
    add("assertion", assertion);
  } else {
    add("scope", scope_);
    add("audience", audience_);
  }
  if (grant_ == "refresh_token") add("refresh_token", refresh_token_);
  io::HttpRequest request;
  request.method = "POST";
  request.url = token_url_;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  if (client_in_body_) {
    add("client_id", client_id_);
    add("client_secret", client_secret_);
  } else if (!client_id_.empty()) {
    request.headers.emplace_back("Authorization",
                                 "Basic " + io::s3::Base64(EncodeText(client_id_) + ":" + EncodeText(client_secret_)));
  }
  request.body = body;
  LEAT_ASSIGN(const io::HttpAnswer answer, http.Send(request, nullptr, cancel));
  if (answer.status != 200) {
    return MakeError("SRC-254", answer.status >= 500 ? ErrorKind::kEnvironment : ErrorKind::kPermission,
                     "the token endpoint {} answered {}: {}", token_url_, answer.status, answer.body.substr(0, 300))
        .WithHint("check client_id, client_secret, scope and token_url of `auth:` in connections.yml")
        .WithRetry(answer.status >= 500 || answer.status == 429 ? Retry::kSafe : Retry::kNever);
  }
  access_token_ = MemberText(answer.body, "access_token");
  if (access_token_.empty()) {
    return MakeError("SRC-254", ErrorKind::kPermission, "the token endpoint {} gave no access_token", token_url_)
        .WithHint("is token_url of `auth:` the right address?");
  }
  RegisterSecret(access_token_);
  const std::string life = MemberText(answer.body, "expires_in");
  ends_at_ = life.empty() ? 0 : clock_.Now() + std::strtoll(life.c_str(), nullptr, 10) * kSecond;
  const std::string next = MemberText(answer.body, "refresh_token");  // some endpoints give a new one each time
  if (!next.empty()) {
    RegisterSecret(next);
    refresh_token_ = next;
  }
  return Ok();
}

bool HttpAuth::Refused() {
  if (kind_ != Kind::kOAuth2) return false;
  std::lock_guard lock(mutex_);
  if (refused_) return false;
  refused_ = true;
  access_token_.clear();
  return true;
}

void HttpAuth::Accepted() {
  if (kind_ != Kind::kOAuth2) return;
  std::lock_guard lock(mutex_);
  refused_ = false;
}

}  // namespace leat::component
