#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/http_asker.h"
#include "io/content_hasher.h"
#include "io/digest.h"

namespace leat::component {

/// What an answer says of the version of what it gives.
struct HttpVersion {
  std::string tag;       ///< strong ETag, "" none
  std::string modified;  ///< Last-Modified as it stands there, "" none
  int64_t modified_ns = 0;

  static HttpVersion Of(const io::HttpAnswer& answer);
  bool told() const { return !tag.empty() || modified_ns != 0; }
  /// Nothing of what both say differs.
  bool Fits(const HttpVersion& other) const;
};

/// How long the whole content is by an answer of 200, 206 or 416; nullopt: it does not say so.
std::optional<int64_t> WholeLength(const io::HttpAnswer& answer);

/// IO-421 kPermission, IO-422 kEnvironment (Retry::kSafe where another one may come): an answer that is no file.
Error NoFileButAnswer(const std::string& address, const io::HttpAnswer& answer);

/// What a content is that is to be read.
struct HttpWanted {
  std::string url;                                 ///< of the request
  std::string address;                             ///< as users know it
  int64_t size_bytes = -1;                         ///< that it must have; -1: any
  HttpVersion version = {};                        ///< that it must have, as far as it is told
  std::function<Error(int64_t size_now)> changed;  ///< what to say when it is another one; -1: its size is not known
  /// Waits until one more request may be under way; the request ends before the result does.
  std::function<Result<std::unique_ptr<BudgetSlot>>()> turn;
  Budget* budget = nullptr;
  CancelToken* cancel = nullptr;
};

/// Reads one content to its end, going on where it was cut off: with a range where the server gives one, else past what came
/// before, which must be the same again. One thread.
class HttpContent {
 public:
  HttpContent(HttpAsker& asker, HttpWanted wanted, std::function<Status(std::string_view)> take)
      : asker_(asker), wanted_(std::move(wanted)), take_(std::move(take)) {}

  /// Ok: it was given to `take`, whole by its length or its end mark and with the checksums that its headers name (Repr-Digest, Digest,
  /// Content-Digest, Content-MD5). Errors: http_place.h; those of `changed` and `take`.
  Status Read();
  int64_t size_bytes() const { return at_; }
  std::string hash() const { return hasher_.Hash(); }
  /// As the first answer told it.
  const HttpVersion& version() const { return wanted_.version; }

 private:
  struct Promise {
    std::string name, base64;
    io::Digest digest;
  };

  /// One request; `cut_` says that another one may go on.
  Status Attempt();
  Status Begin(const io::HttpAnswer& head);
  Status Take(std::string_view bytes);
  Status Flush();
  Status End(const io::HttpReply& reply);
  Status Cut(Error error);
  void ReadPromises(const io::HttpAnswer& head);
  Status CheckPromises();

  HttpAsker& asker_;
  HttpWanted wanted_;
  const std::function<Status(std::string_view)> take_;
  int64_t at_ = 0;       ///< bytes that came
  int64_t length_ = -1;  ///< as answers said it
  io::ContentHasher hasher_;
  std::vector<Promise> promises_;
  std::string buffer_;
  int64_t unspent_ = 0;
  // of one request:
  bool cut_ = false;
  bool begun_ = false;
  bool chunked_ = false;
  int64_t skip_ = 0;  ///< bytes that came before and come again
  std::unique_ptr<io::ContentHasher> again_;
  std::string hash_before_;
};

}  // namespace leat::component
