#include "components/source/delta/deleted_rows.h"

#include <zlib.h>

namespace leat::components::delta {
namespace {

constexpr size_t kUuidText = 20;  ///< characters of a UUID in Z85
constexpr int64_t kFrame = 8;     ///< length before the bitmap, checksum behind it

std::string BigEndian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<uint8_t>(value >> shift));
  return bytes;
}

std::string UuidText(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<uint8_t>(bytes[i]));
  }
  return text;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::optional<std::string> DecodeZ85(std::string_view text) {
  static constexpr std::string_view kDigits =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (text.size() % 5 != 0) return std::nullopt;
  std::string bytes;
  for (size_t at = 0; at < text.size(); at += 5) {
    uint64_t value = 0;
    for (size_t i = 0; i < 5; ++i) {
      const size_t digit = kDigits.find(text[at + i]);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 85 + digit;
    }
    if (value > 0xffffffffU) return std::nullopt;
    bytes += BigEndian(static_cast<uint32_t>(value));
  }
  return bytes;
}

std::string PlaceOf(const std::string& path, const std::string& table) {
  std::string plain;
  for (size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? HexDigit(path[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexDigit(path[i + 2]);
    plain += low < 0 ? path[i] : static_cast<char>(high * 16 + low);
    if (low >= 0) i += 2;
  }
  const bool whole = plain.starts_with('/') || plain.starts_with("file:") || plain.find("://") != std::string::npos;
  return whole ? plain : io::JoinUri(table, plain);
}

Result<lake::DataFile> DeletedRows(const DeletionVector& vector, const std::string& table, component::TableFiles& files,
                                   const std::string& what) {
  const auto wrong = [&](const std::string& why) {
    return MakeError("SRC-426", ErrorKind::kData, "{}: a deletion vector cannot be found: {}", what, why)
        .WithHint("the table's log is damaged: restore it, or read an earlier state with `version:`");
  };
  lake::DataFile rows;
  rows.content = lake::FileContent::kPositionDeletes;
  rows.format = "PUFFIN";
  rows.record_count = vector.rows;
  rows.content_offset = vector.offset;
  rows.content_size_bytes = vector.size_bytes + kFrame;
  if (vector.storage == "p") {
    rows.path = PlaceOf(vector.place, table);
  } else if (vector.storage == "u") {
    if (vector.place.size() < kUuidText) return wrong("'" + vector.place + "' is too short for a UUID");
    const size_t folder = vector.place.size() - kUuidText;
    const std::optional<std::string> uuid = DecodeZ85(std::string_view(vector.place).substr(folder));
    if (!uuid) return wrong("'" + vector.place + "' holds no UUID");
    const std::string name = "deletion_vector_" + UuidText(*uuid) + ".bin";
    rows.path = io::JoinUri(folder == 0 ? table : io::JoinUri(table, vector.place.substr(0, folder)), name);
  } else if (vector.storage == "i") {
    std::optional<std::string> bitmap = DecodeZ85(vector.place);
    if (!bitmap || static_cast<int64_t>(bitmap->size()) < vector.size_bytes || vector.size_bytes < 0)
      return wrong("what stands in the log is no bitmap");
    bitmap->resize(static_cast<size_t>(vector.size_bytes));  // it was filled up to whole groups
    const auto checksum = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bitmap->data()), static_cast<uInt>(bitmap->size())));
    rows.path = "log:" + vector.place;
    rows.content_offset = 0;
    files.Put(rows.path, BigEndian(static_cast<uint32_t>(bitmap->size())) + *bitmap + BigEndian(checksum));
  } else {
    return wrong("its kind of storage is '" + vector.storage + "'");
  }
  return rows;
}

}  // namespace leat::components::delta
