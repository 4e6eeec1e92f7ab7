#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/orc_schema.h"
#include "data/value.h"

namespace leat::data {

/// Reads up to `most` bytes of a file from `offset` on; fewer at its end. Safe for several threads.
using ReadAt = std::function<Result<size_t>(uint64_t offset, char* to, size_t most)>;

/// A byte as a number from -128 to 127.
inline int SignedByte(uint8_t byte) { return byte < 128 ? byte : byte - 256; }

/// What is wrong first; decoders that share it give nothing more.
struct OrcFault {
  std::string what{};
  uint64_t at = 0;             ///< of the file
  std::optional<Error> error;  ///< what reading said

  bool failed() const { return !what.empty() || error; }
};

/// The bytes of one stream, unpacked piece by piece. After a fault, and behind the end, which is one: zeros.
class OrcBytes {
 public:
  static constexpr uint64_t kMostBlock = uint64_t{1}
                                         << 23;  ///< of pieces: the most that the specification's 3 bytes say

  OrcBytes(const ReadAt& read, OrcPacking packing, uint64_t block_bytes, uint64_t offset, uint64_t bytes,
           OrcFault& fault)
      : read_(&read), packing_(packing), block_bytes_(block_bytes), at_(offset), left_(bytes), fault_(&fault) {}

  uint8_t Byte() {
    if (next_ < piece_.size()) return static_cast<uint8_t>(piece_[next_++]);
    return Refill() ? static_cast<uint8_t>(piece_[next_++]) : 0;
  }
  /// Appends the next `count` bytes.
  void Take(uint64_t count, std::string& to);
  /// Little-endian.
  uint64_t Fixed(int bytes);
  uint64_t Varint();
  Int128 SignedVarint128();
  /// All that is left of a short stream.
  std::string Rest(uint64_t most);

  bool failed() const { return fault_->failed(); }
  void Fail(const std::string& what);

 private:
  bool Refill();

  const ReadAt* read_;
  OrcPacking packing_;
  uint64_t block_bytes_;
  uint64_t at_, left_;  ///< of the file
  OrcFault* fault_;
  std::string piece_, packed_;
  size_t next_ = 0;
};

/// "Byte Run Length Encoding".
class OrcByteRuns {
 public:
  explicit OrcByteRuns(OrcBytes bytes) : bytes_(std::move(bytes)) {}
  uint8_t Next() {
    if (left_ == 0) Begin();
    --left_;
    return literal_ ? bytes_.Byte() : value_;
  }

 private:
  void Begin();
  OrcBytes bytes_;
  int left_ = 0;
  bool literal_ = false;
  uint8_t value_ = 0;
};

/// "Boolean Run Length Encoding".
class OrcBits {
 public:
  explicit OrcBits(OrcBytes bytes) : runs_(std::move(bytes)) {}
  bool Next() {
    if (left_ == 0) {
      byte_ = runs_.Next();
      left_ = 8;
    }
    return ((byte_ >> --left_) & 1) != 0;
  }

 private:
  OrcByteRuns runs_;
  uint8_t byte_ = 0;
  int left_ = 0;
};

/// "Integer Run Length Encoding", version 1 or 2.
class OrcInts {
 public:
  OrcInts(OrcBytes bytes, bool second_version, bool is_signed)
      : bytes_(std::move(bytes)), second_(second_version), signed_(is_signed) {}
  int64_t Next() {
    if (next_ == count_) Begin();
    return run_[next_++];
  }
  void Fail(const std::string& what) { bytes_.Fail(what); }

 private:
  static constexpr size_t kLongestRun = 512;
  void Begin();
  void BeginFirst();
  void BeginSecond();
  void ShortRepeat(uint8_t head);
  void Direct(uint8_t head);
  void Patched(uint8_t head);
  void Delta(uint8_t head);
  void Unpack(size_t first, size_t count, int width);
  int64_t Signed(uint64_t value) const;

  OrcBytes bytes_;
  const bool second_, signed_;
  std::array<int64_t, kLongestRun> run_{};
  size_t next_ = 0, count_ = 0;
};

}  // namespace leat::data
