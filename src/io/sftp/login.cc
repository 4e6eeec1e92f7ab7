#include "io/sftp/login.h"

#include <algorithm>
#include <memory>

namespace leat::io::sftp {
namespace {

constexpr int kMostRounds = 10;  // of questions that a server may ask of one login

struct KeyFree {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<std::remove_pointer_t<ssh_key>, KeyFree>;

/// Nobody is asked for a passphrase at a terminal.
int NoPassphrase(const char*, char*, size_t, int, int, void*) { return -1; }

Result<Key> ReadPrivateKey(const Settings& settings) {
  const char* passphrase = settings.passphrase.empty() ? nullptr : settings.passphrase.c_str();
  ssh_key key = nullptr;
  const bool is_file = settings.private_key.empty();
  const int read =
      is_file ? ssh_pki_import_privkey_file(settings.private_key_file.c_str(), passphrase, NoPassphrase, nullptr, &key)
              : ssh_pki_import_privkey_base64(settings.private_key.c_str(), passphrase, NoPassphrase, nullptr, &key);
  if (read == SSH_OK) return Key(key);
  const std::string shown = is_file ? settings.private_key_file : "`private_key:`";
  if (read == SSH_EOF) {
    return MakeError("IO-414", ErrorKind::kConfig, "the private key {} is not there, or may not be read", shown)
        .WithHint("correct `private_key_file:` below `sftp:` of the connection, or grant access to the file");
  }
  return MakeError("IO-414", ErrorKind::kConfig, "the private key {} cannot be read: it is none, or {}", shown,
                   passphrase == nullptr ? "wants a passphrase" : "has another passphrase")
      .WithHint("give a private key as OpenSSH or PEM write it, and its `passphrase:` below `sftp:` of the connection");
}

std::string Methods(int methods) {
  std::string text;
  const auto add = [&](int method, const char* name) {
    if ((methods & method) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(SSH_AUTH_METHOD_PUBLICKEY, "publickey");
  add(SSH_AUTH_METHOD_PASSWORD, "password");
  add(SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive");
  add(SSH_AUTH_METHOD_HOSTBASED, "hostbased");
  add(SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi");
  return text.empty() ? "none" : text;
}

/// The server asks questions of its own making; each that hides what is typed gets the password.
int AnswerQuestions(ssh_session session, const std::string& password) {
  int result = ssh_userauth_kbdint(session, nullptr, nullptr);
  for (int round = 0; result == SSH_AUTH_INFO && round < kMostRounds; ++round) {
    const int prompts = ssh_userauth_kbdint_getnprompts(session);
    for (int i = 0; i < prompts; ++i) {
      char echo = 0;
      (void)ssh_userauth_kbdint_getprompt(session, static_cast<unsigned>(i), &echo);
      if (ssh_userauth_kbdint_setanswer(session, static_cast<unsigned>(i), echo != 0 ? "" : password.c_str()) < 0)
        return SSH_AUTH_ERROR;
    }
    result = ssh_userauth_kbdint(session, nullptr, nullptr);
  }
  return result;
}

Error Refused(ssh_session session, const Address& address, const Settings& settings, const std::string& tried) {
  const std::string offered = Methods(ssh_userauth_list(session, nullptr));
  return MakeError("IO-410", ErrorKind::kPermission, "the SFTP server {} lets {} not in with {}; it takes: {}",
                   address.server(), settings.user, tried.empty() ? "what the connection gives" : tried, offered)
      .WithHint(
          "correct `user:`, and `password:` or `private_key:`, below `sftp:` of the connection; the owner of the "
          "server says which of them it has to be");
}

}  // namespace

Result<HostKey> ShownHostKey(ssh_session session, const Address& address) {
  ssh_key raw = nullptr;
  unsigned char* hash = nullptr;
  size_t size = 0;
  HostKey shown;
  if (ssh_get_server_publickey(session, &raw) == SSH_OK) {
    const Key key(raw);
    shown.type = ssh_key_type_to_char(ssh_key_type(raw));
    if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) == 0) {
      char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
      if (text != nullptr) shown.fingerprint = text;
      ssh_string_free_char(text);
      ssh_clean_pubkey_hash(&hash);
    }
  }
  if (!shown.fingerprint.empty()) return shown;
  return MakeError("IO-409", ErrorKind::kPermission, "the SFTP server {} shows no host key that can be read",
                   address.server())
      .WithHint("ask the owner of the server");
}

Status CheckHostKey(ssh_session session, const Address& address, const Settings& settings,
                    const std::vector<HostKey>& shown) {
  std::string all;
  for (const HostKey& key : shown) all += (all.empty() ? "" : ", ") + key.fingerprint + " (" + key.type + ")";
  if (!settings.host_keys.empty()) {
    if (std::find(settings.host_keys.begin(), settings.host_keys.end(), shown.back().fingerprint) !=
        settings.host_keys.end())
      return Ok();
    return MakeError("IO-409", ErrorKind::kPermission,
                     "the SFTP server {} has the host key {}, which is none of `host_key:`: it changed, or somebody "
                     "else answers",
                     address.server(), all)
        .WithHint(
            "ask the owner of the server; only if the key is theirs, add its fingerprint to `host_key:` below "
            "`sftp:` of the connection (a list, while old and new are both in use)");
  }
  const ssh_known_hosts_e known =
      settings.known_hosts.empty() ? SSH_KNOWN_HOSTS_UNKNOWN : ssh_session_is_known_server(session);
  if (known == SSH_KNOWN_HOSTS_OK) return Ok();
  if (known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER) {
    return MakeError("IO-409", ErrorKind::kPermission,
                     "the SFTP server {} has the host key {}, and {} says another one: it changed, or somebody else "
                     "answers",
                     address.server(), all, settings.known_hosts)
        .WithHint("ask the owner of the server; only if the key is theirs, put its line into " + settings.known_hosts);
  }
  return MakeError("IO-408", ErrorKind::kPermission, "the host key of the SFTP server {} is not known: it is {}",
                   address.server(), all)
      .WithHint(
          fmt::format("compare it with what the owner of the server says, then write `host_key: '{}'` below `sftp:` "
                      "of the connection",
                      shown.front().fingerprint));
}

Status LogIn(ssh_session session, const Address& address, const Settings& settings) {
  const bool has_key = !settings.private_key.empty() || !settings.private_key_file.empty();
  Key key;
  if (has_key) {
    LEAT_ASSIGN(key, ReadPrivateKey(settings));
  }
  int result = ssh_userauth_none(session, nullptr);
  std::string tried;
  if (result != SSH_AUTH_SUCCESS && result != SSH_AUTH_ERROR && has_key) {
    tried = "the private key";
    result = ssh_userauth_publickey(session, nullptr, key.get());
  }
  // After a key that was only the first half the server names what it wants next.
  if (result != SSH_AUTH_SUCCESS && result != SSH_AUTH_ERROR && !settings.password.empty()) {
    const int offered = ssh_userauth_list(session, nullptr);
    tried += (tried.empty() ? "" : " and ") + std::string("the password");
    if ((offered & SSH_AUTH_METHOD_PASSWORD) != 0)
      result = ssh_userauth_password(session, nullptr, settings.password.c_str());
    else if ((offered & SSH_AUTH_METHOD_INTERACTIVE) != 0) result = AnswerQuestions(session, settings.password);
  }
  if (result == SSH_AUTH_SUCCESS) return Ok();
  if (result == SSH_AUTH_ERROR && ssh_is_connected(session) == 0) {
    return MakeError("IO-407", ErrorKind::kEnvironment, "the SFTP server {} ended the connection at the login",
                     address.server())
        .WithHint("it may be busy, or have closed the door after too many tries: wait, then run again")
        .WithRetry(Retry::kSafe);
  }
  return Refused(session, address, settings, tried);
}

}  // namespace leat::io::sftp
