#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::io {

/// Unpacks gzip (RFC 1952), in pieces, and holds each member to its checksum and its length, which libarchive and libcurl do not
/// look at. Members that stand one after another are one text; zeros behind the last one are padding. Not thread-safe.
class Gunzip {
 public:
  /// Gives the next packed bytes, which stay as they are until it is asked again; an empty piece: there are no more.
  using Source = std::function<Result<std::string_view>()>;

  explicit Gunzip(Source source);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// The next unpacked bytes, good until the next call; false at the end. IO-401 kData: it is cut off, damaged, or something
  /// else stands behind it; `what` names it. Errors of the source as they are.
  Result<bool> Next(const std::string& what, std::string_view& block);

 private:
  struct State;
  Status Refill();

  const Source source_;
  const std::unique_ptr<State> state_;
  std::string out_;
};

/// The same, unpacked again where what comes out is gzip, too, up to three times: some programs pack what is packed already.
class NestedGunzip {
 public:
  NestedGunzip(Gunzip::Source source, std::string what);

  /// As Gunzip::Next.
  Result<bool> Next(std::string_view& block);

 private:
  Result<bool> Begin(std::string_view& block);

  const std::string what_;
  std::vector<std::unique_ptr<Gunzip>> layers_;  ///< the outermost first
  bool begun_ = false;
};

/// IO-401: `what` (a file, an answer) cannot be unpacked, and `why`.
Error CannotUnpack(const std::string& what, std::string_view why);

}  // namespace leat::io
