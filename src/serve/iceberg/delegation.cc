#include "serve/iceberg/delegation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "serve/iceberg/policy.h"
#include "serve/iceberg/routes.h"
#include "serve/iceberg/store_access.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

bool AsksFor(const Call& call, std::string_view what) {
  std::string_view asked = call.request.Header("x-iceberg-access-delegation");
  while (!asked.empty()) {
    std::string_view one = asked.substr(0, asked.find(','));
    asked.remove_prefix(std::min(asked.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == what) return true;
  }
  return false;
}

bool MayWrite(Call& call, const lake::TableName& name) {
  const auto properties = RequireNamespace(call, name.ns);
  return properties.ok() && CheckTableCommit(call, name.ns, *properties).ok();
}

/// "v1/lake/namespaces/shop/tables/orders", which clients put behind the catalogue's address.
std::string TablePath(const Call& call, const lake::TableName& name) {
  const std::string_view path = call.request.path;
  const size_t from = path.find("/v1/") + 4;
  std::string levels;
  for (const char c : name.ns) levels += c == '.' ? '\x1f' : c;
  return fmt::format("v1/{}/namespaces/{}/tables/{}", path.substr(from, path.find('/', from) - from),
                     PercentEncode(levels), PercentEncode(name.name));
}

json KeysConfig(const io::s3::Credentials& keys) {
  json config = {{"s3.access-key-id", keys.access_key_id}, {"s3.secret-access-key", keys.secret_access_key}};
  if (!keys.session_token.empty()) config["s3.session-token"] = keys.session_token;
  if (keys.expires_at != 0) config["s3.session-token-expires-at-ms"] = std::to_string(keys.expires_at / 1000);
  return config;
}

/// Keys for the table's folder, as the specification's list of one.
Result<json> StorageCredentials(Call& call, const lake::TableName& name, const std::string& location) {
  LEAT_ASSIGN(const io::s3::Credentials keys, call.store->Keys(location, MayWrite(call, name), call.who.user));
  return json::array({{{"prefix", location}, {"config", KeysConfig(keys)}}});
}

/// The location of a table that is there, or of one that the client is about to make (a staged creation), whose folder the
/// catalogue chose: then that which `object` is in.
Result<std::string> LocationToSign(Call& call, const lake::TableName& name, const std::string& object) {
  LEAT_ASSIGN(const auto entry, call.catalog.FindTable(call.view, name));
  if (entry) {
    LEAT_ASSIGN(const lake::Entry table, RequireObject(call, name, lake::ObjectKind::kTable));
    LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(table.location));
    return metadata->location;
  }
  LEAT_TRY(CheckReach(call, name));
  LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
  LEAT_TRY(CheckTableCommit(call, name.ns, properties));
  // <folder>/<name>-<8 hex of its uuid>: whichever uuid it is, no other table has such a folder.
  static const std::string kAny = "00000000-0000-4000-8000-000000000000";
  const std::string any = call.catalog.NewTableLocation(name, kAny, properties);
  const std::string location = object.substr(0, any.size());
  const size_t digits = any.size() - 8;
  const bool same = location.size() == any.size() && location.compare(0, digits, any, 0, digits) == 0 &&
                    location.find_first_not_of("0123456789abcdef", digits) == std::string::npos;
  return same ? location : any;
}

/// "s3://bucket/key" of the address to sign, whichever way it names the bucket; "" for what is none.
std::string ObjectOf(const std::string& uri, const std::string& bucket) {
  const size_t host = uri.find("://");
  const size_t path = host == std::string::npos ? host : uri.find('/', host + 3);
  if (path == std::string::npos) return "";
  const std::string object =
      PercentDecode(uri.substr(path + 1, std::min(uri.find('?', path), uri.size()) - path - 1), false);
  const bool by_host = uri.compare(host + 3, bucket.size() + 1, bucket + ".") == 0;
  return "s3://" + (by_host ? bucket + "/" : "") + object;
}

