#include "sql/bounds.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/utf8.h"
#include "data/exact_text.h"
#include "data/int128.h"

namespace leat::sql {
namespace {

using data::TypeId;
using data::Value;

constexpr size_t kBoundCharacters = 16;

Error BadText(std::string_view text, const data::Type& type) {
  return MakeError("SQL-504", ErrorKind::kInternal, "'{}' is not a value of type {}", text, data::TypeName(type));
}

/// Reads digits at `i`; false when there are none.
bool ReadNumber(std::string_view text, size_t& i, int64_t& value) {
  size_t begin = i;
  value = 0;
  while (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0 && i - begin < 18)
    value = value * 10 + (text[i++] - '0');
  return i > begin;
}

bool Take(std::string_view text, size_t& i, std::string_view what) {
  if (text.substr(i, what.size()) != what) return false;
  i += what.size();
  return true;
}

/// Days since 1970-01-01 of "YYYY-MM-DD" or "YYYY-MM-DD (BC)" (Howard Hinnant, days_from_civil).
bool ReadDate(std::string_view text, size_t& i, int64_t& days) {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!ReadNumber(text, i, year) || !Take(text, i, "-") || !ReadNumber(text, i, month) || !Take(text, i, "-") ||
      !ReadNumber(text, i, day))
    return false;
  if (Take(text, i, " (BC)")) year = 1 - year;
  if (month <= 2) --year;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t yoe = year - era * 400;
  int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  days = era * 146097 + doe - 719468;
  return true;
}

/// Ticks since midnight of "HH:MM:SS[.fraction]" with `digits` decimals.
bool ReadTime(std::string_view text, size_t& i, int digits, int64_t& ticks) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!ReadNumber(text, i, hour) || !Take(text, i, ":") || !ReadNumber(text, i, minute) || !Take(text, i, ":") ||
      !ReadNumber(text, i, second))
    return false;
  ticks = hour * 3600 + minute * 60 + second;
  bool fraction = Take(text, i, ".");
  for (int d = 0; d < digits; ++d) {
    bool digit = fraction && i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    ticks = ticks * 10 + (digit ? text[i++] - '0' : 0);
  }
  return true;
}

bool ReadTimestamp(std::string_view text, int digits, int64_t& value) {
  if (text == "infinity" || text == "-infinity") {
    value = text[0] == '-' ? -std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::max();
    return true;
  }
  size_t i = 0;
  int64_t days = 0;
  int64_t ticks = 0;
  if (!ReadDate(text, i, days) || !Take(text, i, " ") || !ReadTime(text, i, digits, ticks)) return false;
  (void)Take(text, i, "+00");
  int64_t per_day = 86400;
  for (int d = 0; d < digits; ++d) per_day *= 10;
  value = days * per_day + ticks;
  return i == text.size();
}

bool ReadHex(std::string_view text, std::string& bytes) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    int high = digit(text[i]);
    int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

/// Bytes of the first `count` characters of UTF-8 text.
size_t CharacterPrefix(std::string_view text, size_t count) {
  size_t i = 0;
  for (; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && count-- == 0) break;
  return i;
}

/// The smallest text of at most these characters above every text that begins with them; nullopt when there is none.
std::optional<std::string> RaiseText(std::string text) {
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    auto lead = static_cast<unsigned char>(text[last]);
    uint32_t point = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1FU : lead < 0xF0 ? lead & 0x0FU : lead & 0x07U;
    for (size_t i = last + 1; i < text.size(); ++i)
      point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.resize(last);
    if (point < 0x10FFFF) {
      ++point;
      if (point >= 0xD800 && point <= 0xDFFF) point = 0xE000;  // surrogates are no characters
      AppendUtf8(point, text);
      return text;
    }
  }
  return std::nullopt;
}

std::optional<std::string> RaiseBytes(std::string bytes) {
  while (!bytes.empty()) {
    auto last = static_cast<unsigned char>(bytes.back());
    bytes.pop_back();
    if (last != 0xFF) return bytes + static_cast<char>(last + 1);
  }
  return std::nullopt;
}

bool IsText(const data::Type& type) { return type.id == TypeId::kString; }
bool IsBytes(const data::Type& type) { return type.id == TypeId::kBinary || type.id == TypeId::kFixed; }

}  // namespace

