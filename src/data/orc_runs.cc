#include "data/orc_runs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "io/block_codec.h"

namespace leat::data {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr size_t kPieceBytes = size_t{1} << 18;  // of what is not packed

int64_t FromZigzag(uint64_t value) { return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

/// "The bit width" of 5 bits.
int WidthOf(int code) {
  constexpr std::array<int, 8> kWide{26, 28, 30, 32, 40, 48, 56, 64};
  return code < 24 ? code + 1 : kWide[static_cast<size_t>(code - 24)];
}

/// The next width that can be written, of at least `bits`.
int FixedWidth(int bits) {
  int code = 0;
  while (WidthOf(code) < bits) ++code;
  return WidthOf(code);
}

io::BlockCodec CodecOf(OrcPacking packing) {
  switch (packing) {
    case OrcPacking::kZlib: return io::BlockCodec::kDeflate;
    case OrcPacking::kSnappy: return io::BlockCodec::kBareSnappy;
    case OrcPacking::kZstd: return io::BlockCodec::kZstandard;
    default: return io::BlockCodec::kNone;
  }
}

}  // namespace

void OrcBytes::Fail(const std::string& what) {
  if (fault_->failed()) return;
  fault_->what = what;
  fault_->at = at_;
}

bool OrcBytes::Refill() {
  piece_.clear();
  next_ = 0;
  const auto fetch = [&](uint64_t count, std::string& to) {
    to.resize(count);
    auto got = (*read_)(at_, to.data(), count);
    if (!got.ok() && !fault_->failed()) fault_->error = std::move(got).error();
    else if (got.ok() && *got < count) Fail("the file ends");
    at_ += count;
    left_ -= count;
    return !failed();
  };
  while (piece_.empty() && !failed()) {
    if (left_ == 0) Fail("the stream ends before its rows do");
    else if (packing_ == OrcPacking::kNone) fetch(std::min<uint64_t>(left_, kPieceBytes), piece_);
    else if (left_ < 3) Fail("the stream is cut off");
    else if (fetch(3, packed_)) {
      const uint64_t head = static_cast<uint8_t>(packed_[0]) |
                            static_cast<uint64_t>(static_cast<uint8_t>(packed_[1])) << 8 |
                            static_cast<uint64_t>(static_cast<uint8_t>(packed_[2])) << 16;
      const uint64_t length = head >> 1;
      const bool plain = (head & 1) != 0;
      if (length > left_) {
        Fail("a piece of " + std::to_string(length) + " bytes stands where " + std::to_string(left_) + " are left");
      } else if (length == 0) {
        continue;
      } else if (fetch(length, plain ? piece_ : packed_) && !plain) {
        auto unpacked = io::UnpackBlock(CodecOf(packing_), packed_, block_bytes_);
        if (unpacked.ok()) piece_ = std::move(unpacked).value();
        else Fail(unpacked.error().message());
      }
    }
  }
  if (!failed()) return true;
  piece_.clear();
  return false;
}

void OrcBytes::Take(uint64_t count, std::string& to) {
  while (count > 0) {
    if (next_ == piece_.size() && !Refill()) return;
    const size_t now = std::min<uint64_t>(count, piece_.size() - next_);
    to.append(piece_, next_, now);
    next_ += now;
    count -= now;
  }
}

uint64_t OrcBytes::Fixed(int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(Byte()) << (8 * i);
  return value;
}

uint64_t OrcBytes::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const uint8_t byte = Byte();
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  Fail("a number has more than 10 bytes");
  return 0;
}

Int128 OrcBytes::SignedVarint128() {
  Wide value = 0;
  for (int shift = 0; shift < 133; shift += 7) {
    const uint8_t byte = Byte();
    if (shift == 126 && (byte & 0x7C) != 0) break;
    value |= static_cast<Wide>(byte & 0x7F) << shift;
    if ((byte & 0x80) != 0) continue;
    value = (value >> 1) ^ (~(value & 1) + 1);
    return {static_cast<int64_t>(static_cast<uint64_t>(value >> 64)), static_cast<uint64_t>(value)};
  }
  Fail("a decimal has more than 128 bits");
  return {};
}

std::string OrcBytes::Rest(uint64_t most) {
  std::string all;
  while (!failed() && (next_ < piece_.size() || left_ > 0)) {
    if (next_ == piece_.size() && !Refill()) break;
    all.append(piece_, next_);
    next_ = piece_.size();
    if (all.size() > most) Fail("more than " + std::to_string(most) + " bytes come out");
  }
  return all;
}

void OrcByteRuns::Begin() {
  const int head = SignedByte(bytes_.Byte());
  literal_ = head < 0;
  left_ = literal_ ? -head : head + 3;
  if (!literal_) value_ = bytes_.Byte();
}

int64_t OrcInts::Signed(uint64_t value) const { return signed_ ? FromZigzag(value) : static_cast<int64_t>(value); }

