#include "components/source/http/session.h"

#include "base/lower.h"
#include "component/http_address.h"
#include "component/input_files.h"
#include "io/http_rules.h"
#include "io/s3/sign.h"

namespace leat::components::http {
namespace {

/// "iso-8859-1" of "text/csv; charset=iso-8859-1"; quotes may stand around it.
std::string CharsetOf(const std::string& type) {
  constexpr std::string_view kName = "charset=";
  const size_t at = type.find(kName);
  if (at == std::string::npos) return "";
  std::string charset = type.substr(at + kName.size());
  if (charset.starts_with('"')) charset.erase(0, 1);
  return charset.substr(0, charset.find_first_of("\"; "));
}

component::HttpAsking Asking(const config::Values& connection, const component::SourceContext& context) {
  component::HttpAsking how;
  how.base = connection.Text("url");
  for (const auto& [name, value] : connection.TextMap("headers")) how.headers.emplace_back(name, value);
  how.retries = static_cast<int>(connection.Integer("retries"));
  how.clock = context.clock;
  how.budget = context.budget;
  how.cancel = context.cancel;
  how.http.stall_timeout = std::chrono::duration_cast<std::chrono::seconds>(connection.Duration("timeout"));
  if (connection.Has("ca_file"))
    how.http.ca_file = component::BelowProject(context.project_root, connection.Text("ca_file"));
  how.http.longest_answer_bytes = kLongestAnswer;
  how.http.accept_packed = true;
  how.http.redirects = 5;
  how.http.at_field = "`url` of the connection";
  return how;
}

}  // namespace

Session::Session(const config::Values& connection, const component::SourceContext& context,
                 std::unique_ptr<component::HttpAuth> auth)
    : connection_(connection),
      context_(context),
      base_(connection.Text("url")),
      asker_(Asking(connection, context), std::move(auth)) {
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
  LEAT_ASSIGN(std::unique_ptr<component::HttpAuth> auth,
              component::HttpAuth::Make(connection.Object("auth"), *context.clock, context.project_root));
  return std::unique_ptr<Session>(new Session(connection, context, std::move(auth)));
}

Result<ApiAnswer> Session::Ask(const ApiRequest& request) {
  std::string url = request.path;
  if (io::UrlOrigin(url).empty()) url = base_ + (url.empty() || url.starts_with('/') ? "" : "/") + url;
  for (const auto& [name, value] : request.params)
    url +=
        (url.find('?') == std::string::npos ? "?" : "&") + io::s3::EncodeText(name) + "=" + io::s3::EncodeText(value);
  io::HttpRequest out;
  out.method = request.method;
  out.url = url = component::RequestUrl(url);
  out.body = request.body;
  out.headers = request.headers;
  if (!request.body.empty()) out.headers.emplace_back("Content-Type", request.content_type);
  LEAT_ASSIGN(io::HttpReply answer, asker_.Ask(out));
  if (answer.status >= 200 && answer.status < 300) {
    const std::string type = Lower(answer.Header("content-type"));
    return ApiAnswer{
        std::move(answer.body), type.substr(0, type.find_first_of("; ")), CharsetOf(type), answer.Header("link"), url,
        answer.status};
  }
  const bool keys = answer.status == 401 || answer.status == 403;
  const bool later = io::MayComeBack(answer.status);
  Error error =
      MakeError(keys ? "SRC-254" : "SRC-253",
                keys    ? ErrorKind::kPermission
                : later ? ErrorKind::kEnvironment
                        : ErrorKind::kData,
                "{} {} answered {}: {}", request.method, url, answer.status, component::ShownAnswer(answer.body))
          .WithRetry(later ? Retry::kSafe : Retry::kNever);
  if (keys) return std::move(error).WithHint("check `auth:` of the connection and what its key may read");
  if (later) return std::move(error).WithHint("run again later; nothing of this table was published");
  return std::move(error).WithHint(
      "check `path:`, `params:` and `method:` of the table against the API's documentation");
}

}  // namespace leat::components::http
