#include "data/value.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "data/int128.h"

namespace leat::data {
namespace {

template <typename T>
std::string LittleEndian(T value) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

template <typename T>
T FromLittleEndian(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

Error WrongLength(std::string_view bytes, const Type& type) {
  return MakeError("DATA-103", ErrorKind::kData, "a bound of type {} has {} bytes", TypeName(type), bytes.size())
      .WithHint("the manifest is damaged, or its writer does not follow the Iceberg specification");
}

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

// -NaN < -inf < ... < -0.0 < 0.0 < ... < inf < NaN.
template <typename T>
int OrderFloat(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) {
    const auto rank = [](T x) { return std::isnan(x) ? (std::signbit(x) ? -1 : 1) : 0; };
    return Order(rank(a), rank(b));
  }
  if (a == b) return Order(std::signbit(b) ? 1 : 0, std::signbit(a) ? 1 : 0);
  return Order(a, b);
}

// Widens what a narrower type stored: int32 in a long column, float in a double one.
int64_t AsInt64(const Value& value) {
  if (const auto* narrow = std::get_if<int32_t>(&value)) return *narrow;
  if (const auto* wide = std::get_if<int64_t>(&value)) return *wide;
  return 0;
}

double AsDouble(const Value& value) {
  if (const auto* narrow = std::get_if<float>(&value)) return static_cast<double>(*narrow);
  if (const auto* wide = std::get_if<double>(&value)) return *wide;
  return 0;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text;
}

std::string DateText(int64_t days) {
  // Civil date from days (proleptic Gregorian), with years before 1 as the specification's ISO form.
  int64_t z = days + 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::string TimeOfDay(int64_t units, int64_t per_second, int digits) {
  const int64_t seconds = units / per_second;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (units % per_second != 0) text += fmt::format(".{:0{}}", units % per_second, digits);
  return text;
}

std::string TimestampText(int64_t units, int64_t per_second, int digits, bool zone) {
  const int64_t per_day = 86400 * per_second;
  int64_t days = units / per_day;
  int64_t rest = units % per_day;
  if (rest < 0) {
    rest += per_day;
    --days;
  }
  return DateText(days) + "T" + TimeOfDay(rest, per_second, digits) + (zone ? "+00:00" : "");
}

}  // namespace

std::string EncodeSingleValue(const Value& value, const Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return std::string(1, std::get<bool>(value) ? '\1' : '\0');
    case TypeId::kInt:
    case TypeId::kDate: return LittleEndian(std::get<int32_t>(value));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return LittleEndian(AsInt64(value));
    case TypeId::kFloat: return LittleEndian(std::get<float>(value));
    case TypeId::kDouble: return LittleEndian(AsDouble(value));
    case TypeId::kDecimal: return BigEndianMinimal(std::get<Int128>(value));
    default: return std::get<std::string>(value);
  }
}

Result<Value> DecodeSingleValue(std::string_view bytes, const Type& type) {
  const size_t size = bytes.size();
  switch (type.id) {
    case TypeId::kBoolean:
      if (size != 1) return WrongLength(bytes, type);
      return Value(bytes[0] != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      if (size != 4) return WrongLength(bytes, type);
      return Value(FromLittleEndian<int32_t>(bytes));
    case TypeId::kLong:
      // Files written before the column was widened keep the narrow form.
      if (size == 4) return Value(static_cast<int64_t>(FromLittleEndian<int32_t>(bytes)));
      [[fallthrough]];
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      if (size != 8) return WrongLength(bytes, type);
      return Value(FromLittleEndian<int64_t>(bytes));
    case TypeId::kFloat:
      if (size != 4) return WrongLength(bytes, type);
      return Value(FromLittleEndian<float>(bytes));
    case TypeId::kDouble:
      if (size == 4) return Value(static_cast<double>(FromLittleEndian<float>(bytes)));
      if (size != 8) return WrongLength(bytes, type);
      return Value(FromLittleEndian<double>(bytes));
    case TypeId::kDecimal:
      if (size == 0 || size > 16) return WrongLength(bytes, type);
      return Value(FromBigEndian(bytes));
    case TypeId::kUuid:
      if (size != 16) return WrongLength(bytes, type);
      return Value(std::string(bytes));
    default: return Value(std::string(bytes));
  }
}

int Compare(const Value& a, const Value& b, const Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return Order(std::get<bool>(a) ? 1 : 0, std::get<bool>(b) ? 1 : 0);
    case TypeId::kFloat:
    case TypeId::kDouble: return OrderFloat(AsDouble(a), AsDouble(b));
    case TypeId::kDecimal: return Order(std::get<Int128>(a), std::get<Int128>(b));
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return Order(AsInt64(a), AsInt64(b));
    default: {
      // char_traits compares bytes as unsigned.
      const int order = std::get<std::string>(a).compare(std::get<std::string>(b));
      return Order(order, 0);
    }
  }
}

std::string ToText(const Value& value, const Type& type) {
  if (std::holds_alternative<std::monostate>(value)) return "null";
  switch (type.id) {
    case TypeId::kBoolean: return std::get<bool>(value) ? "true" : "false";
    case TypeId::kInt:
    case TypeId::kLong: return fmt::format("{}", AsInt64(value));
    case TypeId::kFloat: return fmt::format("{}", std::get<float>(value));
    case TypeId::kDouble: return fmt::format("{}", AsDouble(value));
    case TypeId::kDecimal: return DecimalText(std::get<Int128>(value), type.scale);
    case TypeId::kDate: return DateText(AsInt64(value));
    case TypeId::kTime: return TimeOfDay(AsInt64(value), 1'000'000, 6);
    case TypeId::kTimestamp: return TimestampText(AsInt64(value), 1'000'000, 6, false);
    case TypeId::kTimestampTz: return TimestampText(AsInt64(value), 1'000'000, 6, true);
    case TypeId::kTimestampNs: return TimestampText(AsInt64(value), 1'000'000'000, 9, false);
    case TypeId::kTimestampTzNs: return TimestampText(AsInt64(value), 1'000'000'000, 9, true);
    case TypeId::kString: return std::get<std::string>(value);
    case TypeId::kUuid: {
      std::string hex = Hex(std::get<std::string>(value));
      if (hex.size() != 32) return hex;
      return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                         hex.substr(20));
    }
    default: return Hex(std::get<std::string>(value));
  }
}

}  // namespace leat::data
