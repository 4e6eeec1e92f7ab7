#include "data/orc_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace leat::data {
namespace {

constexpr uint64_t kTailBytes = 256;
constexpr uint64_t kMostFooter = uint64_t{1} << 28;
constexpr uint64_t kMostBlock = uint64_t{1} << 28;
constexpr uint64_t kUsualBlock = uint64_t{1} << 18;
constexpr uint64_t kRowsPerByte = uint64_t{1} << 20;  // as many as runs of runs can hold

Error NotSound(const std::string& what) {
  return MakeError("SRC-350", ErrorKind::kData, "{}", what)
      .WithHint("have it sent again, or leave such files out: on_bad_file: skip");
}

}  // namespace

Error OrcFile::FaultError(const OrcFault& fault, const std::string& where) {
  if (fault.error) return Error(*fault.error);
  return NotSound(fmt::format("{}, at byte {}: {}", where, fault.at, fault.what));
}

Result<std::unique_ptr<OrcFile>> OrcFile::Open(ReadAt read, uint64_t size) {
  std::unique_ptr<OrcFile> file(new OrcFile(std::move(read)));
  std::string tail(std::min(size, kTailBytes), '\0'), magic(3, '\0');
  LEAT_ASSIGN(const size_t head_bytes, file->read_(0, magic.data(), magic.size()));
  LEAT_ASSIGN(const size_t tail_bytes, file->read_(size - tail.size(), tail.data(), tail.size()));
  if (head_bytes < magic.size() || magic != "ORC") return NotSound("it does not begin with the word ORC");
  const uint64_t post_bytes = tail.empty() ? 0 : static_cast<uint8_t>(tail.back());
  if (tail_bytes < tail.size() || post_bytes + 1 > tail.size()) return NotSound("it has no postscript");
  const auto post = ParseOrcPostscript(std::string_view(tail).substr(tail.size() - 1 - post_bytes, post_bytes));
  if (!post || post->magic != "ORC") return NotSound("its postscript is damaged, or the file is cut off");
  if (post->packing > static_cast<uint64_t>(OrcPacking::kBrotli)) return NotSound("its packing has no name");
  file->packing_ = static_cast<OrcPacking>(post->packing);
  if (file->packing_ == OrcPacking::kLzo || file->packing_ == OrcPacking::kLz4 ||
      file->packing_ == OrcPacking::kBrotli) {
    const char* const name = file->packing_ == OrcPacking::kLzo   ? "lzo"
                             : file->packing_ == OrcPacking::kLz4 ? "lz4"
                                                                  : "brotli";
    return MakeError("SRC-351", ErrorKind::kUnsupported, "it is packed with {}", name)
        .WithHint("have it written with zlib, snappy, zstd, or not packed");
  }
  file->block_bytes_ = std::min(post->block_bytes == 0 ? kUsualBlock : post->block_bytes, kMostBlock);
  if (post->footer_bytes > size - 1 - post_bytes) return NotSound("its footer is longer than the file");
  const uint64_t footer_at = size - 1 - post_bytes - post->footer_bytes;
  LEAT_ASSIGN(const std::string bytes, file->ReadWhole(footer_at, post->footer_bytes, "its footer"));
  auto footer = ParseOrcFooter(bytes);
  if (!footer) return NotSound("its footer is damaged");
  if (footer->encrypted) {
    return MakeError("SRC-351", ErrorKind::kUnsupported, "columns of it are encrypted")
        .WithHint("have it written without encryption");
  }
  file->footer_ = *std::move(footer);
  LEAT_TRY(file->CheckStripes(footer_at));
  return file;
}

Status OrcFile::CheckStripes(uint64_t size) const {
  uint64_t rows = 0;
  for (size_t i = 0; i < footer_.stripes.size(); ++i) {
    const OrcStripe& one = footer_.stripes[i];
    uint64_t left = size;
    for (const uint64_t part : {one.offset, one.index_bytes, one.data_bytes, one.footer_bytes}) {
      if (part > left) return NotSound(fmt::format("stripe {} does not lie in the file", i + 1));
      left -= part;
    }
    if (one.rows / kRowsPerByte > one.data_bytes + 1)
      return NotSound(fmt::format("stripe {} of {} bytes claims {} rows", i + 1, one.data_bytes, one.rows));
    rows += one.rows;
  }
  if (rows == footer_.rows) return Ok();
  return NotSound(fmt::format("its stripes have {} rows, its footer says {}", rows, footer_.rows));
}

Result<std::string> OrcFile::ReadWhole(uint64_t offset, uint64_t bytes, const std::string& what) const {
  OrcFault fault;
  std::string all = OrcBytes(read_, packing_, block_bytes_, offset, bytes, fault).Rest(kMostFooter);
  if (fault.failed()) return FaultError(fault, what);
  return all;
}

Result<OrcStripeFooter> OrcFile::StripeFooter(size_t stripe) const {
  const OrcStripe& one = footer_.stripes[stripe];
  const std::string what = fmt::format("the footer of stripe {}", stripe + 1);
  LEAT_ASSIGN(const std::string bytes,
              ReadWhole(one.offset + one.index_bytes + one.data_bytes, one.footer_bytes, what));
  auto footer = ParseOrcStripeFooter(bytes);
  if (!footer) return NotSound(what + " is damaged");
  for (const OrcStreamPlace& place : footer->streams) {
    if (place.offset + place.bytes > one.index_bytes + one.data_bytes)
      return NotSound(what + " names a stream outside of it");
  }
  return *std::move(footer);
}

OrcBytes OrcFile::Stream(size_t stripe, const OrcStreamPlace& place, OrcFault& fault) const {
  return OrcBytes(read_, packing_, block_bytes_, footer_.stripes[stripe].offset + place.offset, place.bytes, fault);
}

}  // namespace leat::data
