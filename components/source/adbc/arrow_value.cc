#include "components/source/adbc/arrow_value.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/json_quoted.h"
#include "data/int128.h"
#include "data/shown_value.h"
#include "data/value.h"

namespace leat::components::adbc {
namespace {

using data::TypeId;
using Kind = ArrowType::Kind;

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;  // 0001-01-01, 9999-12-31

float FromHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

bool IsSet(const void* bits, int64_t at) { return ((static_cast<const uint8_t*>(bits)[at / 8] >> (at % 8)) & 1) != 0; }

}  // namespace

ArrowValue::ArrowValue(const ArrowType& type, const ArrowArray& array, int64_t row)
    : type_(&type), array_(&array), at_(row + array.offset) {
  null_ = type.kind == Kind::kNull;
  // A buffer of validity may be left out; a count of 0 says the same.
  if (!null_ && array.null_count != 0 && array.n_buffers > 0 && array.buffers[0] != nullptr)
    null_ = !IsSet(array.buffers[0], at_);
  if (type.kind == Kind::kDictionary && !null_) *this = ArrowValue(type.children[0], *array.dictionary, Number());
}

template <typename T>
T ArrowValue::Read(int buffer, int64_t at) const {
  T value{};
  std::memcpy(&value, static_cast<const char*>(array_->buffers[buffer]) + at * static_cast<int64_t>(sizeof(T)),
              sizeof value);
  return value;
}

bool ArrowValue::Truth() const { return IsSet(array_->buffers[1], at_); }

std::string_view ArrowValue::Bytes() const {
  const auto bytes = [&](int buffer, int64_t from, int64_t length) {
    return std::string_view(static_cast<const char*>(array_->buffers[buffer]) + from, static_cast<size_t>(length));
  };
  switch (type_->kind) {
    case Kind::kFixed: return bytes(1, at_ * type_->width, type_->width);
    case Kind::kTextView:
    case Kind::kBinaryView: {
      constexpr int64_t kView = 16, kInline = 12;  // length and up to 12 bytes, or length, prefix, buffer and offset
      const auto length = Read<int32_t>(1, at_ * 4);
      if (length <= kInline) return bytes(1, at_ * kView + 4, length);
      return bytes(2 + Read<int32_t>(1, at_ * 4 + 2), Read<int32_t>(1, at_ * 4 + 3), length);
    }
    default: break;
  }
  const bool large = type_->width == 8;
  const int64_t from = large ? Read<int64_t>(1, at_) : Read<int32_t>(1, at_);
  const int64_t end = large ? Read<int64_t>(1, at_ + 1) : Read<int32_t>(1, at_ + 1);
  return end == from ? std::string_view() : bytes(2, from, end - from);
}

/// A whole number of any width; unsigned ones of 64 bits as their bits.
int64_t ArrowValue::Number() const {
  const bool is_unsigned =
      type_->kind == Kind::kUnsigned ||
      (type_->kind == Kind::kDictionary && type_->format.size() == 1 && isupper(type_->format[0]) != 0);
  switch (type_->width) {
    case 1: return is_unsigned ? Read<uint8_t>(1, at_) : Read<int8_t>(1, at_);
    case 2: return is_unsigned ? Read<uint16_t>(1, at_) : Read<int16_t>(1, at_);
    case 4: return is_unsigned ? int64_t{Read<uint32_t>(1, at_)} : Read<int32_t>(1, at_);
    default: return Read<int64_t>(1, at_);
  }
}

std::optional<int64_t> ArrowValue::Whole() const {
  const int64_t count = Number();
  const int64_t unit = type_->unit;
  const auto within = [&](int64_t first_second, int64_t end_second) -> std::optional<int64_t> {
    // Divided first: a product might not fit.
    int64_t seconds = count / unit, rest = count % unit;
    if (rest < 0) {
      rest += unit;
      --seconds;
    }
    if (seconds < first_second || seconds >= end_second) return std::nullopt;
    if (unit > kMicros) {
      const int64_t finer = unit / kMicros;
      if (rest % finer != 0) return std::nullopt;
      return seconds * kMicros + rest / finer;
    }
    return seconds * kMicros + rest * (kMicros / unit);
  };
  switch (type_->kind) {
    case Kind::kSigned: return count;
    case Kind::kUnsigned: return type_->width == 8 && count < 0 ? std::nullopt : std::optional(count);
    case Kind::kDate: {
      const int64_t per_day = type_->width == 4 ? 1 : kDaySeconds * unit;
      if (count % per_day != 0) return std::nullopt;
      const int64_t day = count / per_day;
      return day < kFirstDay || day > kLastDay ? std::nullopt : std::optional(day);
    }
    case Kind::kTime: return within(0, kDaySeconds);
    case Kind::kTimestamp: return within(kFirstDay * kDaySeconds, (kLastDay + 1) * kDaySeconds);
    default: return std::nullopt;
  }
}

double ArrowValue::Real() const {
  switch (type_->kind) {
    case Kind::kHalf: return FromHalf(Read<uint16_t>(1, at_));
    case Kind::kFloat: return Read<float>(1, at_);
    default: return Read<double>(1, at_);
  }
}

std::string ArrowValue::TimeText() const {
  constexpr int64_t kNanos = 1'000'000'000;
  const int64_t count = Number();
  if (const auto whole = Whole()) {
    const TypeId id = type_->kind == Kind::kDate   ? TypeId::kDate
                      : type_->kind == Kind::kTime ? TypeId::kTime
                      : type_->zoned               ? TypeId::kTimestampTz
                                                   : TypeId::kTimestamp;
    if (id == TypeId::kDate) return data::ToText(static_cast<int32_t>(*whole), *data::Primitive(id));
    return data::ToText(*whole, *data::Primitive(id));
  }
  if (type_->kind == Kind::kTimestamp && type_->unit == kNanos)
    return data::ToText(count, *data::Primitive(type_->zoned ? TypeId::kTimestampTzNs : TypeId::kTimestampNs));
  if (type_->kind == Kind::kTime) return data::SecondsText(count, type_->unit) + " s since midnight";
  if (type_->kind == Kind::kDate && type_->width == 4) return std::to_string(count) + " days since 1970";
  return data::SecondsText(count, type_->unit) + " s since 1970";
}

/// Decimals of 4 to 32 bytes, two's complement, the low bytes first.
std::string ArrowValue::DecimalDigits() const {
  std::vector<uint32_t> limbs(static_cast<size_t>(type_->width) / 4);
  std::memcpy(limbs.data(), static_cast<const char*>(array_->buffers[1]) + at_ * type_->width,
              static_cast<size_t>(type_->width));
  const bool negative = (limbs.back() >> 31) != 0;
  if (negative) {
    uint64_t carry = 1;
    for (uint32_t& limb : limbs) {
      carry += static_cast<uint32_t>(~limb);
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::string digits;
  while (std::any_of(limbs.begin(), limbs.end(), [](uint32_t limb) { return limb != 0; })) {
    uint64_t rest = 0;
    for (size_t i = limbs.size(); i-- > 0;) {
      rest = (rest << 32) | limbs[i];
      limbs[i] = static_cast<uint32_t>(rest / 10);
      rest %= 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  const auto scale = static_cast<size_t>(std::max(type_->scale, 0));
  while (digits.size() <= scale) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (type_->scale < 0 && digits != "0") digits.append(static_cast<size_t>(-type_->scale), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

std::string ArrowValue::Text() const {
  switch (type_->kind) {
    case Kind::kNull:
    case Kind::kDictionary: return "";  // NULL; values of dictionaries were looked up
    case Kind::kBoolean: return Truth() ? "true" : "false";
    case Kind::kSigned: return std::to_string(Number());
    case Kind::kUnsigned: return std::to_string(static_cast<uint64_t>(Number()));
    case Kind::kHalf:
    case Kind::kFloat: return fmt::format("{}", static_cast<float>(Real()));
    case Kind::kDouble: return fmt::format("{}", Real());
    case Kind::kDecimal: return DecimalDigits();
    case Kind::kText:
    case Kind::kTextView: return std::string(Bytes());
    case Kind::kFixed:
      if (LakeType(*type_)->id == TypeId::kUuid)
        return data::ToText(std::string(Bytes()), *data::Primitive(TypeId::kUuid));
      return data::BinaryText(Bytes());
    case Kind::kBinary:
    case Kind::kBinaryView: return data::BinaryText(Bytes());
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp: return TimeText();
    case Kind::kDuration: return "PT" + data::SecondsText(Number(), type_->unit) + "S";
    case Kind::kMonths: return "P" + std::to_string(Number()) + "M";
    case Kind::kDaysMillis:
      return fmt::format("P{}DT{}S", Read<int32_t>(1, at_ * 2), data::SecondsText(Read<int32_t>(1, at_ * 2 + 1), 1000));
    case Kind::kMonthsDaysNanos:
      return fmt::format("P{}M{}DT{}S", Read<int32_t>(1, at_ * 4), Read<int32_t>(1, at_ * 4 + 1),
                         data::SecondsText(Read<int64_t>(1, at_ * 2 + 1), 1'000'000'000));
    default: return Json();
  }
}

std::string ArrowValue::Json() const {
  if (null_) return "null";
  switch (type_->kind) {
    case Kind::kBoolean:
    case Kind::kSigned:
    case Kind::kUnsigned:
    case Kind::kDecimal: return Text();
    case Kind::kHalf:
    case Kind::kFloat:
    case Kind::kDouble: return std::isfinite(Real()) ? Text() : JsonQuoted(Text());
    case Kind::kStruct: return StructJson();
    case Kind::kList:
    case Kind::kFixedList:
    case Kind::kMap: return ListJson();
    default: return JsonQuoted(Text());
  }
}

/// [1,null,3]; of a map: [{"key":"a","value":1}].
std::string ArrowValue::ListJson() const {
  int64_t from = 0, end = 0;
  if (type_->kind == Kind::kFixedList) {
    from = at_ * type_->width;
    end = from + type_->width;
  } else {
    const bool large = type_->width == 8;
    from = large ? Read<int64_t>(1, at_) : Read<int32_t>(1, at_);
    end = large ? Read<int64_t>(1, at_ + 1) : Read<int32_t>(1, at_ + 1);
  }
  std::string json = "[";
  for (int64_t i = from; i < end; ++i)
    json += (i == from ? "" : ",") + ArrowValue(type_->children[0], *array_->children[0], i).Json();
  return json + "]";
}

std::string ArrowValue::StructJson() const {
  std::string json = "{";
  for (size_t i = 0; i < type_->children.size(); ++i)
    json += (i == 0 ? "" : ",") + JsonQuoted(type_->children[i].name) + ":" +
            ArrowValue(type_->children[i], *array_->children[i], at_).Json();
  return json + "}";
}

}  // namespace leat::components::adbc