Result<Value> ValueFromText(std::string_view text, const data::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean:
      if (text == "true" || text == "1") return Value(true);
      if (text == "false" || text == "0") return Value(false);
      break;
    case TypeId::kInt: {
      int32_t value = 0;
      if (data::ParseExact(text, value)) return Value(value);
      break;
    }
    case TypeId::kLong: {
      int64_t value = 0;
      if (data::ParseExact(text, value)) return Value(value);
      break;
    }
    case TypeId::kFloat:
    case TypeId::kDouble: {
      std::string copy(text);
      char* end = nullptr;
      if (type.id == TypeId::kFloat) {
        float value = std::strtof(copy.c_str(), &end);
        if (end == copy.c_str() + copy.size() && !copy.empty()) return Value(value);
      } else {
        double value = std::strtod(copy.c_str(), &end);
        if (end == copy.c_str() + copy.size() && !copy.empty()) return Value(value);
      }
      break;
    }
    case TypeId::kDecimal: {
      auto value = data::ParseDecimal(text, type.scale);
      if (value.ok()) return Value(*value);
      break;
    }
    case TypeId::kDate: {
      if (text == "infinity") return Value(std::numeric_limits<int32_t>::max());
      if (text == "-infinity") return Value(-std::numeric_limits<int32_t>::max());
      size_t i = 0;
      int64_t days = 0;
      if (ReadDate(text, i, days) && i == text.size()) return Value(static_cast<int32_t>(days));
      break;
    }
    case TypeId::kTime: {
      size_t i = 0;
      int64_t micros = 0;
      if (ReadTime(text, i, 6, micros) && i == text.size()) return Value(micros);
      break;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: {
      bool nanos = type.id == TypeId::kTimestampNs || type.id == TypeId::kTimestampTzNs;
      int64_t value = 0;
      if (ReadTimestamp(text, nanos ? 9 : 6, value)) return Value(value);
      break;
    }
    case TypeId::kString: return Value(std::string(text));
    case TypeId::kUuid: {
      std::string digits;
      for (char c : text)
        if (c != '-') digits += c;
      std::string bytes;
      if (ReadHex(digits, bytes) && bytes.size() == 16) return Value(bytes);
      break;
    }
    case TypeId::kFixed:
    case TypeId::kBinary: {
      std::string bytes;
      if (ReadHex(text, bytes)) return Value(bytes);
      break;
    }
    default: break;
  }
  return BadText(text, type);
}

Result<std::optional<std::string>> LowerBound(std::string_view minimum, const data::Type& type) {
  LEAT_ASSIGN(Value value, ValueFromText(minimum, type));
  if (auto* number = std::get_if<float>(&value)) {
    if (std::isnan(*number)) return std::optional<std::string>();
    if (*number == 0.0F) *number = -0.0F;
  } else if (auto* wide = std::get_if<double>(&value)) {
    if (std::isnan(*wide)) return std::optional<std::string>();
    if (*wide == 0.0) *wide = -0.0;
  } else if (IsText(type)) {
    auto& text = std::get<std::string>(value);
    text.resize(CharacterPrefix(text, kBoundCharacters));
  } else if (IsBytes(type)) {
    auto& bytes = std::get<std::string>(value);
    if (bytes.size() > kBoundCharacters) bytes.resize(kBoundCharacters);
  }
  return std::optional(data::EncodeSingleValue(value, type));
}

Result<std::optional<std::string>> UpperBound(std::string_view maximum, const data::Type& type) {
  LEAT_ASSIGN(Value value, ValueFromText(maximum, type));
  if (auto* number = std::get_if<float>(&value)) {
    if (std::isnan(*number)) return std::optional<std::string>();
    if (*number == 0.0F) *number = 0.0F;
  } else if (auto* wide = std::get_if<double>(&value)) {
    if (std::isnan(*wide)) return std::optional<std::string>();
    if (*wide == 0.0) *wide = 0.0;
  } else if (IsText(type)) {
    const auto& text = std::get<std::string>(value);
    size_t cut = CharacterPrefix(text, kBoundCharacters);
    if (cut < text.size()) return RaiseText(text.substr(0, cut));
  } else if (IsBytes(type)) {
    const auto& bytes = std::get<std::string>(value);
    if (bytes.size() > kBoundCharacters) return RaiseBytes(bytes.substr(0, kBoundCharacters));
  }
  return std::optional(data::EncodeSingleValue(value, type));
}

}  // namespace leat::sql
