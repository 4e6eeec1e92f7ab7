#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "data/value.h"

namespace leat::data {

/// Two's-complement big-endian bytes without needless leading bytes: how bounds store decimals. At least one byte.
std::string BigEndianMinimal(const Int128& value);
/// The same in exactly `length` bytes (sign-extended): how Avro's fixed decimals are stored.
std::string BigEndianFixed(const Int128& value, int length);
/// Reads 1 to 16 big-endian bytes, sign-extended.
Int128 FromBigEndian(std::string_view bytes);
/// The fewest bytes that hold any decimal of this precision (specification, "Avro": decimal).
int DecimalBytes(int precision);

Int128 FromInt64(int64_t value);
/// The greatest multiple of `width` that is not above `value`.
Int128 RoundDown(const Int128& value, int width);
/// "-12.50" for the unscaled value -1250 with scale 2.
std::string DecimalText(const Int128& value, int scale);
/// Reads "[-]digits[.digits]" as an unscaled value with exactly `scale` decimals; DATA-104 when digits would be lost or the
/// number has more than 38 digits.
Result<Int128> ParseDecimal(std::string_view text, int scale);

}  // namespace leat::data
