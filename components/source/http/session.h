#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "component/http_asker.h"
#include "component/source.h"

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

  /// Asks with patience (component/http_asker.h) until there is an answer of 2xx. Errors: SRC-253 kData (4xx, what the API said),
  /// kEnvironment (it stays away); SRC-254 kPermission; SRC-258 kEnvironment: it asks to wait longer than a run may.
  Result<ApiAnswer> Ask(const ApiRequest& request);
  /// Any answer of the base address will do.
  Status Reach() { return asker_.Reach(); }

  const config::Values& connection() const { return connection_; }
  const component::SourceContext& context() const { return context_; }
  int64_t requests() const { return asker_.requests(); }

 private:
  Session(const config::Values& connection, const component::SourceContext& context,
          std::unique_ptr<component::HttpAuth> auth);

  config::Values connection_;
  component::SourceContext context_;
  std::string base_;
  component::HttpAsker asker_;
};

}  // namespace leat::components::http
