#pragma once

#include <string>
#include <vector>

#include "config/field.h"
#include "io/sftp/login.h"

namespace leat::component {

/// How a server of files is reached: `sftp:` of connections whose `path` is sftp://.
std::vector<config::FieldSpec> SftpFields();
/// These fields as typed, files relative to the project. SRC-380 kConfig: nothing to log in with,
/// a fingerprint that is none, no time to wait.
Result<io::sftp::Settings> ReadSftp(const config::Values& connection, const std::string& project_root);

}  // namespace leat::component
