#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace leat::io {

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  /// A transfer that moves no byte for so long is given up (whole seconds count).
  std::chrono::seconds stall_timeout{20};
  std::string ca_file;              ///< certificates to trust besides the machine's, "" none
  bool ignore_proxy = false;        ///< of the environment (http_proxy, https_proxy)
  size_t longest_answer_bytes = 0;  ///< 0: any
  bool accept_packed = false;       ///< asks for gzip, unpacks it, and holds it to its checksum
  int redirects = 0;                ///< followed at most; keys do not go along to other hosts
  /// What a user changes where an address is wrong, for hints.
  std::string at_field = "`endpoint` of `storage:` in leat.yml (or AWS_ENDPOINT_URL)";
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< lower-case names
  std::string body;

  /// "" where the answer has no such header.
  const std::string& Header(const std::string& lower_case_name) const;
};

/// HTTP/1.1 over connections that are kept and used again. Thread-safe; each request in flight has a connection of its own.
/// Any status is an answer. Errors: IO-511 kEnvironment, Retry::kSafe when nobody was reached (name, connection, TLS); IO-512
/// kEnvironment, Retry::kUnknownOutcome when the connection ended or stalled on the way: the request may have been carried
/// out; IO-401 kData, kUnknownOutcome when a packed answer is damaged or cut off; RUN-900 kCancelled.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Result<HttpAnswer> Send(const HttpRequest& request, const CancelToken* cancel = nullptr);

 private:
  struct Connections;
  const HttpOptions options_;
  const std::unique_ptr<Connections> connections_;
};

}  // namespace leat::io
