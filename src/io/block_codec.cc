#include "io/block_codec.h"

#include <bzlib.h>
#include <lzma.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace leat::io {
namespace {

constexpr uint64_t kMostXzMemory = uint64_t{1} << 28;
constexpr size_t kChecksumBytes = 4;

struct Named {
  BlockCodec codec;
  std::string_view name;
};
constexpr std::array<Named, 6> kCodecs{{{BlockCodec::kNone, "null"},
                                        {BlockCodec::kDeflate, "deflate"},
                                        {BlockCodec::kSnappy, "snappy"},
                                        {BlockCodec::kZstandard, "zstandard"},
                                        {BlockCodec::kBzip2, "bzip2"},
                                        {BlockCodec::kXz, "xz"}}};

Error Broken(BlockCodec codec, std::string_view what) {
  std::string_view name = "snappy";
  for (const Named& one : kCodecs) {
    if (one.codec == codec) name = one.name;
  }
  return MakeError("IO-405", ErrorKind::kData, "it does not unpack as {}: {}", name, what)
      .WithHint("the file is damaged: have it sent again");
}

/// What comes out of a decompressor: grows by doubling as bytes come, up to `most`.
class Output {
 public:
  Output(size_t packed, size_t most) : most_(most) {
    bytes_.resize(std::min(most, std::max<size_t>(4096, std::min<size_t>(packed, size_t{1} << 26) * 4)));
  }
  /// False: `most` is reached.
  bool Grow() {
    if (filled_ < bytes_.size()) return true;
    if (bytes_.size() >= most_) return false;
    bytes_.resize(std::min(most_, bytes_.size() * 2));
    return true;
  }
  char* at() { return bytes_.data() + filled_; }
  size_t room() const { return bytes_.size() - filled_; }
  void Add(size_t count) { filled_ += count; }
  std::string Take() && {
    bytes_.resize(filled_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  size_t filled_ = 0;
  size_t most_;
};

constexpr std::string_view kTooLong = "more comes out than one block may have";
constexpr std::string_view kNotSound = "its bytes are not sound";
constexpr std::string_view kCutOff = "it is cut off";
constexpr std::string_view kBehind = "more stands behind its end";

/// The steps of a decompressor: takes `room` bytes at most, says how many came.
enum class Outcome { kMore, kEnd, kBroken, kNoMemory };

template <typename Step>
Result<std::string> Drain(BlockCodec codec, size_t packed, size_t most, const Step& step) {
  Output out(packed, most);
  while (true) {
    if (!out.Grow()) return Broken(codec, kTooLong);
    size_t came = 0;
    const Outcome outcome = step(out.at(), out.room(), came);
    const bool full = came == out.room();
    out.Add(came);
    if (outcome == Outcome::kEnd) return std::move(out).Take();
    if (outcome == Outcome::kNoMemory) return Broken(codec, "it needs more memory than a block may");
    if (outcome == Outcome::kBroken) return Broken(codec, kNotSound);
    if (!full && came == 0) return Broken(codec, kCutOff);
  }
}

Result<std::string> Inflate(std::string_view packed, size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Broken(BlockCodec::kDeflate, "the decompressor did not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  // What stands behind its end is nobody's: fastavro leaves a part of zlib's checksum there.
  return Drain(BlockCodec::kDeflate, packed.size(), most, [&](char* to, size_t room, size_t& came) {
    stream.next_out = reinterpret_cast<Bytef*>(to);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    came = room - stream.avail_out;
    return code == Z_STREAM_END                  ? Outcome::kEnd
           : code == Z_OK || code == Z_BUF_ERROR ? Outcome::kMore
                                                 : Outcome::kBroken;
  });
}

Result<std::string> UnpackZstandard(std::string_view packed, size_t most) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  size_t left = 1;
  // A block may be made of several frames.
  return Drain(BlockCodec::kZstandard, packed.size(), most, [&](char* to, size_t room, size_t& came) {
    if (in.pos == in.size && left == 0) return Outcome::kEnd;
    ZSTD_outBuffer buffer{to, room, 0};
    left = ZSTD_decompressStream(context.get(), &buffer, &in);
    came = buffer.pos;
    if (ZSTD_isError(left) != 0) return Outcome::kBroken;
    return in.pos == in.size && left == 0 ? Outcome::kEnd : Outcome::kMore;
  });
}

Result<std::string> UnpackBzip2(std::string_view packed, size_t most) {
  bz_stream stream{};
  if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return Broken(BlockCodec::kBzip2, "the decompressor did not start");
  const std::unique_ptr<bz_stream, int (*)(bz_stream*)> end(&stream, &BZ2_bzDecompressEnd);
  stream.next_in = const_cast<char*>(packed.data());
  stream.avail_in = static_cast<unsigned>(packed.size());
  auto out = Drain(BlockCodec::kBzip2, packed.size(), most, [&](char* to, size_t room, size_t& came) {
    stream.next_out = to;
    stream.avail_out = static_cast<unsigned>(room);
    const unsigned before = stream.avail_in;
    const int code = BZ2_bzDecompress(&stream);
    came = room - stream.avail_out;
    if (code == BZ_STREAM_END) return Outcome::kEnd;
    if (code != BZ_OK) return Outcome::kBroken;
    return came == 0 && before == stream.avail_in ? Outcome::kBroken : Outcome::kMore;
  });
  if (out.ok() && stream.avail_in > 0) return Broken(BlockCodec::kBzip2, kBehind);
  return out;
}

Result<std::string> UnpackXz(std::string_view packed, size_t most) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, kMostXzMemory, 0) != LZMA_OK)
    return Broken(BlockCodec::kXz, "the decompressor did not start");
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream, &lzma_end);
  stream.next_in = reinterpret_cast<const uint8_t*>(packed.data());
  stream.avail_in = packed.size();
  auto out = Drain(BlockCodec::kXz, packed.size(), most, [&](char* to, size_t room, size_t& came) {
    stream.next_out = reinterpret_cast<uint8_t*>(to);
    stream.avail_out = room;
    const lzma_ret code = lzma_code(&stream, LZMA_FINISH);
    came = room - stream.avail_out;
    if (code == LZMA_STREAM_END) return Outcome::kEnd;
    if (code == LZMA_MEMLIMIT_ERROR || code == LZMA_MEM_ERROR) return Outcome::kNoMemory;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? Outcome::kMore : Outcome::kBroken;
  });
  if (out.ok() && stream.avail_in > 0) return Broken(BlockCodec::kXz, kBehind);
  return out;
}

