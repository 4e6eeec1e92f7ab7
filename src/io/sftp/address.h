#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace leat::io::sftp {

/// Server and path of "sftp://host[:port]/path". The path is taken as it stands, with no %-encoding, and is absolute;
/// "/~/x" is x in the folder into which a login comes.
struct Address {
  std::string host;  ///< a name, or an address without brackets
  int port = 22;
  std::string path = "/";

  /// "host:port", for messages.
  std::string server() const;
};

/// True for "sftp://…".
bool IsSftp(std::string_view uri);

/// IO-406 kConfig when the text is no such address, or has a user or a password in it (which is not repeated).
Result<Address> ParseAddress(const std::string& uri);

/// "sftp://host:port" of an address, as it was typed: what its path follows.
std::string ServerPart(const std::string& uri);

}  // namespace leat::io::sftp
