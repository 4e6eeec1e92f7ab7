#include "io/http.h"

#include <curl/curl.h>

#include <mutex>

#include "base/lower.h"
#include "io/gunzip.h"
#include "io/unpack.h"

namespace leat::io {
namespace {

struct Transfer {
  HttpAnswer answer;
  size_t longest_answer_bytes = 0;
  const CancelToken* cancel = nullptr;
  bool too_long = false;
};

size_t TakeBody(char* bytes, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.longest_answer_bytes > 0 && transfer.answer.body.size() + size * count > transfer.longest_answer_bytes) {
    transfer.too_long = true;
    return 0;
  }
  transfer.answer.body.append(bytes, size * count);
  return size * count;
}

size_t TakeHeader(char* bytes, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(bytes, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // of a "100 Continue" before the answer, too
    transfer.answer.headers.clear();
    return size * count;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  line.remove_prefix(colon + 1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  transfer.answer.headers[name] = std::string(line);
  return size * count;
}

int LookForCancel(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.cancel != nullptr && transfer.cancel->cancelled() ? 1 : 0;
}

// "https://host:port" of a URL: messages show no keys of objects and no signatures.
std::string Origin(const std::string& url) {
  const size_t host = url.find("://");
  return url.substr(0, host == std::string::npos ? url.size() : url.find('/', host + 3));
}

Error TransferError(CURLcode code, bool connected, const char* text, const HttpRequest& request,
                    const std::string& field) {
  const std::string detail = text[0] != '\0' ? text : curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT && !connected) code = CURLE_COULDNT_CONNECT;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return MakeError("IO-511", ErrorKind::kEnvironment, "{} cannot be reached: its name is not known ({})",
                       Origin(request.url), detail)
          .WithHint("check " + field + " and the machine's network")
          .WithRetry(Retry::kSafe);
    case CURLE_COULDNT_CONNECT:
      return MakeError("IO-511", ErrorKind::kEnvironment, "{} cannot be reached: {}", Origin(request.url), detail)
          .WithHint("check that it runs and that " + field + " names its address and port")
          .WithRetry(Retry::kSafe);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return MakeError("IO-511", ErrorKind::kEnvironment, "no trusted TLS connection to {}: {}", Origin(request.url),
                       detail)
          .WithHint("name the certificate of its issuer as `ca_file` beside " + field +
                    "; an address without TLS begins with http://")
          .WithRetry(code == CURLE_SSL_CONNECT_ERROR ? Retry::kSafe : Retry::kNever);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return MakeError("IO-511", ErrorKind::kConfig, "'{}' is not an address: {}", Origin(request.url), detail)
          .WithHint("write " + field + " as https://host or https://host:port");
    default:
      return MakeError("IO-512", ErrorKind::kEnvironment, "the connection to {} ended in the middle of a request: {}",
                       Origin(request.url), detail)
          .WithHint("run again; when it stays so, look at the network on the way")
          .WithRetry(Retry::kUnknownOutcome);
  }
}

/// What `Content-Encoding` says of the body is undone.
Status UnpackBody(const HttpRequest& request, size_t longest_answer_bytes, HttpAnswer& answer) {
  const std::string encoding = Lower(answer.Header("content-encoding"));
  if (encoding.empty() || encoding == "identity" || answer.body.empty()) return Ok();
  const std::string what = "the answer of " + Origin(request.url);
  const Packing packing = PackingOf(answer.body);
  const bool gzip = (encoding == "gzip" || encoding == "x-gzip") && packing == Packing::kGzip;
  if (!gzip && !(encoding == "zstd" && packing == Packing::kZstd))
    return CannotUnpack(what, "its Content-Encoding is '" + encoding + "', and gzip was asked for");
  const size_t most = longest_answer_bytes == 0 ? SIZE_MAX : longest_answer_bytes;
  auto body = UnpackBytes(answer.body, what, most);
  if (!body.ok()) return std::move(std::move(body).error()).WithRetry(Retry::kUnknownOutcome);
  answer.body = std::move(body).value();
  return Ok();
}

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;

}  // namespace

struct HttpClient::Connections {
  std::mutex mutex;
  std::vector<CurlPtr> idle;

  CurlPtr Take() {
    {
      std::lock_guard lock(mutex);
      if (!idle.empty()) {
        CurlPtr handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return CurlPtr(curl_easy_init());
  }
  void Give(CurlPtr handle) {
    constexpr size_t kKept = 32;
    std::lock_guard lock(mutex);
    if (idle.size() < kKept) idle.push_back(std::move(handle));
  }
};

const std::string& HttpAnswer::Header(const std::string& lower_case_name) const {
  static const std::string kNone;
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? kNone : found->second;
}

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), connections_(std::make_unique<Connections>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::Send(const HttpRequest& request, const CancelToken* cancel) {
  CurlPtr handle = connections_->Take();
  if (handle == nullptr) return MakeError("IO-512", ErrorKind::kResource, "no memory for a connection");
  CURL* curl = handle.get();
  curl_easy_reset(curl);  // keeps its connections
  Transfer transfer;
  transfer.cancel = cancel;
  transfer.longest_answer_bytes = options_.longest_answer_bytes;
  char text[CURL_ERROR_SIZE] = "";
  curl_slist* headers = nullptr;
  for (const auto& [name, value] : request.headers) {
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    headers = curl_slist_append(headers, line.c_str());
  }
  headers = curl_slist_append(headers, "Expect:");
  // Unpacked here: libcurl takes a packed answer that is cut off for a whole one.
  if (options_.accept_packed) headers = curl_slist_append(headers, "Accept-Encoding: gzip");
  headers = curl_slist_append(headers, "Content-Type:");  // curl's own would be a form's
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned(headers, curl_slist_free_all);

  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, LookForCancel);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  if (options_.ignore_proxy) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (options_.redirects > 0) {
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(options_.redirects));
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  }
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    if (code == CURLE_ABORTED_BY_CALLBACK && cancel != nullptr) LEAT_TRY(cancel->Check());
    if (transfer.too_long)
      return MakeError("IO-514", ErrorKind::kEnvironment, "the answer of {} is longer than {} bytes",
                       Origin(request.url), options_.longest_answer_bytes);
    curl_off_t began = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &began);
    return TransferError(code, began > 0, text, request, options_.at_field);  // the handle and its connection go
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  connections_->Give(std::move(handle));
  if (options_.accept_packed) LEAT_TRY(UnpackBody(request, options_.longest_answer_bytes, transfer.answer));
  return std::move(transfer.answer);
}

}  // namespace leat::io
