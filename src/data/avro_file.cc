#include "data/avro_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ids.h"

namespace leat::data {
namespace {

constexpr std::string_view kMagic("Obj\1", 4);
constexpr size_t kSyncBytes = 16;
constexpr size_t kMostLongBytes = 10;
constexpr size_t kFirstHeaderBytes = size_t{1} << 16;
constexpr size_t kMostHeaderBytes = size_t{1} << 26;
// A block of a sane writer is a few megabytes; more is a decompression bomb, or a length that is none.
constexpr int64_t kMostBlockBytes = int64_t{1} << 30;
// Rows of no bytes, of which a block can announce any number.
constexpr int64_t kMostEmptyRows = 1 << 20;

Error Broken(std::string_view what) {
  return MakeError("DATA-106", ErrorKind::kData, "{}", what).WithHint("the file is damaged: have it sent again");
}

Error BrokenBlock(const AvroBlock& block, std::string_view what) {
  return Broken(fmt::format("block {} at byte {}: {}", block.number, block.offset, what));
}

}  // namespace

Result<std::unique_ptr<AvroFileReader>> AvroFileReader::Open(ReadBytes read, int64_t file_bytes) {
  std::unique_ptr<AvroFileReader> reader(new AvroFileReader(std::move(read), file_bytes));
  LEAT_TRY(reader->ReadHeader());
  return reader;
}

Status AvroFileReader::Fill(size_t bytes) {
  while (buffer_.size() < bytes) {
    const size_t before = buffer_.size();
    buffer_.resize(bytes);
    Result<size_t> came = read_(buffer_.data() + before, bytes - before);
    buffer_.resize(before + (came.ok() ? *came : 0));
    if (!came.ok()) return std::move(came).error();
    if (*came == 0) break;
  }
  return Ok();
}

Status AvroFileReader::ReadHeader() {
  // How long it is shows only when it was read: again with more bytes until it is whole.
  for (size_t bytes = kFirstHeaderBytes;; bytes *= 2) {
    LEAT_TRY(Fill(bytes));
    AvroDecoder in(buffer_);
    if (in.Raw(kMagic.size()) != kMagic) return Broken("it does not begin with Avro's mark");
    metadata_.clear();
    EachAvroItem(in, 2, [&] {
      const std::string key(in.Bytes());
      metadata_[key] = in.Bytes();
    });
    sync_ = in.Raw(kSyncBytes);
    if (!in.failed()) {
      position_ = static_cast<int64_t>(in.position());
      buffer_.erase(0, in.position());
      break;
    }
    if (buffer_.size() < bytes) return Broken("its header is cut off, or not one");
    if (bytes >= kMostHeaderBytes) return Broken("its header is longer than 64 MB");
  }
  LEAT_ASSIGN(schema_, ParseAvroSchema(metadata_["avro.schema"]));
  const auto named = metadata_.find("avro.codec");
  const std::string codec = named == metadata_.end() || named->second.empty() ? "null" : named->second;
  const auto found = io::FindBlockCodec(codec);
  if (!found) {
    return MakeError("DATA-107", ErrorKind::kUnsupported, "the Avro codec '{}' is not supported", codec)
        .WithHint("have its writer use one of " + io::BlockCodecNames());
  }
  codec_ = *found;
  return Ok();
}

Result<bool> AvroFileReader::Next(AvroBlock& block) {
  LEAT_TRY(Fill(2 * kMostLongBytes));
  if (buffer_.empty()) return false;
  block.number = ++blocks_;
  block.offset = position_;
  block.first_row = rows_ + 1;
  AvroDecoder head(buffer_);
  block.rows = head.Long();
  const int64_t size = head.Long();
  if (head.failed()) return BrokenBlock(block, head.what());
  if (block.rows < 0) return BrokenBlock(block, fmt::format("it says to have {} rows", block.rows));
  const int64_t left = file_bytes_ - position_ - static_cast<int64_t>(head.position() + kSyncBytes);
  if (size < 0 || size > left) {
    return BrokenBlock(
        block, fmt::format("it says to have {} bytes, {} are left of the file", size, std::max<int64_t>(left, 0)));
  }
  if (size > kMostBlockBytes) return BrokenBlock(block, fmt::format("it has {} bytes, more than a block may", size));
  const auto bytes = static_cast<size_t>(size);
  const size_t whole = head.position() + bytes + kSyncBytes;
  LEAT_TRY(Fill(whole));
  if (buffer_.size() < whole) return BrokenBlock(block, "it is cut off");
  block.packed.assign(buffer_, head.position(), bytes);
  if (buffer_.compare(whole - kSyncBytes, kSyncBytes, sync_) != 0) {
    return BrokenBlock(block, fmt::format("the mark at its end, at byte {}, is not the one of the file",
                                          position_ + static_cast<int64_t>(whole - kSyncBytes)));
  }
  buffer_.erase(0, whole);
  position_ += static_cast<int64_t>(whole);
  rows_ += block.rows;
  return true;
}

Result<std::string> AvroFileReader::Unpack(AvroBlock& block) const {
  std::string bytes;
  if (codec_ == io::BlockCodec::kNone) {
    bytes = std::move(block.packed);
  } else {
    auto unpacked = io::UnpackBlock(codec_, block.packed, kMostBlockBytes);
    if (!unpacked.ok()) return BrokenBlock(block, unpacked.error().message());
    bytes = std::move(unpacked).value();
  }
  const auto least = static_cast<int64_t>(schema_->least_bytes());
  if (block.rows > (least == 0 ? std::max<int64_t>(kMostEmptyRows, static_cast<int64_t>(bytes.size()))
                               : static_cast<int64_t>(bytes.size()) / least))
    return BrokenBlock(block, fmt::format("it says to have {} rows, in {} bytes", block.rows, bytes.size()));
  return bytes;
}

Error AvroFileReader::RowError(const AvroBlock& block, int64_t row, const AvroDecoder& at) {
  const std::string place = fmt::format("byte {} of what it unpacks to", at.position());
  if (row >= block.rows)
    return BrokenBlock(block, fmt::format("it has {} rows, and more bytes behind them ({})", block.rows, place));
  return BrokenBlock(block, fmt::format("row {} cannot be decoded: {} ({})", block.first_row + row,
                                        at.failed() ? at.what() : "no value", place));
}

std::string WriteAvroFile(std::string_view schema_json, const std::map<std::string, std::string>& metadata,
                          int64_t rows, std::string_view data) {
  std::map<std::string, std::string> all = metadata;
  all["avro.schema"] = schema_json;
  all["avro.codec"] = "deflate";
  AvroEncoder out;
  out.Raw(kMagic);
  out.Long(static_cast<int64_t>(all.size()));
  for (const auto& [key, value] : all) {
    out.Bytes(key);
    out.Bytes(value);
  }
  out.Long(0);
  // Any 16 bytes serve as the marker between blocks; a random UUID's text is as good.
  const std::string sync = NewUuidV4().substr(0, kSyncBytes);
  out.Raw(sync);
  if (rows > 0) {
    out.Long(rows);
    out.Bytes(io::DeflateBlock(data));
    out.Raw(sync);
  }
  return out.bytes();
}

Result<AvroFile> ReadAvroFile(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto read = [&rest](char* to, size_t most) -> Result<size_t> {
    const size_t count = std::min(most, rest.size());
    std::memcpy(to, rest.data(), count);
    rest.remove_prefix(count);
    return count;
  };
  LEAT_ASSIGN(const auto reader, AvroFileReader::Open(read, static_cast<int64_t>(bytes.size())));
  AvroFile file;
  file.metadata = reader->metadata();
  file.schema = reader->schema();
  AvroBlock block;
  while (true) {
    LEAT_ASSIGN(const bool more, reader->Next(block));
    if (!more) return file;
    LEAT_ASSIGN(const std::string unpacked, reader->Unpack(block));
    AvroDecoder in(unpacked);
    for (int64_t row = 0; row < block.rows; ++row) {
      DecodeAvro(in, *file.schema, file.rows.emplace_back());
      if (in.failed()) return AvroFileReader::RowError(block, row, in);
    }
    if (!in.at_end()) return AvroFileReader::RowError(block, block.rows, in);
  }
}

}  // namespace leat::data
