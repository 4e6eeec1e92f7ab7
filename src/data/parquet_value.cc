#include "data/parquet_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <vector>

namespace leat::data {
namespace {

constexpr size_t kInt96Bytes = 12;
constexpr int64_t kJulianDayOf1970 = 2'440'588;
constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kNanosPerDay = 1000 * kMicrosPerDay;
constexpr size_t kMostDecimalBytes = 64;
constexpr int kMostScale = 200;

struct Int96 {
  int64_t nanos = 0;  ///< of the day
  int64_t day = 0;    ///< since 1970
};

bool Split(std::string_view bytes, Int96& parts) {
  if (bytes.size() != kInt96Bytes) return false;
  uint64_t nanos = 0;
  uint32_t day = 0;
  for (size_t i = 0; i < 8; ++i) nanos |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  for (size_t i = 0; i < 4; ++i) day |= uint32_t{static_cast<unsigned char>(bytes[8 + i])} << (8 * i);
  parts.nanos = static_cast<int64_t>(nanos);
  parts.day = int64_t{static_cast<int32_t>(day)} - kJulianDayOf1970;
  return true;
}

}  // namespace

bool ParseInt96(std::string_view bytes, int64_t& micros) {
  Int96 parts;
  if (!Split(bytes, parts) || parts.nanos % 1000 != 0) return false;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (__builtin_mul_overflow(parts.day, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, parts.nanos / 1000, &micros))
    return false;
  return micros != kMost && micros > -kMost;  // these stand for the infinities
}

std::string Int96Text(std::string_view bytes) {
  Int96 parts;
  if (!Split(bytes, parts)) return fmt::format("{} bytes", bytes.size());
  constexpr int64_t kFarDays = 3'000'000;
  if (parts.nanos < 0 || parts.nanos >= kNanosPerDay || parts.day > kFarDays || parts.day < -kFarDays)
    return fmt::format("Julian day {}, nanosecond {}", parts.day + kJulianDayOf1970, parts.nanos);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{parts.day}}};
  const int64_t second = parts.nanos / 1'000'000'000;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60, parts.nanos % 1'000'000'000);
}

bool LongDecimalText(std::string_view bytes, int scale, std::string& text) {
  if (bytes.size() > kMostDecimalBytes || scale < 0 || scale > kMostScale) return false;
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0;
  std::vector<unsigned> magnitude(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const unsigned byte = static_cast<unsigned char>(bytes[i]);
    magnitude[i] = negative ? 255 - byte : byte;
  }
  for (size_t i = magnitude.size(); negative && i-- > 0;) {
    if (++magnitude[i] <= 255) break;
    magnitude[i] = 0;
  }
  std::string digits;  // the last one first
  while (std::any_of(magnitude.begin(), magnitude.end(), [](unsigned byte) { return byte != 0; })) {
    unsigned rest = 0;
    for (unsigned& byte : magnitude) {
      rest = rest << 8 | byte;
      byte = rest / 10;
      rest %= 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  const auto behind = static_cast<size_t>(scale);
  if (digits.size() <= behind) digits.append(behind + 1 - digits.size(), '0');
  std::reverse(digits.begin(), digits.end());
  if (behind > 0) digits.insert(digits.size() - behind, 1, '.');
  text = (negative ? "-" : "") + digits;
  return true;
}

}  // namespace leat::data
