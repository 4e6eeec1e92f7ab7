#pragma once

#include <string>

#include "io/s3/client.h"

namespace leat::serve::iceberg {

/// A request to the object store that an engine would send, and wants signed with keys that it does not get.
struct RemoteRequest {
  std::string method;
  std::string uri;  ///< "https://host/bucket/key?query", encoded
  io::s3::Fields headers;
};

struct RemoteSignature {
  std::string uri;         ///< to send instead: the same, encoded as it was signed
  io::s3::Fields headers;  ///< to add
};

/// Does the request only look at objects (GET, HEAD)? Others need the right to write.
bool OnlyReads(const RemoteRequest& request);

/// Signs a request that stays inside `folder` and is one of: reading an object, listing below the folder, putting a new object,
/// an upload in parts, ending an upload. A put is signed with If-None-Match, so that nothing that is there is replaced. Whether
/// the client may write (OnlyReads) is the caller's question. SERVE-208 kPermission: another place, a delete, or something
/// else (copies, access lists, tags). The payload is not covered by the signature unless the client says its hash.
Result<RemoteSignature> SignRemote(const RemoteRequest& request, const io::s3::Endpoint& endpoint,
                                   const io::s3::Address& folder, const io::s3::Credentials& credentials,
                                   TimeMicros now);

}  // namespace leat::serve::iceberg
