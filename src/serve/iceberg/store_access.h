#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "io/s3/client.h"
#include "lake/catalog.h"
#include "project/store_sharing.h"
#include "serve/iceberg/remote_sign.h"

namespace leat::serve::iceberg {

/// How other engines reach the files of a warehouse in an object store: by requests that are signed for them, or by keys for
/// one table that end. Thread-safe.
class StoreAccess {
 public:
  StoreAccess(std::shared_ptr<io::s3::Client> client, project::StoreSharing sharing);

  /// Where the store is, under the names that Iceberg's clients know. Never keys.
  const lake::Properties& where() const { return where_; }
  /// Are requests signed, for clients that ask for it?
  bool signs() const { return sharing_.vend != "none"; }
  /// Are keys given, to clients that ask for them?
  bool gives_keys() const { return sharing_.vend == "role" || sharing_.vend == "keys"; }

  /// Keys for the folder of a table: of the role, cut down to it, for an hour (the same ones again while they hold for half of
  /// that); with `vend: keys` the store's own. IO-528 and others of io/s3/assume_role.h.
  Result<io::s3::Credentials> Keys(const std::string& location, bool write, const std::string& user);

  /// remote_sign.h, with the store's own keys.
  Result<RemoteSignature> Sign(const RemoteRequest& request, const std::string& location);

 private:
  struct Asked {
    std::string location, user;
    bool write = false;
    auto operator<=>(const Asked&) const = default;
  };

  const std::shared_ptr<io::s3::Client> client_;
  const project::StoreSharing sharing_;
  const lake::Properties where_;
  io::HttpClient sts_;
  std::mutex mutex_;
  std::map<Asked, io::s3::Credentials> given_;
};

}  // namespace leat::serve::iceberg
