#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/field.h"
#include "config/secrets.h"
#include "io/http_reader.h"
#include "io/s3/sign.h"

namespace leat::component {

/// `auth:` of what is asked over HTTP. Thread-safe; one per source object or place.
class HttpAuth {
 public:
  enum class Kind { kNone, kBasic, kBearer, kApiKey, kOAuth2, kAws };

  /// `values`: of HttpAuthField, null: nobody asks who. SRC-252 kConfig names what is missing, at its place.
  static Result<std::unique_ptr<HttpAuth>> Make(const config::Values* values, const Clock& clock,
                                                const std::string& project_root);

  /// Adds what proves who asks: headers, or a parameter of the address. Gets a token where there is none yet, or where it is about to end.
  Status Apply(io::HttpRequest& request, io::HttpReader& http, const CancelToken* cancel);
  /// The API refused it (401): true when the next Apply may do better, once after each success.
  bool Refused();
  void Accepted();

 private:
  explicit HttpAuth(const Clock& clock) : clock_(clock) {}
  Status GetToken(io::HttpReader& http, const CancelToken* cancel);
  Status AskForToken(io::HttpReader& http, const CancelToken* cancel);
  Result<std::string> Assertion() const;

  const Clock& clock_;
  Kind kind_ = Kind::kNone;
  std::string user_, password_, token_, name_, key_, in_;
  std::string grant_, token_url_, client_id_, client_secret_, refresh_token_, scope_, audience_, private_key_, issuer_,
      subject_, key_id_;
  bool client_in_body_ = false;
  std::string kept_as_;                           ///< name of the secret that has the refresh token; "" none
  std::optional<config::SecretFiles> secrets_{};  ///< of the project, with kept_as_
  std::string region_, service_;
  io::s3::Credentials keys_;

  std::mutex mutex_;
  std::string access_token_;
  TimeMicros ends_at_ = 0;  ///< of the access token; 0: not known
  bool refused_ = false;
};

config::FieldSpec HttpAuthField();

}  // namespace leat::component
