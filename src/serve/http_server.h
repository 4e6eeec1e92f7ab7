#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "serve/http.h"
#include "serve/tls.h"

namespace leat::serve {

struct HttpLimits {
  size_t header_bytes = 32 * 1024;         ///< all headers of a request; more: 431
  size_t body_bytes = 16 * 1024 * 1024;    ///< more: 413
  size_t connections = 4096;               ///< open at once; more: 503
  size_t queued = 1024;                    ///< requests that wait for a handler; more: 503
  std::chrono::seconds idle{300};          ///< a keep-alive connection without a request
  std::chrono::seconds transfer{30};       ///< reading one request or writing one answer, without progress
  std::chrono::milliseconds drain{4'000};  ///< after cancelling, for answers on their way
};

/// An HTTP/1.1 server: connections are read and written asynchronously on one thread, so that an idle connection costs no
/// thread; handlers block on a bounded pool. Keep-alive, Expect: 100-continue, TLS, no pipelining ahead.
class HttpServer {
 public:
  /// Binds and listens; port 0 takes a free one. SERVE-101 (kEnvironment): in use; SERVE-102 (kUsage): not an address of
  /// this machine; SERVE-103 (kEnvironment): no right to this port. `tls` null: plain HTTP.
  static Result<std::unique_ptr<HttpServer>> Listen(const std::string& address, int port, size_t threads,
                                                    const HttpLimits& limits = {},
                                                    std::shared_ptr<const Tls> tls = nullptr);
  virtual ~HttpServer() = default;

  virtual const std::string& address() const = 0;
  virtual int port() const = 0;

  /// Serves until `cancel` is cancelled; then stops accepting, closes idle connections, and returns when the requests in
  /// work are answered or `drain` is over. Call once.
  virtual Status Run(Handler handler, CancelToken& cancel) = 0;
};

/// True for 127.0.0.0/8, ::1 and "localhost".
bool IsLoopback(const std::string& address);

}  // namespace leat::serve
