#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/value.h"
#include "components/source/postgres/wire_type.h"

namespace leat::components::postgres {

/// Values of binary COPY: big-endian, as the server's send functions write them.
inline uint16_t ReadUInt16(const char* bytes) {
  uint16_t value;
  __builtin_memcpy(&value, bytes, sizeof value);
  return __builtin_bswap16(value);
}
inline uint32_t ReadUInt32(const char* bytes) {
  uint32_t value;
  __builtin_memcpy(&value, bytes, sizeof value);
  return __builtin_bswap32(value);
}
inline uint64_t ReadUInt64(const char* bytes) {
  uint64_t value;
  __builtin_memcpy(&value, bytes, sizeof value);
  return __builtin_bswap64(value);
}
inline int32_t ReadInt32(const char* bytes) { return static_cast<int32_t>(ReadUInt32(bytes)); }
inline int64_t ReadInt64(const char* bytes) { return static_cast<int64_t>(ReadUInt64(bytes)); }

/// An unscaled decimal, or false where digits would be lost, the precision is too small, or it is NaN or infinite.
bool ReadNumeric(std::string_view bytes, int precision, int scale, data::Int128& unscaled);

/// Days since 1970-01-01; false for infinity.
bool ReadDate(std::string_view bytes, int32_t& days);
/// Microseconds of the day; false for 24:00:00, which is no time of a day.
bool ReadTime(std::string_view bytes, int64_t& micros);
/// Microseconds since 1970-01-01; false for infinity and what is beyond 64 bits of them (years above 294247).
bool ReadTimestamp(std::string_view bytes, int64_t& micros);
/// 36 characters.
void UuidText(std::string_view bytes, char* text);

/// "2024-03-10 08:00:00.5", "0044-03-15 BC" for microseconds and days since 1970 in UTC.
std::string TimestampText(int64_t micros);
std::string DateText(int64_t days);

/// An array: its dimensions and what stands in it, one value after the other.
class ArrayReader {
 public:
  /// False for bytes that are no array.
  bool Open(std::string_view bytes);
  /// Sizes of the dimensions; none for an empty array.
  const std::vector<int32_t>& sizes() const { return sizes_; }
  /// All dimensions begin at 1, as lists do.
  bool begins_at_one() const { return begins_at_one_; }
  /// False at the end, or (`broken`) when bytes are missing. A NULL has no data.
  bool Next(std::string_view& value);
  bool broken() const { return broken_; }

 private:
  std::string_view rest_;
  std::vector<int32_t> sizes_;
  int64_t left_ = 0;
  bool begins_at_one_ = true;
  bool broken_ = false;
};
/// Nested JSON lists of the values.
std::string ArrayJson(Wire element, std::string_view bytes);

/// The value as the server would show it: for messages.
std::string CellText(Wire wire, std::string_view bytes);
/// The same as JSON: a number, true, false or a text. Exact numbers that JSON readers would round are texts.
std::string CellJson(Wire wire, std::string_view bytes);

}  // namespace leat::components::postgres
