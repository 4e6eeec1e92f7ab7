#include "components/source/iceberg/rest_catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "base/retry.h"
#include "base/secret.h"
#include "component/budget.h"
#include "component/input_files.h"
#include "component/quoted_name.h"
#include "data/json_scan.h"
#include "io/s3/sign.h"

namespace leat::components::iceberg {
namespace {

using io::s3::EncodeText;
using nlohmann::json;

constexpr size_t kLongestAnswer = size_t{1} << 30;
constexpr size_t kShownBytes = 300;
constexpr const char* kSeparator = "\x1f";  // of the levels of a namespace in addresses (REST specification)

io::HttpOptions Options(const config::Values& connection, const std::string& root) {
  io::HttpOptions options;
  if (!connection.Text("ca_file").empty()) options.ca_file = component::BelowProject(root, connection.Text("ca_file"));
  options.longest_answer_bytes = kLongestAnswer;
  options.accept_packed = true;
  options.redirects = 5;
  options.at_field = "`catalog` of the connection";
  return options;
}

std::string Encoded(const Namespace& ns) {
  std::string text;
  for (const std::string& level : ns) text += (text.empty() ? "" : kSeparator) + level;
  return EncodeText(text);
}

/// Discarded where it is no JSON, or nested deeper than any answer of a catalogue.
json ParseBody(const std::string& body) {
  std::string_view all;
  if (!data::JsonScanner(body).TakeSoundValue(all)) return json(json::value_t::discarded);
  return json::parse(body, nullptr, false);
}

bool MayComeBack(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

/// What the specification's error model says, else the beginning of the answer.
std::string Reason(const io::HttpAnswer& answer) {
  const json parsed = ParseBody(answer.body);
  if (parsed.is_object() && parsed.contains("error") && parsed["error"].is_object() &&
      parsed["error"].value("message", json()).is_string())
    return parsed["error"]["message"];
  std::string text = answer.body.substr(0, kShownBytes);
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return text;
}

/// The members of an object that are text.
std::map<std::string, std::string> Texts(const json& object) {
  std::map<std::string, std::string> texts;
  if (!object.is_object()) return texts;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) texts[name] = value;
  }
  return texts;
}

}  // namespace

std::string ShownName(const Namespace& ns, const std::string& name) {
  std::string shown;
  for (const std::string& level : ns) shown += component::EntryName("", level) + ".";
  return shown + component::EntryName("", name);
}

RestCatalog::RestCatalog(const config::Values& connection, const component::SourceContext& context, std::string what)
    : connection_(connection),
      context_(context),
      what_(std::move(what)),
      base_(connection.Text("catalog")),
      token_(connection.Text("token")),
      http_(Options(connection, context.project_root)) {
  while (base_.ends_with('/')) base_.pop_back();
  if (!base_.ends_with("/v1")) base_ += "/v1";
}

Result<std::unique_ptr<RestCatalog>> RestCatalog::Open(const config::Values& connection,
                                                       const component::SourceContext& context, std::string what) {
  const std::string address = connection.Text("catalog");
  if (!address.starts_with("http://") && !address.starts_with("https://")) {
    return MakeError("SRC-410", ErrorKind::kConfig, "{}: '{}' is not the address of a catalogue", what, address)
        .At(connection.Where("catalog"))
        .WithHint("write `catalog: https://host/path`, the address before /v1");
  }
  std::unique_ptr<RestCatalog> catalog(new RestCatalog(connection, context, std::move(what)));
  if (!connection.Text("credential").empty()) LEAT_TRY(catalog->GetToken());
  const std::string warehouse = connection.Text("warehouse");
  const std::string url = catalog->base_ + "/config" + (warehouse.empty() ? "" : "?warehouse=" + EncodeText(warehouse));
  LEAT_ASSIGN(const io::HttpAnswer answer, catalog->Send(url, "", false));
  const json config = ParseBody(answer.body);
  if (!config.is_object() || !config.contains("defaults") || !config.contains("overrides"))
    return catalog->NoAnswer(url, "it has no members \"defaults\" and \"overrides\"");
  std::map<std::string, std::string> settings = Texts(config["overrides"]);
  settings.merge(Texts(config["defaults"]));
  // Levels of a prefix are parts of the path.
  if (!settings["prefix"].empty()) catalog->prefix_ = "/" + io::s3::EncodePath(settings["prefix"]);
  return catalog;
}

