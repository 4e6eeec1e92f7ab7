#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/sftp/login.h"
#include "io/sftp/transport.h"

struct sftp_session_struct;

namespace leat::io::sftp {

enum class EntryType { kFile, kFolder, kLink, kOther };

/// What a server says of one name. Its times have no parts of a second.
struct Entry {
  std::string name;  ///< without its folder; "" of Stat
  EntryType type = EntryType::kOther;
  int64_t size_bytes = 0;
  int64_t modified_seconds = 0;
};

/// One connection with SFTP (version 3) on it. Blocking, of one thread at a time. Paths: address.h. Errors name server and
/// path: IO-407 kEnvironment, Retry::kSafe: it was cut off or said nothing for too long; IO-411 kPermission; IO-412
/// kNotFound; IO-413 kEnvironment: the server says that it failed; RUN-900. After IO-407 and RUN-900 it is of no use (`usable`).
class Session {
 public:
  /// Errors: transport.h, login.h.
  static Result<std::unique_ptr<Session>> Open(const Address& address, const Settings& settings,
                                               const CancelToken* cancel);
  ~Session();

  bool usable() const;

  /// All names of a folder but "." and "..", in no order; links as links.
  Status EachEntry(const std::string& folder, const std::function<Status(Entry)>& take);
  /// nullopt: nothing is there. `follow`: of what a link leads to.
  Result<std::optional<Entry>> Stat(const std::string& path, bool follow);
  /// What `check` says of the open file, then its bytes from `offset` to `end`, in order, then what `check` says again; fewer
  /// bytes when it ends before.
  Status Read(const std::string& path, int64_t offset, int64_t end, const std::function<Status(const Entry&)>& check,
              const std::function<Status(std::string_view)>& take);
  /// Gives a file another path. IO-202 kExists: something lies there; the file stays.
  Status Rename(const std::string& from, const std::string& to);
  Status Remove(const std::string& path);
  /// A folder and those above it; those that are there are good.
  Status MakeFolders(const std::string& path);

 private:
  explicit Session(Address address) : address_(std::move(address)) {}

  Status Connect(const Settings& settings, const std::string& key_types, const CancelToken* cancel);
  Status Start(const Settings& settings, const CancelToken* cancel);
  void Disconnect();
  /// The path as the server is told it.
  std::string Told(const std::string& path) const;
  /// Why the last call failed.
  Error Failure(const std::string& doing, const std::string& path) const;

  const Address address_;
  const CancelToken* cancel_ = nullptr;
  int socket_ = -1;
  ssh_session ssh_ = nullptr;
  sftp_session_struct* sftp_ = nullptr;
  std::unique_ptr<SocketWatch> watch_;
  std::string home_;  ///< where the login came to, without a slash behind it
};

}  // namespace leat::io::sftp
