#include "component/http_asker.h"

#include <optional>

#include "base/log.h"
#include "io/http_rules.h"

namespace leat::component {
namespace {

constexpr TimeMicros kLongestWait = 600'000'000;
constexpr size_t kShownBytes = 400;

}  // namespace

HttpAsker::HttpAsker(HttpAsking how, std::unique_ptr<HttpAuth> auth)
    : how_(std::move(how)), origin_(io::UrlOrigin(how_.base)), http_(how_.http), auth_(std::move(auth)) {}

RetryPolicy HttpAsker::policy() const {
  RetryPolicy policy;
  policy.attempts = how_.retries + 1;
  policy.first_wait = std::chrono::milliseconds(200);
  policy.longest_wait = std::chrono::seconds(20);
  policy.budget = std::chrono::minutes(10);
  return policy;
}

Result<io::HttpReply> HttpAsker::Ask(const io::HttpRequest& request) {
  std::optional<io::HttpReply> answer;
  const Status asked = RunWithRetry(policy(), how_.cancel, [&]() -> Status {
    answer.reset();
    Result<io::HttpReply> one = AskOnce(request);
    if (!one.ok()) {
      // Reading twice does no harm, also where it is not known whether the first reading came to its end.
      if (one.error().retry() != Retry::kUnknownOutcome) return one.error();
      return std::move(std::move(one).error()).WithRetry(Retry::kSafe);
    }
    answer = std::move(one).value();
    if (!io::MayComeBack(answer->status)) return Ok();
    return MakeError("IO-422", ErrorKind::kEnvironment, "{} answered {}", origin_, answer->status)
        .WithRetry(Retry::kSafe);
  });
  if (!answer || (!asked.ok() && asked.error().kind() == ErrorKind::kCancelled)) return asked.error();
  return std::move(*answer);
}

Result<io::HttpReply> HttpAsker::AskOnce(const io::HttpRequest& request, const io::TakeBody& take) {
  for (;;) {
    io::HttpRequest out = request;
    out.headers.insert(out.headers.begin(), how_.headers.begin(), how_.headers.end());
    // Addresses that the server gives may lie elsewhere (a signed download).
    if (io::UrlOrigin(out.url) == origin_) LEAT_TRY(auth_->Apply(out, http_, how_.cancel));
    if (how_.budget != nullptr) {
      LEAT_ASSIGN(const TimeMicros turn, how_.budget->Call(how_.cancel));
      (void)turn;
    }
    const auto began = std::chrono::steady_clock::now();
    ++requests_;
    int64_t taken = 0;
    const io::TakeBody count = [&](const io::HttpAnswer& head, std::string_view bytes) -> Status {
      taken += static_cast<int64_t>(bytes.size());
      return take(head, bytes);
    };
    Result<io::HttpReply> answer = http_.Send(out, take ? count : take, how_.cancel);
    if (answer.ok()) taken += static_cast<int64_t>(answer->body.size());
    if (how_.budget != nullptr) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
      if (answer.ok() || taken > 0) how_.budget->Note({took, 0, taken});
      if (answer.ok() && !answer->body.empty())
        LEAT_TRY(how_.budget->Spend(static_cast<int64_t>(answer->body.size()), how_.cancel));
    }
    if (!answer.ok()) return answer;
    if (answer->status >= 200 && answer->status < 300) auth_->Accepted();
    if (answer->status == 401 && auth_->Refused()) continue;
    if (io::MayComeBack(answer->status)) LEAT_TRY(WaitAsTold(*answer));
    return answer;
  }
}

Status HttpAsker::Reach() {
  const Result<io::HttpReply> answer = http_.Send({"HEAD", how_.base, {}, {}}, nullptr, how_.cancel);
  return answer.ok() ? Ok() : Status(answer.error());
}

Status HttpAsker::WaitAsTold(const io::HttpAnswer& answer) {
  const TimeMicros now = how_.clock->Now();
  const TimeMicros until = io::RetryAfter(answer.Header("retry-after"), now);
  if (until <= now) return Ok();
  if (how_.budget != nullptr) return how_.budget->QuietUntil(until);
  if (until - now > kLongestWait) {
    return MakeError("SRC-258", ErrorKind::kEnvironment, "{} asks to come back at {}", origin_, FormatTime(until))
        .WithHint("run again then; what was loaded before stays");
  }
  Log(LogLevel::kInfo, "http_wait", {{"until", FormatTime(until)}});
  return Pause(std::chrono::milliseconds((until - now) / 1'000), how_.cancel);
}

std::string ShownAnswer(const std::string& body) {
  std::string text = body.substr(0, kShownBytes);
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return text;
}

}  // namespace leat::component