void OrcInts::Begin() {
  next_ = 0;
  if (second_) BeginSecond();
  else BeginFirst();
  if (!bytes_.failed()) return;
  run_[0] = 0;
  count_ = 1;
}

void OrcInts::BeginFirst() {
  const int head = SignedByte(bytes_.Byte());
  if (head < 0) {
    count_ = static_cast<size_t>(-head);
    for (size_t i = 0; i < count_; ++i) run_[i] = Signed(bytes_.Varint());
    return;
  }
  count_ = static_cast<size_t>(head) + 3;
  const int step = SignedByte(bytes_.Byte());
  auto value = static_cast<uint64_t>(Signed(bytes_.Varint()));
  for (size_t i = 0; i < count_; ++i) {
    run_[i] = static_cast<int64_t>(value);
    value += static_cast<uint64_t>(int64_t{step});
  }
}

void OrcInts::BeginSecond() {
  const uint8_t head = bytes_.Byte();
  switch (head >> 6) {
    case 0: return ShortRepeat(head);
    case 1: return Direct(head);
    case 2: return Patched(head);
    default: return Delta(head);
  }
}

void OrcInts::ShortRepeat(uint8_t head) {
  uint64_t value = 0;
  for (int i = ((head >> 3) & 7) + 1; i > 0; --i) value = (value << 8) | bytes_.Byte();
  count_ = static_cast<size_t>(head & 7) + 3;
  std::fill_n(run_.begin(), count_, Signed(value));
}

/// `count` numbers of `width` bits, the high bit first, as they stand.
void OrcInts::Unpack(size_t first, size_t count, int width) {
  Wide bits = 0;
  int have = 0;
  for (size_t i = 0; i < count; ++i) {
    while (have < width) {
      bits = (bits << 8) | bytes_.Byte();
      have += 8;
    }
    have -= width;
    const auto value = static_cast<uint64_t>(bits >> have);
    run_[first + i] = static_cast<int64_t>(width == 64 ? value : value & ((uint64_t{1} << width) - 1));
  }
}

void OrcInts::Direct(uint8_t head) {
  count_ = (static_cast<size_t>(head & 1) << 8 | bytes_.Byte()) + 1;
  Unpack(0, count_, WidthOf((head >> 1) & 31));
  for (size_t i = 0; i < count_; ++i) run_[i] = Signed(static_cast<uint64_t>(run_[i]));
}

void OrcInts::Patched(uint8_t head) {
  const int width = WidthOf((head >> 1) & 31);
  count_ = (static_cast<size_t>(head & 1) << 8 | bytes_.Byte()) + 1;
  const uint8_t third = bytes_.Byte(), fourth = bytes_.Byte();
  const int base_bytes = (third >> 5) + 1, patch_width = WidthOf(third & 31), gap_width = (fourth >> 5) + 1;
  const size_t patches = fourth & 31;
  if (gap_width + patch_width > 64 || width + patch_width > 64) return bytes_.Fail("a patch of more than 64 bits");
  uint64_t base = 0;
  for (int i = 0; i < base_bytes; ++i) base = (base << 8) | bytes_.Byte();
  const uint64_t sign = uint64_t{1} << (8 * base_bytes - 1);
  if ((base & sign) != 0) base = ~(base & ~sign) + 1;
  Unpack(0, count_, width);
  std::array<int64_t, kLongestRun> values = run_;
  Unpack(0, patches, FixedWidth(gap_width + patch_width));
  size_t at = 0;
  for (size_t i = 0; i < patches; ++i) {
    const auto entry = static_cast<uint64_t>(run_[i]);
    const uint64_t patch = patch_width == 64 ? entry : entry & ((uint64_t{1} << patch_width) - 1);
    at += static_cast<size_t>(entry >> patch_width) & 255;
    if (at >= count_) return bytes_.Fail("a patch behind its run");
    if (width < 64) values[at] = static_cast<int64_t>(static_cast<uint64_t>(values[at]) | patch << width);
  }
  for (size_t i = 0; i < count_; ++i) run_[i] = static_cast<int64_t>(base + static_cast<uint64_t>(values[i]));
}

void OrcInts::Delta(uint8_t head) {
  const int code = (head >> 1) & 31;
  count_ = (static_cast<size_t>(head & 1) << 8 | bytes_.Byte()) + 1;
  auto value = static_cast<uint64_t>(Signed(bytes_.Varint()));
  const int64_t step = FromZigzag(bytes_.Varint());
  if (count_ > 2 && code != 0) Unpack(2, count_ - 2, WidthOf(code));
  run_[0] = static_cast<int64_t>(value);
  for (size_t i = 1; i < count_; ++i) {
    const bool packed = i > 1 && code != 0;
    const uint64_t by = packed ? static_cast<uint64_t>(run_[i]) : static_cast<uint64_t>(step);
    value += packed && step < 0 ? ~by + 1 : by;
    run_[i] = static_cast<int64_t>(value);
  }
}

}  // namespace leat::data
