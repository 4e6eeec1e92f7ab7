#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/field.h"
#include "io/http.h"
#include "io/s3/sign.h"

namespace leat::components::http {

/// `auth:` of a connection. Thread-safe; one per source object.
class Auth {
 public:
  enum class Kind { kNone, kBasic, kBearer, kApiKey, kOAuth2, kAws };

  /// SRC-252 kConfig names what is missing, at its place.
  static Result<std::unique_ptr<Auth>> Make(const config::Values& connection, const Clock& clock);

  /// Adds what proves who asks: headers, or a parameter of the address. Gets a token where there is none yet, or where it is about to end.
  Status Apply(io::HttpRequest& request, io::HttpClient& http, const CancelToken* cancel);
  /// The API refused it (401): true when the next Apply may do better, once after each success.
  bool Refused();
  void Accepted();

 private:
  explicit Auth(const Clock& clock) : clock_(clock) {}
  Status GetToken(io::HttpClient& http, const CancelToken* cancel);
  Result<std::string> Assertion() const;

  const Clock& clock_;
  Kind kind_ = Kind::kNone;
  std::string user_, password_, token_, name_, key_, in_;
  std::string grant_, token_url_, client_id_, client_secret_, refresh_token_, scope_, audience_, private_key_, issuer_,
      subject_, key_id_;
  bool client_in_body_ = false;
  std::string region_, service_;
  io::s3::Credentials keys_;

  std::mutex mutex_;
  std::string access_token_;
  TimeMicros ends_at_ = 0;  ///< of the access token; 0: not known
  bool refused_ = false;
};

config::FieldSpec AuthField();

}  // namespace leat::components::http
