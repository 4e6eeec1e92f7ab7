#include "io/sftp/address.h"

#include <charconv>

namespace leat::io::sftp {
namespace {

constexpr std::string_view kScheme = "sftp://";
constexpr int kLastPort = 65535;

Error NoAddress(const std::string& uri) {
  return MakeError("IO-406", ErrorKind::kConfig, "'{}' is not an address of the form sftp://host/folder", uri)
      .WithHint(
          "write sftp://host/folder, or sftp://host:port/folder; /~/ in front of the folder: where a login comes to");
}

}  // namespace

std::string Address::server() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool IsSftp(std::string_view uri) { return uri.starts_with(kScheme); }

std::string ServerPart(const std::string& uri) { return uri.substr(0, uri.find('/', kScheme.size())); }

Result<Address> ParseAddress(const std::string& uri) {
  if (!IsSftp(uri)) return NoAddress(uri);
  std::string server = ServerPart(uri).substr(kScheme.size());
  if (server.find('@') != std::string::npos) {
    return MakeError("IO-406", ErrorKind::kConfig, "the address sftp://…@{} has a user in it",
                     uri.substr(uri.find('@') + 1))
        .WithHint("write `user:` and `password:` below `sftp:` of the connection");
  }
  Address address;
  if (uri.size() > kScheme.size() + server.size()) address.path = uri.substr(kScheme.size() + server.size());
  std::string port;
  const size_t bracket = server.starts_with('[') ? server.find(']') : 0;
  if (bracket == std::string::npos) return NoAddress(uri);
  const size_t colon = server.find(':', bracket);
  if (colon != std::string::npos) {
    port = server.substr(colon + 1);
    server.resize(colon);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || address.port < 1 || address.port > kLastPort)
      return NoAddress(uri);
  }
  address.host = bracket == 0 ? server : server.substr(1, bracket - 1);
  if (address.host.empty() || (bracket != 0 && bracket + 1 != server.size())) return NoAddress(uri);
  return address;
}

}  // namespace leat::io::sftp
