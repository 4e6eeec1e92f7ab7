#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leat::data {

/// Values of parquet files as they are stored, where the engine's own reading of them loses digits.

/// INT96: nanoseconds of the day (8 bytes) and the Julian day (4 bytes), both little-endian. Microseconds since 1970; false where
/// the moment is finer than that, beyond what microseconds reach, or `bytes` are not twelve.
bool ParseInt96(std::string_view bytes, int64_t& micros);
/// The same as text with all its digits: "2026-01-02 03:04:05.123456789"; far years as day and nanosecond.
std::string Int96Text(std::string_view bytes);

/// The digits of a decimal of any width: big-endian, two's complement, `scale` digits behind the point. False for more than 64
/// bytes, or a scale below 0 or above 200.
bool LongDecimalText(std::string_view bytes, int scale, std::string& text);

}  // namespace leat::data
