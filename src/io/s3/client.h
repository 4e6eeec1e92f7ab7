#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/s3/options.h"
#include "io/s3/request_counts.h"

namespace leat::io::s3 {

/// Bucket and key of "s3://bucket/key"; the key may be empty.
struct Address {
  std::string bucket;
  std::string key;
};
/// IO-501 kConfig when the text is no such address.
Result<Address> ParseAddress(const std::string& uri);

struct ObjectInfo {
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;
  std::string tag = {};  ///< ETag: another one is other content
};

/// One page of a listing; `next` is "" at the end.
struct ListPage {
  std::vector<ObjectInfo> objects;
  std::string next;
};

/// The S3 API as far as Leat needs it. Thread-safe, blocking. Every request is signed, tried again while the store is busy
/// (503, 500, 429), cut off or not reached, and counted. Errors (docs/errors.md): IO-201 kNotFound, IO-202 kExists,
/// IO-511 … IO-514 kEnvironment, IO-521 … IO-523 and IO-525 kPermission, IO-524 clock, IO-526 no such bucket, IO-527 region.
class Client {
 public:
  static Result<std::unique_ptr<Client>> Open(StoreOptions options);

  Result<std::string> Get(const Address& object);
  /// Bytes [offset, offset + length); fewer at the end of the object, none behind it. `tag`: of the object as it must still be,
  /// "" any; IO-204 kConflict when it is another one.
  Result<std::string> GetRange(const Address& object, int64_t offset, int64_t length, const std::string& tag = "");
  Result<ObjectInfo> Head(const Address& object);
  /// Creates an object that must not be there (If-None-Match). When one is there with these very bytes it is a success: it is
  /// what a try wrote whose answer was lost. Others: IO-202.
  Status PutNew(const Address& object, std::string_view bytes);
  /// Asks for one name below a prefix: whether the bucket is there and the keys are good.
  Status Reach(const Address& prefix);
  Result<ListPage> List(const Address& prefix, const std::string& continuation);
  /// Copies an object within the store, without its bytes coming here, as long as it has the tag of `as` (of Head): IO-204
  /// kConflict when it has another one. What lies at `to` is replaced.
  Status Copy(const Address& from, const ObjectInfo& as, const Address& to);
  Status Delete(const Address& object);
  /// The same while it has this tag; IO-204 kConflict. A store that knows no such requests removes what is there.
  Status DeleteTagged(const Address& object, const std::string& tag);
  /// At most 1,000 keys of one bucket. The first that the store refuses is the error.
  Status DeleteMany(const std::string& bucket, const std::vector<std::string>& keys);

  const Endpoint& endpoint() const { return endpoint_; }
  const RequestCounts& counts() const { return counts_; }
  CredentialChain& credentials() { return credentials_; }

 private:
  struct Call;
  Client(StoreOptions options, Endpoint endpoint);
  Result<HttpAnswer> Send(const Call& call);
  Result<HttpAnswer> SendOnce(const Call& call);
  Status PutInParts(const Address& object, std::string_view bytes);
  /// One upload: `part` makes the request of each part (from 0), `exists` says what it means that the object is there or the
  /// upload gone before its end.
  Status InParts(const Address& object, size_t parts, Fields headers, const std::function<Call(size_t part)>& part,
                 const std::function<Status()>& exists);
  /// The tag of the part.
  Result<std::string> SendPart(const Call& call);
  Status SameBytesThere(const Address& object, std::string_view bytes);

  const StoreOptions options_;
  const Endpoint endpoint_;
  HttpClient http_;
  CredentialChain credentials_;
  RequestCounts counts_;
};

}  // namespace leat::io::s3
