#include "io/s3/answer_error.h"

#include "base/clock.h"
#include "io/s3/xml.h"

namespace leat::io::s3 {
namespace {

bool IsAnyOf(const std::string& code, std::initializer_list<std::string_view> codes) {
  for (const std::string_view one : codes)
    if (code == one) return true;
  return false;
}

XmlElement ErrorElement(const HttpAnswer& answer) {
  Result<XmlElement> read = ParseXml(answer.body);
  if (!read.ok() || read->name != "Error") return {};
  return std::move(*read);
}

}  // namespace

std::string ErrorCodeOf(const HttpAnswer& answer) { return ErrorElement(answer).Text("Code"); }

Error AnswerError(const HttpAnswer& answer, const AnswerContext& context) {
  const XmlElement error = ErrorElement(answer);
  const std::string code = error.Text("Code");
  const std::string head = fmt::format("cannot {} '{}'", context.doing, context.uri);
  const std::string said = code.empty() ? fmt::format("HTTP {}", answer.status)
                                        : fmt::format("HTTP {} {}: {}", answer.status, code, error.Text("Message"));
  const auto make = [&](const char* number, ErrorKind kind, const std::string& what, std::string hint) {
    return MakeError(number, kind, "{}: {}", head, what).WithHint(std::move(hint));
  };
  if (code == "NoSuchBucket")
    return make("IO-526", ErrorKind::kEnvironment,
                fmt::format("{} has no bucket '{}'", context.endpoint, context.bucket),
                "make the bucket (leat makes none), or correct `warehouse` in leat.yml");
  if (code == "RequestTimeTooSkewed" || code == "RequestInTheFuture")
    return make("IO-524", ErrorKind::kEnvironment,
                fmt::format("this machine's clock is too far from the store's ({})",
                            error.Text("ServerTime").empty() ? answer.Header("date") : error.Text("ServerTime")),
                "set the clock: timedatectl set-ntp true");
  if (IsAnyOf(code, {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}))
    return make("IO-525", ErrorKind::kPermission, fmt::format("the keys of {} have ended", context.credentials),
                "sign in again, or give keys that last")
        .WithRetry(Retry::kSafe);
  if (IsAnyOf(code, {"InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken"}))
    return make("IO-522", ErrorKind::kPermission,
                fmt::format("the store does not know the access key of {}", context.credentials),
                "correct the access key, or the endpoint that it belongs to");
  if (code == "SignatureDoesNotMatch")
    return make("IO-522", ErrorKind::kPermission,
                fmt::format("the secret key of {} is not the one of its access key", context.credentials),
                "correct the secret key (copied whole?)");
  if (IsAnyOf(code, {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
                     "TemporaryRedirect"}) ||
      answer.status == 301) {
    const std::string right =
        error.Text("Region").empty() ? answer.Header("x-amz-bucket-region") : error.Text("Region");
    return make("IO-527", ErrorKind::kConfig,
                right.empty() ? fmt::format("the bucket is not in region {}: {}", context.region, said)
                              : fmt::format("the bucket is in region {}, asked was {}", right, context.region),
                right.empty() ? "set `region` of `storage:`" : fmt::format("set `region: {}` below `storage:`", right));
  }
  if (IsAnyOf(code, {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Busy", "OperationAborted",
                     "ConditionalRequestConflict", "RequestLimitExceeded", "ThrottlingException", "TooManyRequests"}) ||
      answer.status == 429 || answer.status == 500 || answer.status == 502 || answer.status == 503 ||
      answer.status == 504)
    return make("IO-513", ErrorKind::kEnvironment, fmt::format("the store is busy ({})", said),
                "run again later; when it stays so, do less at once (`threads`)")
        .WithRetry(Retry::kSafe);
  if (code == "AccessDenied" || code == "AllAccessDisabled" || code == "AccountProblem" || answer.status == 401 ||
      answer.status == 403)
    return make(
        "IO-523", ErrorKind::kPermission,
        fmt::format("the keys of {} have no right to do this ({})", context.credentials, said),
        "leat needs s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket and s3:AbortMultipartUpload on the "
        "warehouse's prefix");
  if (answer.status == 404)
    return MakeError("IO-201", ErrorKind::kNotFound, "{}: there is no such file", head)
        .WithHint("check the address; `leat doctor` looks at the bucket");
  if (answer.status == 412) return MakeError("IO-202", ErrorKind::kExists, "{}: it exists already", head);
  if (answer.status == 507 || code == "QuotaExceeded" || code == "EntityTooLarge")
    return make("IO-301", ErrorKind::kEnvironment, fmt::format("the store is full ({})", said),
                "free space or raise the quota, then run again: nothing was lost");
  return make("IO-514", ErrorKind::kEnvironment, fmt::format("the store answers {}", said),
              "look up the code in the store's manual; `leat doctor` looks at bucket and rights");
}

}  // namespace leat::io::s3