Status RestCatalog::GetToken() {
  const std::string credential = connection_.Text("credential");
  const size_t colon = credential.find(':');
  std::string form = "grant_type=client_credentials";
  if (colon != std::string::npos) form += "&client_id=" + EncodeText(credential.substr(0, colon));
  form += "&client_secret=" + EncodeText(colon == std::string::npos ? credential : credential.substr(colon + 1));
  if (!connection_.Text("scope").empty()) form += "&scope=" + EncodeText(connection_.Text("scope"));
  const std::string own = connection_.Text("token_url");
  const std::string url = own.empty() ? base_ + "/oauth/tokens" : own;
  token_.clear();
  LEAT_ASSIGN(const io::HttpAnswer answer, Send(url, form, false));
  const json parsed = ParseBody(answer.body);
  if (!parsed.is_object() || !parsed.value("access_token", json()).is_string())
    return NoAnswer(url, "it has no member \"access_token\"");
  token_ = parsed["access_token"];
  RegisterSecret(token_);
  return Ok();
}

Error RestCatalog::NoAnswer(const std::string& url, const std::string& why) const {
  return MakeError("SRC-414", ErrorKind::kData, "{}: what {} answers is not what a catalogue answers: {}", what_, url,
                   why)
      .WithHint("check `catalog:` of the connection: the address of an Iceberg REST catalogue, before /v1");
}

