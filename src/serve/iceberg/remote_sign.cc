#include "serve/iceberg/remote_sign.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "serve/http.h"

namespace leat::serve::iceberg {

namespace {

using io::s3::Address;
using io::s3::Fields;
using Query = std::map<std::string, std::string>;

constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Headers of the store's own that change nothing but the object's bytes and how they are kept.
constexpr std::array<std::string_view, 12> kHarmless = {"x-amz-checksum-",
                                                        "x-amz-sdk-checksum-algorithm",
                                                        "x-amz-content-sha256",
                                                        "x-amz-date",
                                                        "x-amz-decoded-content-length",
                                                        "x-amz-expected-bucket-owner",
                                                        "x-amz-mp-object-size",
                                                        "x-amz-server-side-encryption",
                                                        "x-amz-storage-class",
                                                        "x-amz-te",
                                                        "x-amz-trailer",
                                                        "x-amz-user-agent"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

template <typename... Args>
Error Refused(fmt::format_string<Args...> format, Args&&... args) {
  return MakeError("SERVE-208", ErrorKind::kPermission, format, std::forward<Args>(args)...);
}

struct Target {
  Address object;
  std::string host;
  std::string path;  ///< decoded
  Query query;
};

Result<Query> ParseQuery(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (one.empty()) continue;
    const size_t equals = one.find('=');
    const std::string value = equals == std::string_view::npos ? "" : PercentDecode(one.substr(equals + 1), false);
    if (!query.emplace(PercentDecode(one.substr(0, equals), false), value).second)
      return Refused("the request to sign names a parameter twice");
  }
  return query;
}

bool HasDots(std::string_view path) {
  for (const std::string_view segment : PathSegments(path))
    if (segment == "." || segment == "..") return true;
  return false;
}

Result<Target> ParseTarget(const RemoteRequest& request, const io::s3::Endpoint& endpoint, const std::string& bucket) {
  const std::string_view uri = request.uri;
  const std::string scheme = endpoint.tls ? "https://" : "http://";
  const size_t path = uri.find('/', std::min(uri.size(), scheme.size()));
  const Error elsewhere = Refused("the request to sign is not one to the warehouse's store, {}", endpoint.url);
  if (!uri.starts_with(scheme) || path == std::string_view::npos) return elsewhere;
  Target target;
  target.host = Lower(uri.substr(scheme.size(), path - scheme.size()));
  const size_t question = std::min(uri.find('?'), uri.size());
  if (question < path || uri.find('#') != std::string_view::npos) return elsewhere;
  target.path = PercentDecode(uri.substr(path, question - path), false);
  LEAT_ASSIGN(target.query, ParseQuery(uri.substr(std::min(question + 1, uri.size()))));
  if (target.host == bucket + "." + endpoint.host) {
    target.object = {bucket, target.path.substr(1)};
  } else if (target.host == endpoint.host) {
    const size_t slash = std::min(target.path.find('/', 1), target.path.size());
    target.object = {target.path.substr(1, slash - 1), target.path.substr(std::min(slash + 1, target.path.size()))};
  } else {
    return elsewhere;
  }
  if (target.object.bucket != bucket) return elsewhere;
  const bool control =
      std::any_of(target.path.begin(), target.path.end(), [](char c) { return c >= 0 && (c < 0x20 || c == 0x7f); });
  if (control || HasDots(target.path)) return Refused("the request to sign has a name with control characters or dots");
  return target;
}

/// Has the query these parameters, and besides them only `allowed` ones?
bool Asks(const Query& query, std::initializer_list<std::string_view> required,
          std::initializer_list<std::string_view> allowed = {}) {
  const auto in = [](std::initializer_list<std::string_view> names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string_view name : required)
    if (query.count(std::string(name)) == 0) return false;
  return std::all_of(query.begin(), query.end(), [&](const auto& one) {
    return one.first == "x-id" || in(required, one.first) || in(allowed, one.first);
  });
}

/// SERVE-208 unless the request is one that may be signed. Returns whether it makes an object.
Result<bool> CheckOperation(const std::string& method, const Target& target, const Address& folder) {
  const std::string inside = folder.key + "/";
  const Query& query = target.query;
  if (target.object.key.empty() && method == "GET" &&
      Asks(query, {"list-type", "prefix"},
           {"continuation-token", "delimiter", "encoding-type", "fetch-owner", "max-keys", "start-after"})) {
    if (query.at("list-type") == "2" && query.at("prefix").starts_with(inside)) return false;
    return Refused("the list to sign is not one of the table's files, s3://{}/{}", folder.bucket, inside)
        .WithHint("ask with list-type=2 and a prefix below it");
  }
  if (!target.object.key.starts_with(inside) || target.object.key.size() == inside.size())
    return Refused("the request to sign is not about a file of the table, below s3://{}/{}", folder.bucket, inside);
  if ((method == "GET" || method == "HEAD") && Asks(query, {}, {"partNumber"})) return false;
  const bool put = method == "PUT" && Asks(query, {});
  const bool part = method == "PUT" && Asks(query, {"partNumber", "uploadId"});
  const bool begin = method == "POST" && Asks(query, {"uploads"});
  const bool complete = method == "POST" && Asks(query, {"uploadId"});
  const bool abort = method == "DELETE" && Asks(query, {"uploadId"});
  if (put || part || begin || complete || abort) return put || complete;
  if (method == "DELETE" || query.count("delete") != 0)
    return Refused("files of tables are not deleted by engines: other branches and tags may need them")
        .WithHint("drop the table or its rows; the catalogue's own upkeep removes files that nothing reaches");
  return Refused("a request {} of this kind is not signed", method)
      .WithHint("signed are reads, lists below the table, new objects and uploads in parts");
}

Status CheckHeader(const std::string& name) {
  if (!name.starts_with("x-amz-")) return Ok();
  for (const std::string_view harmless : kHarmless)
    if (name == harmless || (harmless.back() == '-' && name.starts_with(harmless)) ||
        name.starts_with(std::string(harmless) + "-"))
      return Ok();
  return Refused("a request with the header {} is not signed", name)
      .WithHint("leave it out: no copies, access lists, tags, locks or keys of the engine's own");
}

}  // namespace

bool OnlyReads(const RemoteRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

Result<RemoteSignature> SignRemote(const RemoteRequest& request, const io::s3::Endpoint& endpoint,
                                   const io::s3::Address& folder, const io::s3::Credentials& credentials,
                                   TimeMicros now) {
  LEAT_ASSIGN(const Target target, ParseTarget(request, endpoint, folder.bucket));
  LEAT_ASSIGN(const bool makes_object, CheckOperation(request.method, target, folder));
  io::s3::SignedRequest to_sign;
  to_sign.method = request.method;
  to_sign.path = io::s3::EncodePath(target.path);
  to_sign.query = Fields(target.query.begin(), target.query.end());
  to_sign.headers = {{"host", target.host}};
  to_sign.payload_hash = kUnsignedPayload;
  std::map<std::string, std::string> sent;
  for (const auto& [given, value] : request.headers) {
    const std::string name = Lower(given);
    LEAT_TRY(CheckHeader(name));
    if (!sent.emplace(name, value).second) return Refused("the request to sign has the header {} twice", name);
    if (name == "x-amz-content-sha256") to_sign.payload_hash = value;
    else if (name == "content-md5" || (name.starts_with("x-amz-") && name != "x-amz-date"))
      to_sign.headers.emplace_back(name, value);
  }
  if (makes_object) to_sign.headers.emplace_back("if-none-match", "*");
  io::s3::Sign(to_sign, credentials, endpoint.region, "s3", now);
  RemoteSignature signature;
  signature.uri = fmt::format("{}://{}{}", endpoint.tls ? "https" : "http", target.host, to_sign.path);
  if (!to_sign.query.empty()) signature.uri += "?" + io::s3::QueryText(to_sign.query);
  for (auto& [name, value] : to_sign.headers) {
    const auto theirs = sent.find(name);
    const bool known = name == "host" || (theirs != sent.end() && theirs->second == value);
    if (!known) signature.headers.emplace_back(name, std::move(value));
  }
  return signature;
}

}  // namespace leat::serve::iceberg
