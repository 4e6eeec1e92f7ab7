#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "component/source.h"
#include "components/source/http/auth.h"

namespace leat::components::http {

struct ApiRequest {
  std::string method = "GET";
  std::string path;  ///< below the connection's url; or a whole address
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type = "application/json";
};

struct ApiAnswer {
  std::string body;
  std::string content_type;  ///< lower case, without parameters
  std::string charset;       ///< of the content type, "" where it says none
  std::string link;
  std::string url;  ///< as it was asked, without keys
  int status = 0;
};

/// The longest answer, also unpacked.
inline constexpr size_t kLongestAnswer = size_t{1} << 30;

/// One connection's way to its API: keys, limits and patience. Thread-safe.
class Session {
 public:
  static Result<std::unique_ptr<Session>> Make(const config::Values& connection,
                                               const component::SourceContext& context);

  /// Asks until there is an answer: again after 408, 429 and 5xx, when cut off, and once with a new token after 401. `Retry-After`
  /// holds for all requests of the connection. Errors: SRC-253 kData (4xx, what the API said), kEnvironment (it stays away);
  /// SRC-254 kPermission; SRC-258 kEnvironment: it asks to wait longer than a run may.
  Result<ApiAnswer> Ask(const ApiRequest& request);
  /// Any answer of the base address will do.
  Status Reach();

  const config::Values& connection() const { return connection_; }
  const component::SourceContext& context() const { return context_; }
  int64_t requests() const { return requests_; }

 private:
  Session(const config::Values& connection, const component::SourceContext& context);
  Result<ApiAnswer> AskOnce(const ApiRequest& request, const std::string& url);
  Status WaitAsTold(const io::HttpAnswer& answer);

  config::Values connection_;
  component::SourceContext context_;
  std::string base_;
  io::HttpClient http_;
  std::unique_ptr<Auth> auth_;
  std::atomic<int64_t> requests_{0};
};

/// Seconds or an HTTP date of a Retry-After header as a time; 0 when it says neither.
TimeMicros RetryAfter(const std::string& header, TimeMicros now);

}  // namespace leat::components::http
