#include "data/int128.h"

#include <algorithm>
#include <cmath>

namespace leat::data {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

Wide ToWide(const Int128& value) {
  return static_cast<Wide>((static_cast<UnsignedWide>(static_cast<uint64_t>(value.high)) << 64) | value.low);
}

Int128 FromWide(Wide value) {
  const auto bits = static_cast<UnsignedWide>(value);
  return {static_cast<int64_t>(static_cast<uint64_t>(bits >> 64)), static_cast<uint64_t>(bits)};
}

}  // namespace

std::string BigEndianFixed(const Int128& value, int length) {
  const auto bits = static_cast<UnsignedWide>(ToWide(value));
  std::string bytes(static_cast<size_t>(length), value.high < 0 ? '\xff' : '\0');
  for (int i = 0; i < std::min(length, 16); ++i) {
    bytes[static_cast<size_t>(length - 1 - i)] = static_cast<char>(static_cast<uint8_t>(bits >> (8 * i)));
  }
  return bytes;
}

std::string BigEndianMinimal(const Int128& value) {
  const std::string all = BigEndianFixed(value, 16);
  const char filler = value.high < 0 ? '\xff' : '\0';
  size_t start = 0;
  // A leading byte is needless while the next one carries the same sign.
  while (start + 1 < all.size() && all[start] == filler && ((all[start + 1] ^ filler) & 0x80) == 0) ++start;
  return all.substr(start);
}

Int128 FromBigEndian(std::string_view bytes) {
  UnsignedWide bits = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~UnsignedWide{0} : UnsignedWide{0};
  for (const char c : bytes) bits = (bits << 8) | static_cast<uint8_t>(c);
  return FromWide(static_cast<Wide>(bits));
}

int DecimalBytes(int precision) {
  int bytes = 1;
  // 10^p - 1 must fit in 8 * bytes - 1 bits.
  while (static_cast<double>(8 * bytes - 1) * std::log10(2.0) < static_cast<double>(precision)) ++bytes;
  return bytes;
}

Int128 FromInt64(int64_t value) { return {value < 0 ? -1 : 0, static_cast<uint64_t>(value)}; }

Int128 RoundDown(const Int128& value, int width) {
  const Wide wide = ToWide(value);
  return FromWide(wide - (((wide % width) + width) % width));
}

std::string DecimalText(const Int128& value, int scale) {
  const Wide wide = ToWide(value);
  auto rest = wide < 0 ? UnsignedWide{0} - static_cast<UnsignedWide>(wide) : static_cast<UnsignedWide>(wide);
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  while (digits.size() <= static_cast<size_t>(scale)) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
  return wide < 0 ? "-" + digits : digits;
}

Result<Int128> ParseDecimal(std::string_view text, int scale) {
  const auto fail = [&](std::string_view why) {
    return MakeError("DATA-104", ErrorKind::kData, "'{}' is not a decimal with {} decimals: {}", text, scale, why);
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  Wide number = 0;
  int digits = 0;
  int decimals = -1;
  bool any = false;
  for (const char c : rest) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return fail("it is not a number");
    any = true;
    if (decimals >= scale) {
      if (c != '0') return fail("decimals would be lost");
      continue;
    }
    if (decimals >= 0) ++decimals;
    if (number != 0 || c != '0') ++digits;
    if (digits > 38) return fail("it has more than 38 digits");
    number = number * 10 + (c - '0');
  }
  if (!any) return fail("it is not a number");
  for (int i = std::max(decimals, 0); i < scale; ++i) {
    if (number != 0 && ++digits > 38) return fail("it has more than 38 digits");
    number *= 10;
  }
  return FromWide(negative ? -number : number);
}

}  // namespace leat::data
