#include "io/sqs/queue.h"

#include <nlohmann/json.hpp>

#include "io/s3/key_options.h"

namespace leat::io::sqs {
namespace {

using nlohmann::json;

constexpr int kMostMessages = 10;  // that the protocol gives at once
constexpr std::chrono::seconds kLongestWait{20};
constexpr std::chrono::seconds kStall{45};  // of a connection; more than the longest wait

Error NoQueue(const std::string& url) {
  return MakeError("IO-416", ErrorKind::kConfig, "'{}' is not the address of a queue", url)
      .WithHint("write the queue's URL: https://sqs.<region>.amazonaws.com/<account>/<name>");
}

/// "eu-central-1" of "sqs.eu-central-1.amazonaws.com"; "" of other hosts.
std::string RegionOfHost(const std::string& host) {
  constexpr std::string_view kBefore = "sqs.";
  constexpr std::string_view kBehind = ".amazonaws.com";
  if (!host.starts_with(kBefore) || host.find(kBehind) == std::string::npos) return "";
  return host.substr(kBefore.size(), host.find(kBehind) - kBefore.size());
}

std::string TextOf(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Error Refused(const HttpAnswer& answer, const std::string& url, const std::string& action,
              const std::string& keys_from) {
  const json said = json::parse(answer.body, nullptr, false);
  std::string code = TextOf(said, "__type");
  code = code.substr(code.rfind('#') + 1);
  if (code.empty()) code = "HTTP status " + std::to_string(answer.status);
  std::string message = TextOf(said, "message");
  if (message.empty()) message = TextOf(said, "Message");
  if (!message.empty()) message = " (" + message + ")";
  if (answer.status == 401 || answer.status == 403 || code == "AccessDeniedException" ||
      code == "InvalidClientTokenId") {
    return MakeError("IO-417", ErrorKind::kPermission, "the queue {} does not let {} do {}: {}{}", url, keys_from,
                     action, code, message)
        .WithHint("grant these keys sqs:ReceiveMessage and sqs:DeleteMessage, or give others below `storage:`");
  }
  const bool busy = answer.status >= 500 || answer.status == 429 || code == "ThrottlingException" ||
                    code == "RequestThrottled" || code == "OverLimit";
  return MakeError("IO-418", ErrorKind::kEnvironment, "the queue {} answers {} with {}{}", url, action, code, message)
      .WithHint("look at `sqs:` below `arrival:` of the connection; files are found by looking meanwhile")
      .WithRetry(busy ? Retry::kSafe : Retry::kNever);
}

}  // namespace

Result<std::unique_ptr<Queue>> Queue::Open(QueueOptions options) {
  const bool tls = options.url.starts_with("https://");
  if (!tls && !options.url.starts_with("http://")) return NoQueue(options.url);
  const std::string rest = options.url.substr(tls ? 8 : 7);
  const size_t slash = rest.find('/');
  const std::string host = rest.substr(0, slash);
  if (slash == std::string::npos || slash + 1 == rest.size() || host.empty() ||
      host.find_first_of("@ ?#") != std::string::npos)
    return NoQueue(options.url);
  s3::StorageSettings settings = options.storage;
  settings.endpoint = "https://s3.amazonaws.com";  // region and certificates are what is looked for
  LEAT_ASSIGN(const s3::Endpoint found, s3::Resolve(settings, options.environment));
  const std::string own_region = RegionOfHost(host);
  const std::string region = own_region.empty() ? found.region : own_region;
  s3::CredentialOptions keys = s3::CredentialOptionsOf(options.storage, options.environment);
  HttpOptions http;
  http.ca_file = found.ca_file;
  http.stall_timeout = kStall;
  http.at_field = "`sqs:` below `arrival:` of the connection";
  return std::unique_ptr<Queue>(new Queue(std::move(options), host, region, std::move(keys), std::move(http)));
}

Queue::Queue(QueueOptions options, std::string host, std::string region, s3::CredentialOptions keys, HttpOptions http)
    : options_(std::move(options)),
      host_(std::move(host)),
      region_(std::move(region)),
      credentials_(std::move(keys)),
      http_(std::move(http)) {}

Result<std::string> Queue::CallOnce(const std::string& action, const std::string& body, const CancelToken* cancel) {
  LEAT_ASSIGN(const s3::Credentials credentials, credentials_.Get());
  s3::SignedRequest to_sign;
  to_sign.method = "POST";
  to_sign.path = "/";
  to_sign.headers = {
      {"content-type", "application/x-amz-json-1.0"}, {"host", host_}, {"x-amz-target", "AmazonSQS." + action}};
  to_sign.payload_hash = s3::Hex(s3::Sha256(body));
  s3::Sign(to_sign, credentials, region_, "sqs", s3::SigningTime());
  HttpRequest request;
  request.method = "POST";
  request.url = options_.url.substr(0, options_.url.find("://")) + "://" + host_ + "/";
  for (auto& field : to_sign.headers)
    if (field.first != "host") request.headers.push_back(std::move(field));
  request.body = body;
  LEAT_ASSIGN(HttpAnswer answer, http_.Send(request, cancel));
  if (answer.status == 200) return std::move(answer.body);
  Error refused = Refused(answer, options_.url, action, credentials.from);
  if (refused.code() == "IO-417") credentials_.Forget();
  return refused;
}

Result<std::string> Queue::Call(const std::string& action, const std::string& body, const CancelToken* cancel) {
  std::string answer;
  LEAT_TRY(RunWithRetry(options_.retry, cancel, [&]() -> Status {
    LEAT_ASSIGN(answer, CallOnce(action, body, cancel));
    return Ok();
  }));
  return answer;
}

Result<std::vector<Message>> Queue::Receive(std::chrono::seconds wait, std::chrono::seconds hidden,
                                            const CancelToken* cancel) {
  const json asked = {{"QueueUrl", options_.url},
                      {"MaxNumberOfMessages", kMostMessages},
                      {"WaitTimeSeconds", std::min(wait, kLongestWait).count()},
                      {"VisibilityTimeout", hidden.count()}};
  LEAT_ASSIGN(const std::string answer, Call("ReceiveMessage", asked.dump(), cancel));
  const json read = json::parse(answer, nullptr, false);
  std::vector<Message> messages;
  if (read.is_object() && read.contains("Messages") && read["Messages"].is_array()) {
    for (const json& one : read["Messages"]) messages.push_back({TextOf(one, "Body"), TextOf(one, "ReceiptHandle")});
    return messages;
  }
  if (read.is_object()) return messages;
  return MakeError("IO-418", ErrorKind::kEnvironment, "the queue {} answers ReceiveMessage with what is no JSON object",
                   options_.url)
      .WithHint("look at `sqs:` below `arrival:` of the connection: it may be another server's address");
}

Status Queue::Delete(const std::string& receipt, const CancelToken* cancel) {
  const json asked = {{"QueueUrl", options_.url}, {"ReceiptHandle", receipt}};
  LEAT_TRY(Call("DeleteMessage", asked.dump(), cancel));
  return Ok();
}

}  // namespace leat::io::sqs