uint32_t Crc32(std::string_view bytes) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

Result<std::string> UnpackBareSnappy(std::string_view body, size_t most) {
  size_t length = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &length)) return Broken(BlockCodec::kSnappy, kNotSound);
  if (length > most) return Broken(BlockCodec::kSnappy, kTooLong);
  // The length is only a word of the block: its bytes are looked at before so much memory is taken.
  if (!snappy::IsValidCompressedBuffer(body.data(), body.size())) return Broken(BlockCodec::kSnappy, kNotSound);
  std::string out(length, '\0');
  if (!snappy::RawUncompress(body.data(), body.size(), out.data())) return Broken(BlockCodec::kSnappy, kNotSound);
  return out;
}

Result<std::string> UnpackSnappy(std::string_view packed, size_t most) {
  if (packed.size() < kChecksumBytes) return Broken(BlockCodec::kSnappy, kCutOff);
  const std::string_view body = packed.substr(0, packed.size() - kChecksumBytes);
  LEAT_ASSIGN(std::string out, UnpackBareSnappy(body, most));
  uint32_t told = 0;
  for (const char byte : packed.substr(body.size())) told = (told << 8) | static_cast<uint8_t>(byte);
  if (told != Crc32(out)) return Broken(BlockCodec::kSnappy, "its checksum is another one");
  return out;
}

}  // namespace

std::optional<BlockCodec> FindBlockCodec(std::string_view name) {
  for (const Named& one : kCodecs) {
    if (one.name == name) return one.codec;
  }
  return std::nullopt;
}

std::string BlockCodecNames() {
  std::string names;
  for (const Named& one : kCodecs) names.append(names.empty() ? "" : ", ").append(one.name);
  return names;
}

Result<std::string> UnpackBlock(BlockCodec codec, std::string_view packed, size_t most_bytes) {
  constexpr size_t kMostPacked = std::numeric_limits<uInt>::max();  // zlib and bzip2 count in 32 bits
  if (packed.size() > kMostPacked || most_bytes > kMostPacked) return Broken(codec, "the block is too long");
  switch (codec) {
    case BlockCodec::kDeflate: return Inflate(packed, most_bytes);
    case BlockCodec::kSnappy: return UnpackSnappy(packed, most_bytes);
    case BlockCodec::kBareSnappy: return UnpackBareSnappy(packed, most_bytes);
    case BlockCodec::kZstandard: return UnpackZstandard(packed, most_bytes);
    case BlockCodec::kBzip2: return UnpackBzip2(packed, most_bytes);
    case BlockCodec::kXz: return UnpackXz(packed, most_bytes);
    case BlockCodec::kNone: break;
  }
  if (packed.size() > most_bytes) return Broken(codec, kTooLong);
  return std::string(packed);
}

std::string DeflateBlock(std::string_view bytes) {
  constexpr int kFast = 3;
  constexpr int kMemory = 8;
  z_stream stream{};
  deflateInit2(&stream, kFast, Z_DEFLATED, -MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace leat::io
