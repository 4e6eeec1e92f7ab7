#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace leat::io::s3 {

/// Keys of a person or a machine. `expires_at` 0: they do not end.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  TimeMicros expires_at = 0;
  std::string from;  ///< where they were found, for messages: "the environment", "profile dev"
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What a signature covers. The path is encoded already (EncodePath), the query is not.
struct SignedRequest {
  std::string method;
  std::string path;
  Fields query;
  Fields headers;  ///< lower-case names, with "host"; those that Sign adds are left out
  std::string payload_hash;
};

/// Signs with AWS Signature Version 4: adds x-amz-date, x-amz-content-sha256 (of service s3), x-amz-security-token (where
/// there is one) and authorization to `request.headers`.
void Sign(SignedRequest& request, const Credentials& credentials, std::string_view region, std::string_view service,
          TimeMicros now);

/// The parts of a signature that its published test vectors give.
std::string CanonicalRequest(const SignedRequest& request);
std::string SignedNames(const SignedRequest& request);

/// Every byte but A-Z a-z 0-9 - . _ ~ as %XX; EncodePath keeps '/'.
std::string EncodeText(std::string_view text);
std::string EncodePath(std::string_view path);
/// "a=1&b=": sorted and encoded as the signature wants it; a name without value keeps its '='.
std::string QueryText(Fields query);

std::string Sha256(std::string_view bytes);  ///< 32 bytes
std::string Md5(std::string_view bytes);     ///< 16 bytes; "" where the machine's rules forbid it
std::string Hex(std::string_view bytes);
std::string Base64(std::string_view bytes);

}  // namespace leat::io::s3
