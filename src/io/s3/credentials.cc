#include "io/s3/credentials.h"

#include <arpa/inet.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/secret.h"

namespace leat::io::s3 {
namespace {

constexpr TimeMicros kRenewBefore = TimeMicros{5} * 60 * 1'000'000;

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::string> FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

HttpOptions ShortOptions() {
  HttpOptions options;
  options.connect_timeout = std::chrono::milliseconds(1'000);
  options.stall_timeout = std::chrono::seconds(5);
  options.ignore_proxy = true;
  options.longest_answer_bytes = 1 << 20;
  return options;
}

// The keys of a container's or instance's endpoint.
Result<Credentials> FromJson(const std::string& text, const std::string& from) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto field = [&json](const char* name) -> std::string {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  Credentials credentials;
  if (json.is_object()) {
    credentials.access_key_id = field("AccessKeyId");
    credentials.secret_access_key = field("SecretAccessKey");
    credentials.session_token = field("Token");
    credentials.from = from;
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return MakeError("IO-521", ErrorKind::kPermission, "{} gave no keys", from)
        .WithHint("check the role of this machine or container");
  if (const std::string ends = field("Expiration"); !ends.empty()) {
    LEAT_ASSIGN(credentials.expires_at, ParseTime(ends));
  }
  return credentials;
}

// Plain HTTP may carry keys only on this machine and to the addresses that containers have for it.
bool IsSafeAddress(std::string_view url) {
  if (url.starts_with("https://")) return true;
  if (!url.starts_with("http://")) return false;
  url.remove_prefix(7);
  std::string host(url.substr(0, url.find('/')));
  const size_t port = host.rfind(':');
  if (port != std::string::npos && port > host.rfind(']') + 1) host.resize(port);
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1 && host.starts_with("127.")) return true;
  return host == "localhost" || host == "[::1]" || host == "169.254.170.2" || host == "169.254.170.23" ||
         host == "[fd00:ec2::23]";
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Profiles ParseProfiles(std::string_view text) {
  Profiles profiles;
  std::map<std::string, std::string>* section = nullptr;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view line = Trimmed(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      std::string_view name =
          Trimmed(line.substr(1, line.find(']') == std::string_view::npos ? 0 : line.find(']') - 1));
      if (name.starts_with("profile ")) name = Trimmed(name.substr(8));
      section = name.empty() ? nullptr : &profiles[std::string(name)];
      continue;
    }
    const size_t equals = line.find('=');
    // Indented lines are members of the setting above.
    if (section == nullptr || equals == std::string_view::npos || whole[0] == ' ' || whole[0] == '\t') continue;
    section->emplace(Trimmed(line.substr(0, equals)), Trimmed(line.substr(equals + 1)));
  }
  return profiles;
}

Profiles ReadProfiles(const Environment& environment) {
  const std::string home = environment("HOME").value_or("");
  const auto path = [&](const char* variable, const char* name) {
    return environment(variable).value_or(home + "/.aws/" + name);
  };
  Profiles profiles;
  for (const std::string& file :
       {path("AWS_SHARED_CREDENTIALS_FILE", "credentials"), path("AWS_CONFIG_FILE", "config")}) {
    const std::optional<std::string> text = FileText(file);
    if (!text) continue;
    for (auto& [name, settings] : ParseProfiles(*text)) profiles[name].merge(settings);
  }
  return profiles;
}

CredentialChain::CredentialChain(CredentialOptions options) : options_(std::move(options)), http_(ShortOptions()) {}

Result<Credentials> CredentialChain::Get() {
  std::lock_guard lock(mutex_);
  const bool ends = known_ && known_->expires_at != 0;
  if (known_ && (!ends || options_.now() + kRenewBefore < known_->expires_at)) return *known_;
  Result<Credentials> found = Find();
  if (!found.ok()) {
    // Keys that still hold for a moment are better than none.
    if (ends && options_.now() < known_->expires_at) return *known_;
    return found;
  }
  RegisterSecret(found->secret_access_key);
  RegisterSecret(found->session_token);
  known_ = *found;
  return found;
}

void CredentialChain::Forget() {
  std::lock_guard lock(mutex_);
  known_.reset();
}

Result<Credentials> CredentialChain::Find() {
  if (!options_.given.access_key_id.empty()) {
    Credentials given = options_.given;
    given.from = "leat.yml";
    return given;
  }
  std::optional<Credentials> found;
  if (options_.profile.empty()) {
    LEAT_ASSIGN(found, FromEnvironment());
  }
  if (!found) {
    LEAT_ASSIGN(found, FromProfile());
  }
  if (!found && options_.profile.empty()) {
    LEAT_ASSIGN(found, FromContainer());
  }
  if (!found && options_.profile.empty()) {
    LEAT_ASSIGN(found, FromInstance());
  }
  if (found) return std::move(*found);
  if (!options_.profile.empty())
    return MakeError("IO-521", ErrorKind::kPermission, "the profile '{}' has no keys for the store", options_.profile)
        .WithHint("write aws_access_key_id and aws_secret_access_key below it in ~/.aws/credentials");
  return MakeError("IO-521", ErrorKind::kPermission,
                   "there are no keys for the store: looked at `storage:`, AWS_ACCESS_KEY_ID, "
                   "~/.aws/credentials, and this machine's container and instance endpoints")
      .WithHint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a `profile` in `storage:`");
}

std::optional<std::string> CredentialChain::Variable(const std::string& name) const {
  std::optional<std::string> value = options_.environment(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

Result<std::optional<Credentials>> CredentialChain::FromEnvironment() const {
  const auto key = Variable("AWS_ACCESS_KEY_ID");
  const auto secret = Variable("AWS_SECRET_ACCESS_KEY");
  if (!key && !secret) return std::optional<Credentials>();
  if (!key || !secret)
    return MakeError("IO-521", ErrorKind::kPermission, "{} is set, {} is not",
                     key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                     key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID")
        .WithHint("set both or none of them");
  return std::optional<Credentials>({*key, *secret, Variable("AWS_SESSION_TOKEN").value_or(""), 0, "the environment"});
}

Result<std::optional<Credentials>> CredentialChain::FromProfile() const {
  const std::optional<std::string> asked =
      options_.profile.empty() ? Variable("AWS_PROFILE") : std::optional<std::string>(options_.profile);
  const std::string name = asked.value_or("default");
  const Profiles profiles = ReadProfiles(options_.environment);
  const auto profile = profiles.find(name);
  if (profile == profiles.end()) {
    if (!asked) return std::optional<Credentials>();
    std::string known;
    for (const auto& [one, settings] : profiles) known += (known.empty() ? "" : ", ") + one;
    return MakeError("IO-521", ErrorKind::kPermission,
                     "there is no profile '{}' in ~/.aws/credentials or ~/.aws/config", name)
        .WithHint(known.empty() ? "write it, or leave AWS_PROFILE and `profile` out"
                                : "profiles that there are: " + known);
  }
  const auto setting = [&profile](const char* key) {
    const auto found = profile->second.find(key);
    return found == profile->second.end() ? std::string() : found->second;
  };
  Credentials credentials{setting("aws_access_key_id"), setting("aws_secret_access_key"), setting("aws_session_token"),
                          0, "profile " + name};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) return std::optional<Credentials>();
  return std::optional<Credentials>(std::move(credentials));
}

Result<std::optional<Credentials>> CredentialChain::FromContainer() {
  std::string url;
  if (const auto relative = Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    url = "http://169.254.170.2" + *relative;
  else if (const auto full = Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) url = *full;
  if (url.empty()) return std::optional<Credentials>();
  if (!IsSafeAddress(url))
    return MakeError("IO-521", ErrorKind::kPermission, "AWS_CONTAINER_CREDENTIALS_FULL_URI would send keys unencrypted")
        .WithHint("use https://, or an address of this machine");
  HttpRequest request;
  request.url = url;
  std::optional<std::string> token = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto file = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    token = FileText(*file);
    if (!token)
      return MakeError("IO-521", ErrorKind::kPermission,
                       "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read")
          .WithHint("grant access to it, or unset the variable");
    token = std::string(Trimmed(token->substr(0, token->find('\n'))));
  }
  if (token) request.headers.emplace_back("Authorization", *token);
  LEAT_ASSIGN(const HttpAnswer answer, http_.Send(request));
  if (answer.status != 200)
    return MakeError("IO-521", ErrorKind::kPermission, "the container's endpoint for keys answers {}", answer.status)
        .WithHint("check the role of the container");
  LEAT_ASSIGN(Credentials credentials, FromJson(answer.body, "the container's endpoint"));
  return std::optional<Credentials>(std::move(credentials));
}

Result<std::optional<Credentials>> CredentialChain::FromInstance() {
  if (Variable("AWS_EC2_METADATA_DISABLED").value_or("") == "true") return std::optional<Credentials>();
  const std::optional<std::string> named = Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  std::string url = named.value_or("http://169.254.169.254");
  while (url.ends_with('/')) url.pop_back();
  HttpRequest ask;
  ask.method = "PUT";
  ask.url = url + "/latest/api/token";
  ask.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  const Result<HttpAnswer> token = http_.Send(ask);
  // Most machines are no instances: nobody answers at this address.
  if (!token.ok() || token->status != 200) {
    if (!named) return std::optional<Credentials>();
    if (!token.ok()) return token.error();
    return MakeError("IO-521", ErrorKind::kPermission, "the instance's endpoint for keys answers {}", token->status)
        .WithHint("check AWS_EC2_METADATA_SERVICE_ENDPOINT and the role of the instance");
  }
  ask.method = "GET";
  ask.url = url + "/latest/meta-data/iam/security-credentials/";
  ask.headers = {{"X-aws-ec2-metadata-token", token->body}};
  LEAT_ASSIGN(const HttpAnswer roles, http_.Send(ask));
  const std::string role(Trimmed(roles.body.substr(0, roles.body.find('\n'))));
  if (roles.status != 200 || role.empty()) return std::optional<Credentials>();  // an instance without a role
  ask.url += EncodeText(role);
  LEAT_ASSIGN(const HttpAnswer keys, http_.Send(ask));
  LEAT_ASSIGN(Credentials credentials, FromJson(keys.body, "the role " + role + " of this instance"));
  return std::optional<Credentials>(std::move(credentials));
}

}  // namespace leat::io::s3
