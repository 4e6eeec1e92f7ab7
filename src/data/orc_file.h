#pragma once

#include <memory>

#include "data/orc_runs.h"

namespace leat::data {

/// One ORC file: its tail, and the streams of its stripes. Immutable, so safe for several threads.
class OrcFile {
 public:
  /// SRC-350 kData: no sound ORC file; SRC-351 kUnsupported: one that is packed or encrypted in a way that is not read. Else the errors of
  /// `read`.
  static Result<std::unique_ptr<OrcFile>> Open(ReadAt read, uint64_t size);

  const OrcFooter& footer() const { return footer_; }
  Result<OrcStripeFooter> StripeFooter(size_t stripe) const;
  /// A stream of a stripe; `fault` must outlive it.
  OrcBytes Stream(size_t stripe, const OrcStreamPlace& place, OrcFault& fault) const;
  /// SRC-350 of what decoders found; `where`: "stripe 2, row 7, column x".
  static Error FaultError(const OrcFault& fault, const std::string& where);

 private:
  explicit OrcFile(ReadAt read) : read_(std::move(read)) {}
  Result<std::string> ReadWhole(uint64_t offset, uint64_t bytes, const std::string& what) const;
  Status CheckStripes(uint64_t size) const;

  ReadAt read_;
  OrcPacking packing_ = OrcPacking::kNone;
  uint64_t block_bytes_ = 0;
  OrcFooter footer_;
};

}  // namespace leat::data
