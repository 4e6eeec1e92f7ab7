#include "lake/deletion_vector.h"

#include <zlib.h>

#include <nlohmann/json.hpp>
#include <roaring/roaring64map.hh>

namespace leat::lake {
namespace {

constexpr std::string_view kPuffinMagic("PFA1", 4);
constexpr std::string_view kVectorMagic("\xd1\xd3\x39\x64", 4);
constexpr int kRowPositionId = 2147483645;  // field id of "pos" (specification, "Reserved Field IDs")

std::string BigEndian32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<uint8_t>(value >> shift));
  return bytes;
}

uint32_t FromBigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string LittleEndian32(uint32_t value) {
  std::string bytes = BigEndian32(value);
  return {bytes.rbegin(), bytes.rend()};
}

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// Length (of magic and vector), magic, vector, checksum of magic and vector.
std::string EncodeVector(Roaring64Map& positions) {
  positions.runOptimize();
  std::string vector(positions.getSizeInBytes(true), '\0');  // of its own: the library stores aligned 64-bit words
  positions.write(vector.data(), true);
  const std::string body = std::string(kVectorMagic) + vector;
  return BigEndian32(static_cast<uint32_t>(body.size())) + body + BigEndian32(Checksum(body));
}

Error Broken(const std::string& path, std::string_view why) {
  return MakeError("LAKE-132", ErrorKind::kData, "the deletion vector in '{}' is broken: {}", path, why)
      .WithHint("restore the file, or roll the table back to an earlier snapshot");
}

std::string Footer(const nlohmann::json& blobs) {
  const std::string payload = nlohmann::json{{"blobs", blobs}, {"properties", {{"created-by", "leat"}}}}.dump();
  std::string footer(kPuffinMagic);
  footer += payload;
  footer += LittleEndian32(static_cast<uint32_t>(payload.size()));
  footer += std::string(4, '\0');  // flags: the payload is not compressed
  footer += kPuffinMagic;
  return footer;
}

}  // namespace

bool IsDeletionVector(const DataFile& file) {
  return file.content == FileContent::kPositionDeletes && (file.format == "PUFFIN" || file.content_offset.has_value());
}

Result<std::vector<DataFile>> WriteDeletionVectors(io::FileSystem& files, const std::string& uri,
                                                   const std::vector<DeletedPositions>& deleted) {
  std::string puffin(kPuffinMagic);
  nlohmann::json blobs = nlohmann::json::array();
  std::vector<DataFile> vectors;
  for (const DeletedPositions& one : deleted) {
    Roaring64Map positions;
    for (const int64_t position : one.positions) positions.add(static_cast<uint64_t>(position));
    const std::string blob = EncodeVector(positions);
    const auto rows = static_cast<int64_t>(positions.cardinality());
    blobs.push_back({{"type", "deletion-vector-v1"},
                     {"fields", {kRowPositionId}},
                     {"snapshot-id", -1},  // inherited, as the specification says for vectors
                     {"sequence-number", -1},
                     {"offset", puffin.size()},
                     {"length", blob.size()},
                     {"properties", {{"referenced-data-file", one.data_file}, {"cardinality", std::to_string(rows)}}}});
    DataFile vector;
    vector.content = FileContent::kPositionDeletes;
    vector.path = uri;
    vector.format = "PUFFIN";
    vector.spec_id = one.spec_id;
    vector.partition = one.partition;
    vector.record_count = rows;
    vector.referenced_data_file = one.data_file;
    vector.content_offset = static_cast<int64_t>(puffin.size());
    vector.content_size_bytes = static_cast<int64_t>(blob.size());
    vectors.push_back(std::move(vector));
    puffin += blob;
  }
  puffin += Footer(blobs);
  LEAT_TRY(files.WriteNew(uri, puffin));
  for (DataFile& vector : vectors) vector.size_bytes = static_cast<int64_t>(puffin.size());
  return vectors;
}

Result<std::vector<int64_t>> ReadDeletionVector(io::FileSystem& files, const DataFile& vector) {
  if (!vector.content_offset || !vector.content_size_bytes)
    return Broken(vector.path, "its place in the file is not known");
  LEAT_ASSIGN(const std::string blob, files.ReadRange(vector.path, *vector.content_offset, *vector.content_size_bytes));
  if (blob.size() != static_cast<size_t>(*vector.content_size_bytes) || blob.size() < 12) {
    return Broken(vector.path, "the file is too short");
  }
  if (FromBigEndian32(blob) != blob.size() - 8) return Broken(vector.path, "its length does not fit");
  const std::string_view body = std::string_view(blob).substr(4, blob.size() - 8);
  if (!body.starts_with(kVectorMagic)) return Broken(vector.path, "it does not begin with its mark");
  if (FromBigEndian32(std::string_view(blob).substr(blob.size() - 4)) != Checksum(body)) {
    return Broken(vector.path, "its checksum does not fit");
  }
  const std::string stored(body.substr(kVectorMagic.size()));  // a copy: the library loads aligned 64-bit words
  try {
    const Roaring64Map positions = Roaring64Map::readSafe(stored.data(), stored.size());
    std::vector<uint64_t> raw(positions.cardinality());
    positions.toUint64Array(raw.data());
    return std::vector<int64_t>(raw.begin(), raw.end());
  } catch (const std::exception& exception) {
    return Broken(vector.path, exception.what());
  }
}

}  // namespace leat::lake