Result<io::HttpAnswer> RestCatalog::SendOnce(const std::string& url, const std::string& form) {
  io::HttpRequest request;
  request.url = url;
  if (!form.empty()) {
    request.method = "POST";
    request.body = form;
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  request.headers.emplace_back("Accept", "application/json");
  for (const auto& [name, value] : connection_.TextMap("headers")) request.headers.emplace_back(name, value);
  if (connection_.Text("access") == "vended")
    request.headers.emplace_back("X-Iceberg-Access-Delegation", "vended-credentials");
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  if (context_.budget != nullptr) {
    LEAT_ASSIGN(const TimeMicros turn, context_.budget->Call(context_.cancel));
    (void)turn;
  }
  auto sent = http_.Send(request, context_.cancel);
  // Reading twice does no harm, also where it is not known whether the first reading came to its end.
  if (!sent.ok()) {
    Error error = std::move(sent).error();
    if (error.retry() == Retry::kUnknownOutcome) error = std::move(error).WithRetry(Retry::kSafe);
    return std::move(error).In(what_);
  }
  if (context_.budget != nullptr)
    LEAT_TRY(context_.budget->Spend(static_cast<int64_t>(sent->body.size()), context_.cancel));
  return sent;
}

Result<io::HttpAnswer> RestCatalog::Send(const std::string& url, const std::string& form, bool may_be_missing) {
  io::HttpAnswer answer;
  bool renewed = false;
  RetryPolicy policy;
  policy.first_wait = std::chrono::milliseconds(200);
  policy.longest_wait = std::chrono::seconds(10);
  policy.budget = std::chrono::minutes(2);
  LEAT_TRY(RunWithRetry(policy, context_.cancel, [&]() -> Status {
    LEAT_ASSIGN(answer, SendOnce(url, form));
    if (answer.status == 401 && form.empty() && !renewed && !connection_.Text("credential").empty()) {
      renewed = true;  // tokens of a credential end
      LEAT_TRY(GetToken());
      LEAT_ASSIGN(answer, SendOnce(url, form));
    }
    if (answer.status >= 200 && answer.status < 300) return Ok();
    if (answer.status == 404 && may_be_missing) return Ok();
    if (answer.status == 401 || answer.status == 403 || (answer.status == 400 && !form.empty())) {
      return MakeError("SRC-412", ErrorKind::kPermission, "{}: the catalogue refuses {} ({}): {}", what_, url,
                       answer.status, Reason(answer))
          .WithHint("check `token` or `credential` of the connection, and what it may read");
    }
    if (MayComeBack(answer.status)) {
      return MakeError("SRC-411", ErrorKind::kEnvironment, "{}: the catalogue answers {} to {}: {}", what_,
                       answer.status, url, Reason(answer))
          .WithRetry(Retry::kSafe)
          .WithHint("run again later; nothing of this table was published");
    }
    return MakeError("SRC-411", ErrorKind::kData, "{}: the catalogue answers {} to {}: {}", what_, answer.status, url,
                     Reason(answer))
        .WithHint("check `catalog` and `warehouse` of the connection");
  }));
  return answer;
}

Result<LoadedTable> RestCatalog::Load(const Namespace& ns, const std::string& name) {
  const std::string url = base_ + prefix_ + "/namespaces/" + Encoded(ns) + "/tables/" + EncodeText(name);
  LEAT_ASSIGN(const io::HttpAnswer answer, Send(url, "", true));
  if (answer.status == 404) return NoTable(ns, name);
  const json parsed = ParseBody(answer.body);
  if (!parsed.is_object() || !parsed.value("metadata", json()).is_object())
    return NoAnswer(url, "it has no member \"metadata\"");
  LoadedTable table;
  table.metadata = parsed["metadata"].dump(-1, ' ', false, json::error_handler_t::replace);
  table.metadata_location = Texts(parsed)["metadata-location"];
  table.config = Texts(parsed.value("config", json::object()));
  // Several keys: the one for the files of this table (specification, "StorageCredential": the longest prefix wins).
  const std::string location = Texts(parsed["metadata"])["location"];
  size_t longest = 0;
  for (const json& one : parsed.value("storage-credentials", json::array())) {
    const std::string prefix = Texts(one)["prefix"];
    if (!location.starts_with(prefix) || prefix.size() < longest) continue;
    longest = prefix.size();
    for (const auto& [key, value] : Texts(one.value("config", json::object()))) table.config[key] = value;
  }
  for (const char* secret : {"s3.secret-access-key", "s3.session-token"}) {
    if (table.config.contains(secret)) RegisterSecret(table.config[secret]);
  }
  return table;
}

Error RestCatalog::NoTable(const Namespace& ns, const std::string& name) {
  Error error =
      MakeError("SRC-413", ErrorKind::kNotFound, "{}: the catalogue has no table {}", what_, ShownName(ns, name));
  std::vector<std::string> names;
  auto tables = Tables(ns);
  if (tables.ok()) {
    for (const std::string& one : *tables) names.push_back(ShownName(ns, one));
  } else if (auto all = Namespaces(); all.ok()) {
    for (const Namespace& one : *all) names.push_back(ShownName(one, name));
  }
  const std::string near = DidYouMean(ShownName(ns, name), names);
  return std::move(error).WithHint(near.empty() ? "`leat discover` shows what the catalogue has" : near);
}

Result<std::vector<Namespace>> RestCatalog::Namespaces() {
  std::vector<Namespace> found;
  // Those whose children were not asked for yet lie behind `next`.
  std::vector<Namespace> parents = {{}};
  for (size_t next = 0; next < parents.size(); ++next) {
    const Namespace parent = parents[next];
    std::string page;
    do {
      std::string url = base_ + prefix_ + "/namespaces?pageSize=1000";
      if (!parent.empty()) url += "&parent=" + Encoded(parent);
      if (!page.empty()) url += "&pageToken=" + EncodeText(page);
      LEAT_ASSIGN(const io::HttpAnswer answer, Send(url, "", true));
      if (answer.status == 404) break;  // dropped meanwhile
      const json parsed = ParseBody(answer.body);
      if (!parsed.is_object() || !parsed.value("namespaces", json()).is_array())
        return NoAnswer(url, "it has no member \"namespaces\"");
      for (const json& one : parsed["namespaces"]) {
        Namespace ns;
        for (const json& level : one) {
          if (level.is_string()) ns.push_back(level);
        }
        // Some catalogues give all levels at once.
        if (ns.size() <= parent.size() || std::find(parents.begin(), parents.end(), ns) != parents.end()) continue;
        found.push_back(ns);
        parents.push_back(std::move(ns));
      }
      page = Texts(parsed)["next-page-token"];
    } while (!page.empty());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::vector<std::string>> RestCatalog::Tables(const Namespace& ns) {
  std::vector<std::string> names;
  std::string page;
  do {
    std::string url = base_ + prefix_ + "/namespaces/" + Encoded(ns) + "/tables?pageSize=1000";
    if (!page.empty()) url += "&pageToken=" + EncodeText(page);
    LEAT_ASSIGN(const io::HttpAnswer answer, Send(url, "", false));
    const json parsed = ParseBody(answer.body);
    if (!parsed.is_object() || !parsed.value("identifiers", json()).is_array())
      return NoAnswer(url, "it has no member \"identifiers\"");
    for (const json& one : parsed["identifiers"]) names.push_back(Texts(one)["name"]);
    page = Texts(parsed)["next-page-token"];
  } while (!page.empty());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace leat::components::iceberg
