#include "io/http_transfer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "base/lower.h"
#include "io/gunzip.h"
#include "io/http_rules.h"
#include "io/unpack.h"

namespace leat::io {
namespace {

struct Transfer {
  HttpReply answer;
  size_t longest_answer_bytes = 0;
  const CancelToken* cancel = nullptr;
  const TakeBody* take = nullptr;
  bool too_long = false;
  std::optional<Error> refused;  ///< by `take`
};

size_t GotBody(char* bytes, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (*transfer.take && transfer.answer.status >= 200 && transfer.answer.status < 300) {
    const Status taken = (*transfer.take)(transfer.answer, std::string_view(bytes, size * count));
    if (taken.ok()) return size * count;
    transfer.refused = taken.error();
    return 0;
  }
  if (transfer.longest_answer_bytes > 0 && transfer.answer.body.size() + size * count > transfer.longest_answer_bytes) {
    transfer.too_long = true;
    return 0;
  }
  transfer.answer.body.append(bytes, size * count);
  return size * count;
}

size_t GotHeader(char* bytes, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(bytes, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // of a "100 Continue" before the answer, too
    transfer.answer.headers.clear();
    const size_t code = line.find(' ');
    transfer.answer.status = code == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(code)).c_str());
    return size * count;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  const std::string name = Lower(line.substr(0, colon));
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

/// Headers that say what is wanted, not who wants it.
bool TellsNoKeys(const std::string& name) {
  constexpr std::array<std::string_view, 5> kPlain = {"accept", "accept-encoding", "content-type", "if-range", "range"};
  return std::find(kPlain.begin(), kPlain.end(), Lower(name)) != kPlain.end();
}

/// `redirected`: where the answer says that it lies instead, "" nowhere.
Result<HttpReply> SendOnce(HttpConnections& connections, const HttpOptions& options, const HttpRequest& request,
                           const TakeBody& take, const CancelToken* cancel, std::string& redirected) {
  HttpConnections::Handle handle = connections.Take();
  if (handle == nullptr) return MakeError("IO-512", ErrorKind::kResource, "no memory for a connection");
  CURL* curl = handle.get();
  curl_easy_reset(curl);  // keeps its connections
  Transfer transfer;
  transfer.cancel = cancel;
  transfer.take = &take;
  transfer.longest_answer_bytes = options.longest_answer_bytes;
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
  if (options.accept_packed && !take) headers = curl_slist_append(headers, "Accept-Encoding: gzip");
  headers = curl_slist_append(headers, "Content-Type:");  // curl's own would be a form's
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned(headers, curl_slist_free_all);

  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, GotBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, GotHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, LookForCancel);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  if (options.ignore_proxy) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
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
    if (transfer.refused) return std::move(*transfer.refused);
    if (transfer.too_long)
      return MakeError("IO-514", ErrorKind::kEnvironment, "the answer of {} is longer than {} bytes",
                       Origin(request.url), options.longest_answer_bytes);
    curl_off_t began = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &began);
    return TransferError(code, began > 0, text, request, options.at_field);  // the handle and its connection go
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  transfer.answer.url = request.url;
  const char* elsewhere = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &elsewhere);
  redirected = elsewhere == nullptr ? "" : elsewhere;
  connections.Give(std::move(handle));
  if (options.accept_packed && !take) LEAT_TRY(UnpackBody(request, options.longest_answer_bytes, transfer.answer));
  return std::move(transfer.answer);
}

}  // namespace

HttpConnections::HttpConnections() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

HttpConnections::Handle HttpConnections::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Handle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  return Handle(curl_easy_init());
}

void HttpConnections::Give(Handle handle) {
  constexpr size_t kKept = 32;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kKept) idle_.push_back(std::move(handle));
}

Result<HttpReply> Exchange(HttpConnections& connections, const HttpOptions& options, const HttpRequest& request,
                           const TakeBody& take, const CancelToken* cancel) {
  HttpRequest asked = request;
  for (int left = options.redirects;; --left) {
    std::string next;
    LEAT_ASSIGN(HttpReply reply, SendOnce(connections, options, asked, take, cancel, next));
    if (next.empty() || options.redirects == 0) return reply;
    const std::string from = UrlOrigin(asked.url), to = UrlOrigin(next);
    const bool unsafe = from.starts_with("https:") && to.starts_with("http:");
    if (left == 0 || unsafe) {
      return MakeError("IO-420", ErrorKind::kEnvironment, "{} redirects {}", from,
                       unsafe ? "to " + to + ", where nothing is encrypted" : "again and again, at last to " + to)
          .WithHint("write the address where it leads to in the end as " + options.at_field);
    }
    if (to != from) std::erase_if(asked.headers, [](const auto& header) { return !TellsNoKeys(header.first); });
    if (reply.status == 303 || (reply.status <= 302 && asked.method == "POST")) {
      if (asked.method != "HEAD") asked.method = "GET";
      asked.body = {};
    }
    asked.url = next;
  }
}

}  // namespace leat::io
