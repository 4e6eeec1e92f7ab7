#include "components/source/http/session.h"

#include <ctime>

#include "base/log.h"
#include "base/lower.h"
#include "base/retry.h"
#include "component/budget.h"

namespace leat::components::http {
namespace {

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kLongestWait = 600 * kSecond;
constexpr size_t kShownBytes = 400;

/// scheme://host:port
std::string OriginOf(const std::string& url) {
  const size_t host = url.find("://");
  return host == std::string::npos ? "" : url.substr(0, url.find_first_of("/?#", host + 3));
}

bool MayComeBack(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

std::string Shown(const std::string& body) {
  std::string text = body.substr(0, kShownBytes);
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return text;
}

/// "iso-8859-1" of "text/csv; charset=iso-8859-1"; quotes may stand around it.
std::string CharsetOf(const std::string& type) {
  constexpr std::string_view kName = "charset=";
  const size_t at = type.find(kName);
  if (at == std::string::npos) return "";
  std::string charset = type.substr(at + kName.size());
  if (charset.starts_with('"')) charset.erase(0, 1);
  return charset.substr(0, charset.find_first_of("\"; "));
}

io::HttpOptions Options(const config::Values& connection, const std::string& root) {
  io::HttpOptions options;
  options.stall_timeout = std::chrono::duration_cast<std::chrono::seconds>(connection.Duration("timeout"));
  const std::string ca_file = connection.Text("ca_file");
  if (!ca_file.empty()) options.ca_file = ca_file.starts_with('/') ? ca_file : root + "/" + ca_file;
  options.longest_answer_bytes = kLongestAnswer;
  options.accept_packed = true;
  options.redirects = 5;
  options.at_field = "`url` of the connection";
  return options;
}

}  // namespace

TimeMicros RetryAfter(const std::string& header, TimeMicros now) {
  if (header.empty()) return 0;
  if (header.find_first_not_of("0123456789") == std::string::npos && header.size() < 10)
    return now + std::strtoll(header.c_str(), nullptr, 10) * kSecond;
  std::tm parts{};
  if (strptime(header.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return 0;
  return static_cast<TimeMicros>(timegm(&parts)) * kSecond;
}

Session::Session(const config::Values& connection, const component::SourceContext& context)
    : connection_(connection),
      context_(context),
      base_(connection.Text("url")),
      http_(Options(connection, context.project_root)) {
  while (base_.ends_with('/')) base_.pop_back();
}

Result<std::unique_ptr<Session>> Session::Make(const config::Values& connection,
                                               const component::SourceContext& context) {
  const std::string url = connection.Text("url");
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return MakeError("SRC-252", ErrorKind::kConfig, "'{}' is not the address of an API", url)
        .At(connection.Where("url"))
        .WithHint("write `url: https://host/path`");
  }
  std::unique_ptr<Session> session(new Session(connection, context));
  LEAT_ASSIGN(session->auth_, Auth::Make(connection, *session->context_.clock));
  return session;
}

Result<ApiAnswer> Session::Ask(const ApiRequest& request) {
  std::string url = request.path;
  if (OriginOf(url).empty()) url = base_ + (url.empty() || url.starts_with('/') ? "" : "/") + url;
  for (const auto& [name, value] : request.params)
    url +=
        (url.find('?') == std::string::npos ? "?" : "&") + io::s3::EncodeText(name) + "=" + io::s3::EncodeText(value);
  ApiAnswer answer;
  RetryPolicy policy;
  policy.attempts = static_cast<int>(connection_.Integer("retries")) + 1;
  policy.first_wait = std::chrono::milliseconds(200);
  policy.longest_wait = std::chrono::seconds(20);
  policy.budget = std::chrono::minutes(10);
  LEAT_TRY(RunWithRetry(policy, context_.cancel, [&]() -> Status {
    auto asked = AskOnce(request, url);
    if (!asked.ok()) {
      // Reading twice does no harm, also where it is not known whether the first reading came to its end.
      if (asked.error().retry() != Retry::kUnknownOutcome) return asked.error();
      return std::move(std::move(asked).error()).WithRetry(Retry::kSafe);
    }
    answer = std::move(asked).value();
    return Ok();
  }));
  return answer;
}

Result<ApiAnswer> Session::AskOnce(const ApiRequest& request, const std::string& url) {
  for (;;) {
    io::HttpRequest out;
    out.method = request.method;
    out.url = url;
    out.body = request.body;
    for (const auto& [name, value] : connection_.TextMap("headers")) out.headers.emplace_back(name, value);
    for (const auto& [name, value] : request.headers) out.headers.emplace_back(name, value);
    if (!request.body.empty()) out.headers.emplace_back("Content-Type", request.content_type);
    // Keys are for the API alone: addresses that it gives may lie elsewhere (a signed download).
    if (OriginOf(url) == OriginOf(base_)) LEAT_TRY(auth_->Apply(out, http_, context_.cancel));
    if (context_.budget != nullptr) {
      LEAT_ASSIGN(const TimeMicros turn, context_.budget->Call(context_.cancel));
      (void)turn;
    }
    const auto began = std::chrono::steady_clock::now();
    ++requests_;
    auto sent = http_.Send(out, context_.cancel);
    if (context_.budget != nullptr && sent.ok()) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
      context_.budget->Note({took, 0, static_cast<int64_t>(sent.value().body.size())});
      LEAT_TRY(context_.budget->Spend(static_cast<int64_t>(sent.value().body.size()), context_.cancel));
    }
    if (!sent.ok()) return sent.error();
    io::HttpAnswer answer = std::move(sent).value();
    if (answer.status >= 200 && answer.status < 300) {
      auth_->Accepted();
      const std::string type = Lower(answer.Header("content-type"));
      const std::string charset = CharsetOf(type);
      return ApiAnswer{
          std::move(answer.body), type.substr(0, type.find_first_of("; ")), charset, answer.Header("link"), url,
          answer.status};
    }
    if (answer.status == 401 && auth_->Refused()) continue;
    if (MayComeBack(answer.status)) LEAT_TRY(WaitAsTold(answer));
    const bool keys = answer.status == 401 || answer.status == 403;
    const bool later = MayComeBack(answer.status);
    Error error = MakeError(keys ? "SRC-254" : "SRC-253",
                            keys    ? ErrorKind::kPermission
                            : later ? ErrorKind::kEnvironment
                                    : ErrorKind::kData,
                            "{} {} answered {}: {}", request.method, url, answer.status, Shown(answer.body))
                      .WithRetry(later ? Retry::kSafe : Retry::kNever);
    if (keys) return std::move(error).WithHint("check `auth:` of the connection and what its key may read");
    if (later) return std::move(error).WithHint("run again later; nothing of this table was published");
    return std::move(error).WithHint(
        "check `path:`, `params:` and `method:` of the table against the API's documentation");
  }
}

Status Session::WaitAsTold(const io::HttpAnswer& answer) {
  const TimeMicros now = context_.clock->Now();
  const TimeMicros until = RetryAfter(answer.Header("retry-after"), now);
  if (until <= now) return Ok();
  if (context_.budget != nullptr) return context_.budget->QuietUntil(until);
  if (until - now > kLongestWait) {
    return MakeError("SRC-258", ErrorKind::kEnvironment, "the API asks to come back at {}", FormatTime(until))
        .WithHint("run again then; what was loaded before stays");
  }
  Log(LogLevel::kInfo, "http_wait", {{"until", FormatTime(until)}});
  return Pause(std::chrono::milliseconds((until - now) / 1'000), context_.cancel);
}

Status Session::Reach() {
  io::HttpRequest request;
  request.method = "HEAD";
  request.url = base_;
  auto answer = http_.Send(request, context_.cancel);
  return answer.ok() ? Ok() : Status(answer.error());
}

}  // namespace leat::components::http
