#include "data/value_json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "data/exact_text.h"
#include "data/int128.h"

namespace leat::data {
namespace {

using nlohmann::json;

std::optional<int64_t> Whole(const json& in) {
  if (in.is_number_unsigned() && !std::in_range<int64_t>(in.get<uint64_t>())) return std::nullopt;
  return in.is_number_integer() ? std::optional(in.get<int64_t>()) : std::nullopt;
}

/// Takes the digits below microseconds out of a time's text; how many nanoseconds they are.
int64_t CutNanos(std::string& text) {
  const size_t point = text.find('.');
  if (point == std::string::npos) return 0;
  size_t end = point + 1;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  const size_t first = point + 7;
  if (end <= first || end > first + 3) return 0;  // more than nine digits are refused as they stand
  int64_t nanos = 0;
  for (size_t i = first; i < first + 3; ++i) nanos = nanos * 10 + (i < end ? text[i] - '0' : 0);
  text.erase(first, end - first);
  return nanos;
}

/// A number of the type's unit, or its text.
std::optional<Value> FromTime(const json& in, TypeId id) {
  if (const auto number = Whole(in)) {
    if (id != TypeId::kDate) return Value(*number);
    return std::in_range<int32_t>(*number) ? std::optional(Value(static_cast<int32_t>(*number))) : std::nullopt;
  }
  if (!in.is_string()) return std::nullopt;
  auto text = in.get<std::string>();
  if (id == TypeId::kDate) {
    int32_t days = 0;
    return ParseExactDate(text, days) ? std::optional(Value(days)) : std::nullopt;
  }
  int64_t units = 0;
  const bool zone = id == TypeId::kTimestampTz || id == TypeId::kTimestampTzNs;
  const int64_t nanos = id == TypeId::kTimestampNs || id == TypeId::kTimestampTzNs ? CutNanos(text) : 0;
  const bool read = id == TypeId::kTime ? ParseExactTime(text, units)
                    : zone              ? ParseExactTimestampTz(text, units)
                                        : ParseExactTimestamp(text, units);
  if (!read) return std::nullopt;
  if (id != TypeId::kTimestampNs && id != TypeId::kTimestampTzNs) return Value(units);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1000;
  return units >= -kMost && units <= kMost ? std::optional(Value(units * 1000 + nanos)) : std::nullopt;
}

std::optional<Value> FromText(const json& in, const Type& type) {
  if (!in.is_string()) return std::nullopt;
  std::string text = in.get<std::string>();
  if (type.id == TypeId::kString) return Value(std::move(text));
  if (type.id == TypeId::kUuid) std::erase(text, '-');
  auto bytes = FromHex(text);
  if (!bytes || (type.id == TypeId::kUuid && bytes->size() != 16)) return std::nullopt;
  if (type.id == TypeId::kFixed && std::cmp_not_equal(bytes->size(), type.length)) return std::nullopt;
  return Value(std::move(*bytes));
}

std::optional<Value> FromJson(const json& in, const Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return in.is_boolean() ? std::optional(Value(in.get<bool>())) : std::nullopt;
    case TypeId::kInt: {
      const auto number = Whole(in);
      if (!number || !std::in_range<int32_t>(*number)) return std::nullopt;
      return Value(static_cast<int32_t>(*number));
    }
    case TypeId::kLong: {
      const auto number = Whole(in);
      return number ? std::optional(Value(*number)) : std::nullopt;
    }
    case TypeId::kFloat: return in.is_number() ? std::optional(Value(in.get<float>())) : std::nullopt;
    case TypeId::kDouble: return in.is_number() ? std::optional(Value(in.get<double>())) : std::nullopt;
    case TypeId::kDecimal: {
      if (!in.is_string() && !in.is_number()) return std::nullopt;
      Int128 unscaled;
      const std::string text = in.is_string() ? in.get<std::string>() : in.dump();
      if (!ParseExactDecimal(text, type.precision, type.scale, unscaled)) return std::nullopt;
      return Value(unscaled);
    }
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return FromTime(in, type.id);
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary: return FromText(in, type);
    default: return std::nullopt;
  }
}

}  // namespace

json ValueToJson(const Value& value, const Type& type) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  const bool temporal = type.id == TypeId::kDate || type.id == TypeId::kTime || type.id == TypeId::kTimestamp ||
                        type.id == TypeId::kTimestampTz || type.id == TypeId::kTimestampNs ||
                        type.id == TypeId::kTimestampTzNs;
  if (const auto* number = std::get_if<int32_t>(&value); number != nullptr && !temporal) return *number;
  if (const auto* number = std::get_if<int64_t>(&value); number != nullptr && !temporal) return *number;
  if (const auto* number = std::get_if<float>(&value)) return std::isfinite(*number) ? json(*number) : json();
  if (const auto* number = std::get_if<double>(&value)) return std::isfinite(*number) ? json(*number) : json();
  if (std::holds_alternative<std::monostate>(value)) return nullptr;
  std::string text = ToText(value, type);
  if (type.id == TypeId::kFixed || type.id == TypeId::kBinary) {
    for (char& c : text) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

Result<Value> ValueFromJson(const json& in, const Type& type) {
  if (in.is_null()) return Value();
  if (auto value = FromJson(in, type)) return std::move(*value);
  return MakeError("DATA-105", ErrorKind::kUsage, "{} is not a value of type {}",
                   in.dump(-1, ' ', false, json::error_handler_t::replace), TypeName(type));
}

}  // namespace leat::data
