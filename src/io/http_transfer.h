#pragma once

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <vector>

#include "io/http_reader.h"

namespace leat::io {

/// Connections that are kept and used again. Thread-safe. Behind HttpClient and HttpReader only.
class HttpConnections {
 public:
  HttpConnections();

  struct Deleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, Deleter>;

  /// One that nobody uses, or a new one; null: no memory.
  Handle Take();
  void Give(Handle handle);

 private:
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

/// Sends a request, and again to where the answer redirects: to another origin only with headers that say what is wanted,
/// never with keys, and never from https to http. IO-420 kEnvironment: redirects come to no end, or leave TLS. Other errors:
/// HttpClient.
Result<HttpReply> Exchange(HttpConnections& connections, const HttpOptions& options, const HttpRequest& request,
                           const TakeBody& take, const CancelToken* cancel);

}  // namespace leat::io
