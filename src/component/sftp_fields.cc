#include "component/sftp_fields.h"

#include "component/input_files.h"

namespace leat::component {

using config::FieldSpec;
using config::FieldType;

std::vector<FieldSpec> SftpFields() {
  return {
      {.name = "user", .description = "Who logs in.", .required = true, .example = "leat"},
      {.name = "password",
       .description = "Their password, where the server wants one; also asked by a server's own questions.",
       .secret = true,
       .example = "${secret:PARTNER_PASSWORD}"},
      {.name = "private_key",
       .description = "The private key itself, as OpenSSH or PEM write it.",
       .secret = true,
       .example = "${secret:PARTNER_KEY}"},
      {.name = "private_key_file",
       .type = FieldType::kPath,
       .description = "File of the private key, relative to the project.",
       .example = "keys/partner"},
      {.name = "passphrase", .description = "Of the private key, where it has one.", .secret = true},
      {.name = "host_key",
       .type = FieldType::kList,
       .description =
           "Fingerprint of the server's host key as `ssh-keygen -l` shows it; several while a new key takes over. "
           "A server with another key is refused.",
       .example = "'SHA256:2bX1…'",
       .scalar_ok = true},
      {.name = "known_hosts",
       .type = FieldType::kPath,
       .description = "File with host keys as OpenSSH keeps them, relative to the project; instead of `host_key`.",
       .example = "keys/known_hosts"},
      {.name = "timeout",
       .type = FieldType::kDuration,
       .description = "Longest silence of the server before the connection is given up and tried again.",
       .default_value = "30s"},
  };
}

Result<io::sftp::Settings> ReadSftp(const config::Values& connection, const std::string& project_root) {
  const config::Values* sftp = connection.Has("sftp") ? connection.Object("sftp") : nullptr;
  if (sftp == nullptr) {
    return MakeError("SRC-380", ErrorKind::kConfig, "a connection to {} needs `sftp:`", connection.Text("path"))
        .At(connection.Where("path"))
        .WithHint("write sftp: { user: …, private_key_file: …, host_key: 'SHA256:…' } below it");
  }
  io::sftp::Settings settings;
  settings.user = sftp->Text("user");
  settings.password = sftp->Text("password");
  settings.private_key = sftp->Text("private_key");
  settings.passphrase = sftp->Text("passphrase");
  settings.host_keys = sftp->TextList("host_key");
  if (sftp->Has("private_key_file"))
    settings.private_key_file = BelowProject(project_root, sftp->Text("private_key_file"));
  if (sftp->Has("known_hosts")) settings.known_hosts = BelowProject(project_root, sftp->Text("known_hosts"));
  settings.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(sftp->Duration("timeout"));
  if (settings.password.empty() && settings.private_key.empty() && settings.private_key_file.empty()) {
    return MakeError("SRC-380", ErrorKind::kConfig, "user {} has nothing to log in with at {}", settings.user,
                     connection.Text("path"))
        .At(sftp->Where("user"))
        .WithHint("add `private_key_file:`, `private_key:` or `password:`");
  }
  if (settings.timeout.count() <= 0) {
    return MakeError("SRC-380", ErrorKind::kConfig, "`timeout:` of {} leaves the server no time",
                     connection.Text("path"))
        .At(sftp->Where("timeout"))
        .WithHint("write a time above zero, as 30s");
  }
  for (std::string& key : settings.host_keys) {
    while (key.ends_with('=')) key.pop_back();
    if (key.starts_with("SHA256:")) continue;
    return MakeError("SRC-380", ErrorKind::kConfig, "`host_key: {}` is no fingerprint of the form SHA256:…", key)
        .At(sftp->Where("host_key"))
        .WithHint(
            "take what `ssh-keygen -l -f` shows of the server's public key, or what the refusal of an unknown key shows");
  }
  return settings;
}

}  // namespace leat::component
