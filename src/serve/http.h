#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace leat::serve {

/// One HTTP request as handlers see it. Header names are in lower case; `path` is as sent (still percent-encoded, without
/// the query); `query` is decoded, the last of several equal names counts.
struct Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;
  std::string body;
  std::string peer;  ///< address of the client, without port

  /// "" when absent. `name` in lower case.
  std::string_view Header(std::string_view name) const;
  /// "" when absent.
  std::string_view Query(std::string_view name) const;
};

/// The answer. `body` is shared so that cached answers are sent without a copy; null means no body. HEAD and 304 answers
/// are sent without the body whatever it holds.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
};

Response TextResponse(int status, std::string body, std::string content_type = "application/json");
Response EmptyResponse(int status);

/// Answers one request; called on a thread of the server's pool, may block, must not throw for expected errors (what it
/// does throw becomes a 500).
using Handler = std::function<Response(const Request&)>;

/// The HTTP status that tells a client what it can do about an error of this kind.
int HttpStatus(ErrorKind kind);

/// Decodes %XX; an incomplete or wrong escape stays as it is. '+' is a space only with `plus_is_space` (queries, forms).
std::string PercentDecode(std::string_view text, bool plus_is_space);
/// Encodes everything but unreserved characters (RFC 3986).
std::string PercentEncode(std::string_view text);
/// "a=1&b=x+y" as a map; used for queries and form bodies.
std::map<std::string, std::string> ParseForm(std::string_view text);
/// The parts of a path between slashes, still encoded: "/a/b%20c" -> {"a", "b%20c"}.
std::vector<std::string_view> PathSegments(std::string_view path);

}  // namespace leat::serve
