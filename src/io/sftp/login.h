#pragma once

#include <libssh/libssh.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/sftp/address.h"

namespace leat::io::sftp {

/// How a server is reached and who logs in; `sftp:` of a connection.
struct Settings {
  std::string user;
  std::string password;
  std::string private_key;             ///< its text; "" none
  std::string private_key_file;        ///< path; "" none
  std::string passphrase;              ///< of the private key
  std::vector<std::string> host_keys;  ///< fingerprints, "SHA256:…", each of which is good; empty: `known_hosts` says
  std::string known_hosts;             ///< path of a file as OpenSSH has it; "" none
  std::chrono::milliseconds timeout{30'000};  ///< longest silence of the server
};

/// What a server showed of itself.
struct HostKey {
  std::string type;         ///< "ssh-ed25519"
  std::string fingerprint;  ///< "SHA256:…"
};
Result<HostKey> ShownHostKey(ssh_session session, const Address& address);

/// Whether the key that the server showed is one that the settings know. IO-408 kPermission: nothing says which key it has
/// (the message has the fingerprint, the hint what to write); IO-409 kPermission: it has another one than they say.
/// `shown`: of all kinds of keys that the server was asked for.
Status CheckHostKey(ssh_session session, const Address& address, const Settings& settings,
                    const std::vector<HostKey>& shown);

/// Logs in with the private key, the password, or both where the server wants both. IO-410 kPermission: the server refuses;
/// IO-414 kConfig: the private key cannot be read.
Status LogIn(ssh_session session, const Address& address, const Settings& settings);

}  // namespace leat::io::sftp
