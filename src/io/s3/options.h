#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/retry.h"
#include "io/s3/credentials.h"

namespace leat::io::s3 {

/// `storage:` of leat.yml, as typed: what is empty is looked for elsewhere (Resolve).
struct StorageSettings {
  std::string endpoint;  ///< "https://host:port"; "" is AWS's own
  std::string region;
  std::optional<bool> path_style;  ///< true: host/bucket/key, false: bucket.host/key
  std::string ca_file;
  std::string profile;
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
};

/// How a store is reached, everything known.
struct Endpoint {
  std::string url;   ///< "https://s3.eu-central-1.amazonaws.com", without '/' at the end
  std::string host;  ///< "host" or "host:port" of it
  bool tls = true;
  std::string region;
  bool path_style = false;
  std::string ca_file;
};

/// Fills in from AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_CA_BUNDLE and the profile; the
/// region else is us-east-1. Own endpoints are asked with the bucket in the path unless told otherwise. IO-501 kConfig for an
/// endpoint that is no http(s) address, or half a pair of keys.
Result<Endpoint> Resolve(const StorageSettings& settings, const Environment& environment);

struct StoreOptions {
  StorageSettings settings;
  Environment environment;
  /// Tries of one request when the store is busy, cuts or cannot be reached.
  RetryPolicy retry{8, std::chrono::milliseconds(100), std::chrono::milliseconds(10'000), 2.0,
                    std::chrono::milliseconds(90'000)};
  HttpOptions http;
  int64_t multipart_bytes =
      int64_t{32} << 20;                  ///< files above it go in parts of that size; at least 5 MiB on real stores
  int64_t copy_bytes = int64_t{5} << 30;  ///< what a store copies in one go; more goes in parts of that size
  const CancelToken* cancel = nullptr;    ///< ends waits, reads and writes; removing goes on
};

}  // namespace leat::io::s3
