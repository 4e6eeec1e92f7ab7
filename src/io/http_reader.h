#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/http.h"

namespace leat::io {

/// An answer, and where it came from: redirects may lead elsewhere.
struct HttpReply : HttpAnswer {
  std::string url;
};

/// Takes the body of an answer of 2xx, in pieces and in order, with the status and headers that came before it. An error ends the
/// request and is its outcome.
using TakeBody = std::function<Status(const HttpAnswer& head, std::string_view bytes)>;

/// An HttpClient (http.h) for answers of any length. Thread-safe; errors and connections are as there.
class HttpReader {
 public:
  explicit HttpReader(HttpOptions options);
  ~HttpReader();
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  /// `take` null: the body is in the answer.
  Result<HttpReply> Send(const HttpRequest& request, const TakeBody& take = nullptr,
                         const CancelToken* cancel = nullptr);

 private:
  struct Connections;
  const HttpOptions options_;
  const std::unique_ptr<Connections> connections_;
};

}  // namespace leat::io
