#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/retry.h"
#include "component/budget.h"
#include "component/http_auth.h"
#include "io/http_reader.h"

namespace leat::component {

/// How a server is asked over HTTP.
struct HttpAsking {
  std::string base;  ///< address of the server: keys go to its origin (io::UrlOrigin) alone
  std::vector<std::pair<std::string, std::string>> headers;  ///< of each request
  io::HttpOptions http;
  int retries = 0;  ///< how often one request is made again
  const Clock* clock = nullptr;
  Budget* budget = nullptr;  ///< null: no limit
  CancelToken* cancel = nullptr;
};

/// One connection's way to an HTTP server: keys, limits and patience. Thread-safe.
class HttpAsker {
 public:
  HttpAsker(HttpAsking how, std::unique_ptr<HttpAuth> auth);

  /// Asks until there is an answer that stays: again when the server may have another one later (io::MayComeBack), when cut off,
  /// and once with a new token after 401. `Retry-After` holds for all requests of the connection. Any status is an answer; one
  /// that may come back is it once the tries are used up. Errors: HttpReader's; SRC-254: no token;
  /// SRC-258 kEnvironment: the server asks to wait longer than a run may. For requests that may be made twice.
  Result<io::HttpReply> Ask(const io::HttpRequest& request);
  /// The same, once: for who goes on where a body was cut off. An answer that may come back has been waited for as it asks.
  Result<io::HttpReply> AskOnce(const io::HttpRequest& request, const io::TakeBody& take = nullptr);
  /// Any answer to a HEAD of the base address will do; without keys, and no call of the budget.
  Status Reach();
  /// Of tries, also for who makes them.
  RetryPolicy policy() const;
  int64_t requests() const { return requests_; }

 private:
  Status WaitAsTold(const io::HttpAnswer& answer);

  const HttpAsking how_;
  const std::string origin_;
  io::HttpReader http_;
  const std::unique_ptr<HttpAuth> auth_;
  std::atomic<int64_t> requests_{0};
};

/// What an answer says of itself, as one line for messages.
std::string ShownAnswer(const std::string& body);

}  // namespace leat::component