Result<RemoteRequest> ParseRemoteRequest(const json& body) {
  RemoteRequest request;
  LEAT_ASSIGN(request.method, StringMember(body, "method"));
  LEAT_ASSIGN(request.uri, StringMember(body, "uri"));
  const json headers = body.value("headers", json::object());
  if (!headers.is_object())
    return MakeError("SERVE-303", ErrorKind::kUsage, "'headers' must be an object of lists of strings");
  for (const auto& [name, values] : headers.items()) {
    std::string joined;
    for (const json& value : values) joined += (joined.empty() ? "" : ",") + value.get<std::string>();
    request.headers.emplace_back(name, std::move(joined));
  }
  return request;
}

}  // namespace

std::string PlainConfig(const Call& call) {
  return ",\"config\":" + (call.store == nullptr ? json::object() : json(call.store->where())).dump();
}

Result<Delegation> Delegate(Call& call, const lake::TableName& name, const std::string& location) {
  Delegation made{PlainConfig(call), false};
  if (call.store == nullptr) return made;
  json config = call.store->where();
  if (call.store->gives_keys() && AsksFor(call, "vended-credentials")) {
    LEAT_ASSIGN(const json credentials, StorageCredentials(call, name, location));
    config.update(credentials[0]["config"]);
    if (config.contains("s3.session-token-expires-at-ms")) {
      config["client.refresh-credentials-enabled"] = "true";
      config["client.refresh-credentials-endpoint"] = TablePath(call, name) + "/credentials";
    }
    return Delegation{",\"config\":" + config.dump() + ",\"storage-credentials\":" + credentials.dump(), true};
  }
  if (!call.store->signs() || !AsksFor(call, "remote-signing")) return made;
  // No address of the server: clients take the one that they know the catalogue by.
  const std::string endpoint = TablePath(call, name) + "/sign";
  config["s3.remote-signing-enabled"] = "true";
  config["s3.signer"] = "S3V4RestSigner";
  config["s3.signer.endpoint"] = endpoint;
  config["signer.endpoint"] = endpoint;
  return Delegation{",\"config\":" + config.dump(), true};
}

Status CheckOwnLocation(const Call& call, const lake::TableName& name, const std::string& uuid,
                        const lake::Properties& ns_properties, const std::string& location) {
  if (call.store == nullptr || !call.store->signs() || call.who.scope >= Scope::kAdmin) return Ok();
  if (location == call.catalog.NewTableLocation(name, uuid, ns_properties)) return Ok();
  return MakeError("SERVE-306", ErrorKind::kUsage, "the location '{}' is not the one that the catalogue gives {}",
                   location, name.ToString())
      .WithHint("leave the location out, or use a token with scope admin");
}

Result<Response> SignRequest(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(CheckReach(call, name));
  if (call.store == nullptr || !call.store->signs()) {
    return MakeError("SERVE-309", ErrorKind::kUnsupported, "requests to the store are not signed here")
        .WithHint("engines need keys of their own (`vend` below `storage:` in leat.yml)");
  }
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const RemoteRequest request, ParseRemoteRequest(body));
  LEAT_ASSIGN(const io::s3::Address root, io::s3::ParseAddress(call.catalog.options().warehouse_root));
  LEAT_ASSIGN(const std::string location, LocationToSign(call, name, ObjectOf(request.uri, root.bucket)));
  if (!OnlyReads(request)) {
    LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
    LEAT_TRY(CheckTableCommit(call, name.ns, properties));
  }
  LEAT_ASSIGN(const RemoteSignature signature, call.store->Sign(request, location));
  json headers = json::object();
  for (const auto& [header, value] : signature.headers) headers[header] = json::array({value});
  Response response = JsonResponse({{"uri", signature.uri}, {"headers", std::move(headers)}});
  // Clients of Java use a signature again for a moment where this says so.
  response.headers.emplace_back("Cache-Control", OnlyReads(request) ? "private" : "no-cache");
  return response;
}

Result<Response> LoadCredentials(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kTable));
  json credentials = json::array();
  if (call.store != nullptr && call.store->gives_keys()) {
    LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry.location));
    LEAT_ASSIGN(credentials, StorageCredentials(call, name, metadata->location));
  }
  return JsonResponse({{"storage-credentials", std::move(credentials)}});
}

}  // namespace leat::serve::iceberg
