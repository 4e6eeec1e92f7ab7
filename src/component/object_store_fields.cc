#include "component/object_store_fields.h"

#include "component/input_files.h"

namespace leat::component {

using config::FieldSpec;
using config::FieldType;

std::vector<FieldSpec> ObjectStoreFields() {
  return {
      {.name = "endpoint",
       .description =
           "Address of the store, https://host or http://host:port; default: AWS_ENDPOINT_URL, else AWS's own.",
       .example = "https://s3.example.com"},
      {.name = "region",
       .description = "Region of the bucket; default: AWS_REGION, the profile's, else us-east-1.",
       .example = "eu-central-1"},
      {.name = "path_style",
       .type = FieldType::kBoolean,
       .description =
           "true: https://host/bucket/key, false: https://bucket.host/key. Default: true with an endpoint of its own.",
       .example = "true"},
      {.name = "profile",
       .description = "Profile of ~/.aws/credentials whose keys are used; default: AWS_PROFILE, else default.",
       .example = "lake"},
      {.name = "access_key_id",
       .description = "Access key; default: looked for in the environment, the profile, the container, the instance.",
       .example = "${env:LAKE_KEY_ID}"},
      {.name = "secret_access_key", .description = "Its secret.", .secret = true, .example = "${secret:LAKE_KEY}"},
      {.name = "session_token", .description = "Its token, of keys that end.", .secret = true},
      {.name = "ca_file",
       .type = FieldType::kPath,
       .description = "Certificates (PEM) to trust instead of the machine's; default: AWS_CA_BUNDLE.",
       .example = "certificates/store.pem"},
  };
}

io::s3::StorageSettings ReadObjectStore(const config::Values& storage, const std::string& project_root) {
  io::s3::StorageSettings settings;
  settings.endpoint = storage.Text("endpoint");
  settings.region = storage.Text("region");
  if (storage.Has("path_style")) settings.path_style = storage.Boolean("path_style");
  settings.profile = storage.Text("profile");
  settings.access_key_id = storage.Text("access_key_id");
  settings.secret_access_key = storage.Text("secret_access_key");
  settings.session_token = storage.Text("session_token");
  if (storage.Has("ca_file")) settings.ca_file = BelowProject(project_root, storage.Text("ca_file"));
  return settings;
}

}  // namespace leat::component
