#include "io/s3/options.h"

namespace leat::io::s3 {
namespace {

std::string First(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto value = environment(name); value && !value->empty()) return *value;
  }
  return "";
}

std::string RegionOfProfile(const StorageSettings& settings, const Environment& environment) {
  std::string name = settings.profile.empty() ? First(environment, {"AWS_PROFILE"}) : settings.profile;
  if (name.empty()) name = "default";
  const Profiles profiles = ReadProfiles(environment);
  const auto profile = profiles.find(name);
  if (profile == profiles.end()) return "";
  const auto region = profile->second.find("region");
  return region == profile->second.end() ? "" : region->second;
}

}  // namespace

Result<Endpoint> Resolve(const StorageSettings& settings, const Environment& environment) {
  if (settings.access_key_id.empty() != settings.secret_access_key.empty())
    return MakeError("IO-501", ErrorKind::kConfig, "`storage:` has {} without {}",
                     settings.access_key_id.empty() ? "secret_access_key" : "access_key_id",
                     settings.access_key_id.empty() ? "access_key_id" : "secret_access_key")
        .WithHint("give both, or none of them");
  Endpoint endpoint;
  endpoint.region = settings.region;
  if (endpoint.region.empty()) endpoint.region = First(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (endpoint.region.empty()) endpoint.region = RegionOfProfile(settings, environment);
  if (endpoint.region.empty()) endpoint.region = "us-east-1";
  endpoint.ca_file = settings.ca_file.empty() ? First(environment, {"AWS_CA_BUNDLE"}) : settings.ca_file;
  endpoint.url =
      settings.endpoint.empty() ? First(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) : settings.endpoint;
  const bool own = !endpoint.url.empty();
  if (!own) endpoint.url = "https://s3." + endpoint.region + ".amazonaws.com";
  while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
  endpoint.tls = endpoint.url.starts_with("https://");
  const bool plain = endpoint.url.starts_with("http://");
  endpoint.host = endpoint.url.substr(endpoint.tls ? 8 : plain ? 7 : 0);
  if ((!endpoint.tls && !plain) || endpoint.host.empty() || endpoint.host.find_first_of("/?#@ ") != std::string::npos)
    return MakeError("IO-501", ErrorKind::kConfig, "the endpoint '{}' is not the address of a store", endpoint.url)
        .WithHint("write https://host or http://host:port, without a path");
  endpoint.path_style = settings.path_style.value_or(own);
  return endpoint;
}

}  // namespace leat::io::s3
