#include "components/source/postgres/cell.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/json_quoted.h"

namespace leat::components::postgres {
namespace {

__extension__ typedef unsigned __int128 Wide;  // both compilers that we build with have it

constexpr uint16_t kNegative = 0x4000, kNan = 0xC000, kInfinity = 0xD000, kMinusInfinity = 0xF000;
constexpr int kGroupDigits = 4;         ///< a digit of numeric holds four decimal ones
constexpr int64_t kEpochDays = 10'957;  ///< 2000-01-01
constexpr int64_t kMicrosOfDay = 86'400'000'000;
constexpr int64_t kEpochMicros = kEpochDays * kMicrosOfDay;

constexpr std::array<Wide, 39> MakePowers() {
  std::array<Wide, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<Wide, 39> kPowers = MakePowers();

/// numeric as it is sent: groups of four decimal digits, the first of which stands for 10000^weight.
struct Numeric {
  int groups = 0;
  int weight = 0;
  uint16_t sign = 0;
  int shown_scale = 0;
  const char* digits = nullptr;

  explicit Numeric(std::string_view bytes)
      : groups(ReadUInt16(bytes.data())),
        weight(static_cast<int16_t>(ReadUInt16(bytes.data() + 2))),
        sign(ReadUInt16(bytes.data() + 4)),
        shown_scale(ReadUInt16(bytes.data() + 6)),
        digits(bytes.data() + 8) {}
  bool finite() const { return sign == 0 || sign == kNegative; }
  uint16_t Group(int at) const { return ReadUInt16(digits + 2 * at); }
};

std::string NumericText(std::string_view bytes) {
  const Numeric number(bytes);
  if (number.sign == kNan) return "NaN";
  if (number.sign == kInfinity) return "Infinity";
  if (number.sign == kMinusInfinity) return "-Infinity";
  std::string text = number.sign == kNegative ? "-" : "";
  const auto group = [&](int at) { return at >= 0 && at < number.groups ? number.Group(at) : uint16_t{0}; };
  if (number.weight < 0) text += '0';
  for (int at = 0; at <= number.weight; ++at)
    text += at == 0 ? std::to_string(group(at)) : fmt::format("{:04}", group(at));
  if (number.shown_scale == 0) return text;
  std::string fraction;
  for (int at = number.weight + 1; static_cast<int>(fraction.size()) < number.shown_scale; ++at)
    fraction += fmt::format("{:04}", group(at));
  return text + "." + fraction.substr(0, static_cast<size_t>(number.shown_scale));
}

/// Proleptic Gregorian calendar, any year. BC as the server shows it.
std::string CivilText(int64_t days_since_1970, bool& bc) {
  const int64_t z = days_since_1970 + 719'468;
  const int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const int64_t day_of_era = z - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_index = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
  const int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
  int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  bc = year <= 0;
  if (bc) year = 1 - year;
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::string TimeText(int64_t micros) {
  const int64_t seconds = micros / 1'000'000, rest = micros % 1'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (rest == 0) return text;
  text += fmt::format(".{:06}", rest);
  while (text.back() == '0') text.pop_back();
  return text;
}

template <typename T>
std::string FloatText(T number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::array<char, 64> buffer{};
  const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return failure == std::errc() ? std::string(buffer.data(), end) : "NaN";
}

template <typename T, typename Bits>
T FromBits(Bits bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

std::string TimestampText(int64_t micros) {
  int64_t days = micros / kMicrosOfDay, rest = micros % kMicrosOfDay;
  if (rest < 0) {
    rest += kMicrosOfDay;
    --days;
  }
  bool bc = false;
  const std::string date = CivilText(days, bc);
  return date + " " + TimeText(rest) + (bc ? " BC" : "");
}

std::string DateText(int64_t days) {
  bool bc = false;
  const std::string date = CivilText(days, bc);
  return date + (bc ? " BC" : "");
}

bool ReadNumeric(std::string_view bytes, int precision, int scale, data::Int128& unscaled) {
  const Numeric number(bytes);
  if (!number.finite()) return false;
  int groups = number.groups;
  while (groups > 0 && number.Group(groups - 1) == 0) --groups;
  // The number is (all groups as one) * 10^exponent of the wanted unit.
  int exponent = kGroupDigits * (number.weight - groups + 1) + scale;
  Wide value = 0;
  if (groups <= 4) {
    uint64_t small = 0;
    for (int i = 0; i < groups; ++i) small = small * 10'000 + number.Group(i);
    value = small;
  } else {
    for (int i = 0; i < groups - 1; ++i) {
      if (value >= kPowers[34]) return false;  // with the groups behind: more than 38 digits
      value = value * 10'000 + number.Group(i);
    }
    // The last group may end in zeros that no wanted digit stands for.
    uint32_t last = number.Group(groups - 1);
    int digits = kGroupDigits;
    while (digits > 0 && last % 10 == 0) {
      last /= 10;
      --digits;
      ++exponent;
    }
    if (value > kPowers[38] / kPowers[static_cast<size_t>(digits)]) return false;
    value = value * kPowers[static_cast<size_t>(digits)] + last;
  }
  if (value != 0 && exponent < 0) {
    if (-exponent > 38) return false;
    const Wide unit = kPowers[static_cast<size_t>(-exponent)];
    if (value <= UINT64_MAX && unit <= UINT64_MAX) {  // a division of 128 bits is slow
      const auto small = static_cast<uint64_t>(value), by = static_cast<uint64_t>(unit);
      if (small % by != 0) return false;
      value = small / by;
    } else {
      if (value % unit != 0) return false;
      value /= unit;
    }
  } else if (value != 0 && exponent > 0) {
    if (exponent > 38 || value > kPowers[38] / kPowers[static_cast<size_t>(exponent)]) return false;
    value *= kPowers[static_cast<size_t>(exponent)];
  }
  if (value >= kPowers[static_cast<size_t>(precision)]) return false;
  if (number.sign == kNegative) value = ~value + 1;
  unscaled.low = static_cast<uint64_t>(value);
  unscaled.high = static_cast<int64_t>(static_cast<uint64_t>(value >> 64));
  return true;
}

bool ReadDate(std::string_view bytes, int32_t& days) {
  const int32_t since_2000 = ReadInt32(bytes.data());
  if (since_2000 == INT32_MAX || since_2000 == INT32_MIN) return false;
  return !__builtin_add_overflow(since_2000, static_cast<int32_t>(kEpochDays), &days);
}

bool ReadTime(std::string_view bytes, int64_t& micros) {
  micros = ReadInt64(bytes.data());
  return micros < kMicrosOfDay;
}

bool ReadTimestamp(std::string_view bytes, int64_t& micros) {
  const int64_t since_2000 = ReadInt64(bytes.data());
  if (since_2000 == INT64_MAX || since_2000 == INT64_MIN) return false;
  // The engine keeps the greatest value for infinity.
  return !__builtin_add_overflow(since_2000, kEpochMicros, &micros) && micros != INT64_MAX;
}

void UuidText(std::string_view bytes, char* text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *text++ = '-';
    *text++ = kDigits[static_cast<unsigned char>(bytes[i]) >> 4];
    *text++ = kDigits[static_cast<unsigned char>(bytes[i]) & 15];
  }
}

bool ArrayReader::Open(std::string_view bytes) {
  if (bytes.size() < 12) return false;
  const int32_t dimensions = ReadInt32(bytes.data());
  if (dimensions < 0 || dimensions > 6 || bytes.size() < 12 + 8 * static_cast<size_t>(dimensions)) return false;
  bytes.remove_prefix(12);
  left_ = dimensions == 0 ? 0 : 1;
  for (int32_t i = 0; i < dimensions; ++i) {
    sizes_.push_back(ReadInt32(bytes.data()));
    begins_at_one_ = begins_at_one_ && ReadInt32(bytes.data() + 4) == 1;
    left_ *= sizes_.back();
    bytes.remove_prefix(8);
  }
  rest_ = bytes;
  return true;
}

bool ArrayReader::Next(std::string_view& value) {
  if (left_ <= 0) return false;
  const int32_t size = rest_.size() < 4 ? 0 : ReadInt32(rest_.data());
  broken_ = rest_.size() < 4 + static_cast<size_t>(std::max(0, size));
  if (broken_) return false;
  value = size < 0 ? std::string_view() : rest_.substr(4, static_cast<size_t>(size));
  rest_.remove_prefix(4 + static_cast<size_t>(std::max(0, size)));
  --left_;
  return true;
}

std::string ArrayJson(Wire element, std::string_view bytes) {
  ArrayReader reader;
  if (!reader.Open(bytes) || reader.sizes().empty()) return "[]";
  const std::vector<int32_t>& sizes = reader.sizes();
  std::string json;
  std::vector<int32_t> at(sizes.size());
  std::string_view value;
  while (reader.Next(value)) {
    // As many brackets open here as dimensions begin.
    size_t begun = sizes.size();
    while (begun > 0 && at[begun - 1] == 0) --begun;
    if (!json.empty()) json += ", ";
    json += std::string(sizes.size() - begun, '[');
    json += value.data() == nullptr ? "null" : CellJson(element, value);
    for (size_t i = sizes.size(); i-- > 0;) {
      if (++at[i] < sizes[i]) break;
      at[i] = 0;
      json += ']';
    }
  }
  return json;
}

std::string CellText(Wire wire, std::string_view bytes) {
  switch (wire) {
    case Wire::kArray: return "";  // ArrayJson
    case Wire::kBool: return bytes[0] != 0 ? "true" : "false";
    case Wire::kInt2: return std::to_string(static_cast<int16_t>(ReadUInt16(bytes.data())));
    case Wire::kInt4: return std::to_string(ReadInt32(bytes.data()));
    case Wire::kInt8: return std::to_string(ReadInt64(bytes.data()));
    case Wire::kUInt4: return std::to_string(ReadUInt32(bytes.data()));
    case Wire::kFloat4: return FloatText(FromBits<float>(ReadUInt32(bytes.data())));
    case Wire::kFloat8: return FloatText(FromBits<double>(ReadUInt64(bytes.data())));
    case Wire::kNumeric: return NumericText(bytes);
    case Wire::kDate: {
      const int32_t days = ReadInt32(bytes.data());
      if (days == INT32_MAX || days == INT32_MIN) return days > 0 ? "infinity" : "-infinity";
      return DateText(days + kEpochDays);
    }
    case Wire::kTime: return TimeText(ReadInt64(bytes.data()));
    case Wire::kTimestamp: {
      const int64_t micros = ReadInt64(bytes.data());
      if (micros == INT64_MAX || micros == INT64_MIN) return micros > 0 ? "infinity" : "-infinity";
      if (micros <= INT64_MAX - kEpochMicros) return TimestampText(micros + kEpochMicros);
      // The calendar repeats every 400 years: the last of them are beyond 64 bits of microseconds.
      constexpr int64_t kFourHundredYears = 146'097 * kMicrosOfDay;
      std::string text = TimestampText(micros - kFourHundredYears + kEpochMicros);
      return std::to_string(std::stoll(text) + 400) + text.substr(text.find('-'));
    }
    case Wire::kText: return std::string(bytes);
    case Wire::kJsonb: return std::string(bytes.substr(1));
    case Wire::kUuid: {
      std::string text(36, '\0');
      UuidText(bytes, text.data());
      return text;
    }
    case Wire::kBytes: {
      std::string hex = "\\x";
      for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
      return hex;
    }
  }
  return "";
}

std::string CellJson(Wire wire, std::string_view bytes) {
  std::string text = CellText(wire, bytes);
  switch (wire) {
    case Wire::kBool:
    case Wire::kInt2:
    case Wire::kInt4:
    case Wire::kInt8:
    case Wire::kUInt4: return text;
    case Wire::kFloat4:
    case Wire::kFloat8: return text.find_first_of("NI") == std::string::npos ? text : JsonQuoted(text);
    default: return JsonQuoted(text);
  }
}

}  // namespace leat::components::postgres
