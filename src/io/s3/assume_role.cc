#include "io/s3/assume_role.h"

#include <nlohmann/json.hpp>

#include "io/s3/key_options.h"
#include "io/s3/xml.h"

namespace leat::io::s3 {
namespace {

using nlohmann::json;

constexpr RetryPolicy kPatience{5, std::chrono::milliseconds(100), std::chrono::milliseconds(2'000), 2.0,
                                std::chrono::milliseconds(10'000)};
constexpr size_t kLongestSession = 64;

// In a resource '*', '?' and '$' mean something else than themselves.
std::string Literal(std::string_view text) {
  std::string literal;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '$') literal += fmt::format("${{{}}}", c);
    else literal += c;
  }
  return literal;
}

std::string SessionName(std::string_view who) {
  std::string name = "leat-";
  for (const char c : who.substr(0, kLongestSession - name.size())) {
    const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    name += allowed ? c : '-';
  }
  return name;
}

Error Refused(const HttpAnswer& answer, const RoleRequest& request) {
  std::string code = std::to_string(answer.status), message;
  if (const Result<XmlElement> read = ParseXml(answer.body); read.ok()) {
    const XmlElement* error = read->name == "Error" ? &*read : read->Find("Error");
    if (error != nullptr && !error->Text("Code").empty()) {
      code = error->Text("Code");
      message = error->Text("Message");
    }
  }
  const bool busy = answer.status >= 500 || answer.status == 429 || code == "Throttling";
  return MakeError("IO-528", ErrorKind::kEnvironment, "{} gives no keys for the role '{}': {}{}", request.url,
                   request.role, code, message.empty() ? "" : " (" + message + ")")
      .WithHint("let the keys of `storage:` assume this role (sts:AssumeRole), or correct `role` and `sts_endpoint`")
      .WithRetry(busy ? Retry::kSafe : Retry::kNever);
}

Result<Credentials> AskOnce(HttpClient& http, const Credentials& keys, const RoleRequest& request) {
  const std::string body = QueryText({{"Action", "AssumeRole"},
                                      {"Version", "2011-06-15"},
                                      {"RoleArn", request.role},
                                      {"RoleSessionName", SessionName(request.session)},
                                      {"DurationSeconds", std::to_string(request.life.count())},
                                      {"Policy", request.policy}});
  const size_t host = request.url.find("://") + 3;
  SignedRequest to_sign{"POST",
                        "/",
                        {},
                        {{"content-type", "application/x-www-form-urlencoded"}, {"host", request.url.substr(host)}},
                        Hex(Sha256(body))};
  Sign(to_sign, keys, request.region, "sts", SigningTime());
  HttpRequest message{"POST", request.url + "/", {}, body};
  for (auto& field : to_sign.headers)
    if (field.first != "host") message.headers.push_back(std::move(field));
  const Result<HttpAnswer> answer = http.Send(message);
  // Asking twice does no harm: the keys that nobody heard of end by themselves.
  if (!answer.ok()) return Error(answer.error()).WithRetry(Retry::kSafe);
  if (answer->status != 200) return Refused(*answer, request);
  Credentials made;
  LEAT_ASSIGN(const XmlElement read, ParseXml(answer->body));
  const XmlElement* result = read.Find("AssumeRoleResult");
  const XmlElement* given = result == nullptr ? nullptr : result->Find("Credentials");
  if (given != nullptr) {
    made.access_key_id = given->Text("AccessKeyId");
    made.secret_access_key = given->Text("SecretAccessKey");
    made.session_token = given->Text("SessionToken");
    LEAT_ASSIGN(made.expires_at, ParseTime(given->Text("Expiration")));
  }
  if (made.access_key_id.empty() || made.secret_access_key.empty() || made.session_token.empty())
    return MakeError("IO-514", ErrorKind::kEnvironment, "{} answers AssumeRole without keys", request.url)
        .WithHint("check `sts_endpoint` below `storage:`");
  made.from = "the role " + request.role;
  return made;
}

}  // namespace

std::string FolderPolicy(const Address& folder, bool write, std::string_view partition) {
  const std::string bucket = fmt::format("arn:{}:s3:::{}", partition, folder.bucket);
  const std::string inside = Literal(folder.key) + "/*";
  json actions = json::array({"s3:GetObject"});
  if (write)
    for (const char* right : {"s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"})
      actions.push_back(right);
  return json{
      {"Version", "2012-10-17"},
      {"Statement", json::array({{{"Effect", "Allow"}, {"Action", actions}, {"Resource", bucket + "/" + inside}},
                                 {{"Effect", "Allow"},
                                  {"Action", json::array({"s3:ListBucket"})},
                                  {"Resource", bucket},
                                  {"Condition", {{"StringLike", {{"s3:prefix", json::array({inside})}}}}}}})}}
      .dump();
}

std::string PartitionOf(std::string_view role) {
  if (!role.starts_with("arn:")) return "aws";
  const size_t end = role.find(':', 4);
  return end == std::string_view::npos || end == 4 ? "aws" : std::string(role.substr(4, end - 4));
}

Result<Credentials> AssumeRole(HttpClient& http, const Credentials& keys, const RoleRequest& request) {
  Credentials made;
  LEAT_TRY(RunWithRetry(kPatience, nullptr, [&]() -> Status {
    LEAT_ASSIGN(made, AskOnce(http, keys, request));
    return Ok();
  }));
  return made;
}

}  // namespace leat::io::s3
