#include "io/http.h"

#include "io/http_transfer.h"

namespace leat::io {

struct HttpClient::Connections : HttpConnections {};

const std::string& HttpAnswer::Header(const std::string& lower_case_name) const {
  static const std::string kNone;
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? kNone : found->second;
}

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), connections_(std::make_unique<Connections>()) {}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::Send(const HttpRequest& request, const CancelToken* cancel) {
  LEAT_ASSIGN(HttpReply reply, Exchange(*connections_, options_, request, nullptr, cancel));
  return HttpAnswer(std::move(reply));
}

struct HttpReader::Connections : HttpConnections {};

HttpReader::HttpReader(HttpOptions options)
    : options_(std::move(options)), connections_(std::make_unique<Connections>()) {}

HttpReader::~HttpReader() = default;

Result<HttpReply> HttpReader::Send(const HttpRequest& request, const TakeBody& take, const CancelToken* cancel) {
  return Exchange(*connections_, options_, request, take, cancel);
}

}  // namespace leat::io
