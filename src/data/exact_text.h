#pragma once

#include <cstdint>
#include <string_view>

#include "data/value.h"

namespace leat::data {

/// Text to values without loss: the one checked cast of decisions "Exact numbers". Each returns false, and leaves `value`
/// undefined, where the text is not a value of the type or would be rounded, cut or shifted. Spaces around are allowed.
/// Fast: these run on every value of a csv file.

/// Whole numbers: sign and digits only ("1.0" and "1e3" are refused: they are no whole numbers as written).
bool ParseExact(std::string_view text, int64_t& value);
bool ParseExact(std::string_view text, int32_t& value);
/// Decimal of up to 18 digits; more digits after the point than `scale` only if they are zeros. Exponents are allowed.
bool ParseExactDecimal(std::string_view text, int precision, int scale, int64_t& unscaled);
bool ParseExactDecimal(std::string_view text, int precision, int scale, Int128& unscaled);
/// Any decimal or exponent notation, "nan", "inf", "-inf"; as many digits as a double (a float) keeps: "0.1" is one, 9007199254740993
/// is none, for it would be shown with another last digit.
bool ParseExact(std::string_view text, double& value);
bool ParseExact(std::string_view text, float& value);
/// "true" and "false" in any case.
bool ParseExact(std::string_view text, bool& value);
/// YYYY-MM-DD, years 0001 to 9999.
bool ParseExactDate(std::string_view text, int32_t& days);
/// HH:MM[:SS[.ffffff]].
bool ParseExactTime(std::string_view text, int64_t& micros);
/// Date, or date, 'T' or space, and time. A zone is refused (it would be dropped), further digits than micros only if zero.
bool ParseExactTimestamp(std::string_view text, int64_t& micros);
/// As before, with 'Z', +hh, +hhmm or +hh:mm, which is required.
bool ParseExactTimestampTz(std::string_view text, int64_t& micros);

/// What types a text could be read as, for inference: as written, no spaces, no "007" or "+5" as numbers (they would not come
/// back the same).
struct TextFacts {
  static constexpr int64_t kInteger = 1, kDecimal = 2, kDouble = 4, kDate = 8, kTimestamp = 16, kTimestampTz = 32,
                           kBoolean = 64;
  int64_t types =
      0;  ///< bits; a date is a timestamp too, an integer a decimal, a decimal with no more digits than it keeps a double
  int scale = 0;   ///< decimals: digits after the point
  int digits = 0;  ///< decimals: digits before it
};
TextFacts FactsOf(std::string_view text);

}  // namespace leat::data
