#include "component/http_fields.h"

#include "component/input_files.h"
#include "config/field_builders.h"

namespace leat::component {
namespace {

using config::FieldType;
using config::MakeField;

constexpr int kRetries = 6;
constexpr std::chrono::seconds kTimeout{60};
constexpr int kRedirects = 5;
constexpr size_t kLongestPage = size_t{64} << 20;  // of what is not the content of a file

}  // namespace

std::vector<config::FieldSpec> HttpFields() {
  return {
      HttpAuthField(), MakeField("headers", FieldType::kMap, "Headers of each request, to this server alone."),
      config::WholeField("retries",
                         "How often a request is made again after 408, 429, 5xx or a cut connection that brought "
                         "nothing further.",
                         std::to_string(kRetries), 0, 100),
      MakeField("timeout", FieldType::kDuration, "An answer that moves no byte for so long is given up.",
                std::to_string(kTimeout.count()) + "s"),
      MakeField("ca_file", FieldType::kPath,
                "Certificates to trust besides the machine's, relative to the project. What a server shows is always "
                "checked.",
                "", "certs/partner.pem")};
}

Result<HttpLogin> ReadHttp(const config::Values& connection, const std::string& project_root) {
  HttpLogin login;
  HttpAsking& how = login.how;
  how.base = connection.Text("path");
  how.retries = kRetries;
  how.http.stall_timeout = kTimeout;
  how.http.longest_answer_bytes = kLongestPage;
  how.http.redirects = kRedirects;
  how.http.at_field = "`path` of the connection";
  const config::Values* http = connection.Has("http") ? connection.Object("http") : nullptr;
  LEAT_ASSIGN(login.auth,
              HttpAuth::Make(http == nullptr ? nullptr : http->Object("auth"), SystemClock(), project_root));
  if (http == nullptr) return login;
  for (const auto& [name, value] : http->TextMap("headers")) how.headers.emplace_back(name, value);
  how.retries = static_cast<int>(http->Integer("retries"));
  how.http.stall_timeout = std::chrono::duration_cast<std::chrono::seconds>(http->Duration("timeout"));
  if (http->Has("ca_file")) how.http.ca_file = BelowProject(project_root, http->Text("ca_file"));
  if (how.http.stall_timeout.count() <= 0) {
    return MakeError("SRC-384", ErrorKind::kConfig, "`timeout:` of {} leaves the server no time", how.base)
        .At(http->Where("timeout"))
        .WithHint("write a time of a second or more, as 60s");
  }
  return login;
}

}  // namespace leat::component
