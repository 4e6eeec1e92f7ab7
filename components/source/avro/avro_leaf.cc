#include "components/source/avro/avro_leaf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json_quoted.h"
#include "data/exact_text.h"
#include "data/int128.h"
#include "data/text_bytes.h"
#include "data/shown_value.h"

namespace leat::components::avro {
namespace {

using data::AvroDecoder;
using data::AvroKind;
using data::AvroLogical;
using data::AvroSchema;
using data::TypeId;
using Form = Leaf::Form;

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;  // 0001-01-01, 9999-12-31
constexpr int kLongestDecimal = 38;
constexpr size_t kWideBytes = 16;
constexpr int32_t kMostZeros = 10'000;
constexpr size_t kUuidText = 36;

void Other(Leaf& leaf, std::string text) {
  leaf.form = Form::kOther;
  leaf.text = std::move(text);
}

void OwnText(Leaf& leaf, std::string text) {
  leaf.form = Form::kText;
  leaf.text = std::move(text);
  leaf.bytes = leaf.text;
}

/// Microseconds of `count` of `unit` in a second; nullopt when it is no whole number of them, or not in [first, end) seconds.
std::optional<int64_t> Micros(int64_t count, int64_t unit, int64_t first_second, int64_t end_second) {
  int64_t seconds = count / unit, rest = count % unit;
  if (rest < 0) {
    rest += unit;
    --seconds;
  }
  if (seconds < first_second || seconds >= end_second) return std::nullopt;
  if (unit <= kMicros) return seconds * kMicros + rest * (kMicros / unit);
  const int64_t finer = unit / kMicros;
  if (rest % finer != 0) return std::nullopt;
  return seconds * kMicros + rest / finer;
}

void ReadTimestamp(int64_t count, const AvroSchema& schema, Leaf& leaf) {
  const bool zoned = schema.logical == AvroLogical::kTimestamp;
  const auto micros = Micros(count, schema.unit, kFirstDay * kDaySeconds, (kLastDay + 1) * kDaySeconds);
  if (micros) {
    leaf.form = zoned ? Form::kTimestampTz : Form::kTimestamp;
    leaf.whole = *micros;
  } else if (schema.unit == kNanos) {
    Other(leaf, data::ToText(count, *data::Primitive(zoned ? TypeId::kTimestampTzNs : TypeId::kTimestampNs)));
  } else {
    Other(leaf, data::SecondsText(count, schema.unit) + " s since 1970");
  }
}

void ReadTime(int64_t count, const AvroSchema& schema, Leaf& leaf) {
  const auto micros = Micros(count, schema.unit, 0, kDaySeconds);
  leaf.form = Form::kTime;
  if (micros) leaf.whole = *micros;
  else Other(leaf, data::SecondsText(count, schema.unit) + " s since midnight");
}

/// Digits of a two's-complement number of any length, the high byte first.
std::string Digits(std::string_view bytes) {
  std::string magnitude(bytes);
  const bool negative = !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & 0x80) != 0;
  if (negative) {
    int carry = 1;
    for (size_t i = magnitude.size(); i-- > 0;) {
      const int byte = static_cast<uint8_t>(~static_cast<uint8_t>(magnitude[i])) + carry;
      magnitude[i] = static_cast<char>(byte & 0xff);
      carry = byte >> 8;
    }
  }
  std::string digits;
  size_t first = 0;
  while (first < magnitude.size()) {
    int rest = 0;
    for (size_t i = first; i < magnitude.size(); ++i) {
      const int value = rest * 256 + static_cast<uint8_t>(magnitude[i]);
      magnitude[i] = static_cast<char>(value / 10);
      rest = value % 10;
    }
    digits += static_cast<char>('0' + rest);
    while (first < magnitude.size() && magnitude[first] == 0) ++first;
  }
  if (digits.empty()) digits = "0";
  std::reverse(digits.begin(), digits.end());
  return negative ? "-" + digits : digits;
}

/// Digits with a point: scale may be negative.
std::string WithPoint(std::string digits, int scale) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  if (scale < 0 && digits != "0") digits.append(static_cast<size_t>(-scale), '0');
  if (scale > 0) {
    const auto places = static_cast<size_t>(scale);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, 1, '.');
  }
  return negative ? "-" + digits : digits;
}

/// A number of more bytes than any key or amount has: its digits would take hours to find.
constexpr size_t kMostNumberBytes = 4096;

void ReadDecimal(std::string_view bytes, const AvroSchema& schema, Leaf& leaf) {
  if (bytes.empty()) return Other(leaf, "a decimal of no bytes");
  if (bytes.size() > kMostNumberBytes) return Other(leaf, "a decimal of " + std::to_string(bytes.size()) + " bytes");
  while (bytes.size() > kWideBytes && (static_cast<uint8_t>(bytes[0]) == 0 || static_cast<uint8_t>(bytes[0]) == 0xff) &&
         ((bytes[0] ^ bytes[1]) & 0x80) == 0)
    bytes.remove_prefix(1);
  if (schema.precision > kLongestDecimal) return OwnText(leaf, WithPoint(Digits(bytes), schema.scale));
  if (bytes.size() > kWideBytes) return Other(leaf, WithPoint(Digits(bytes), schema.scale));
  leaf.wide = data::FromBigEndian(bytes);
  leaf.precision = schema.precision;
  leaf.scale = schema.scale;
  leaf.form = Form::kDecimal;
  // As many digits as a precision allows fit into few bytes; only more bytes are looked at closely.
  if (bytes.size() < static_cast<size_t>(data::DecimalBytes(schema.precision))) return;
  const std::string digits = data::DecimalText(leaf.wide, 0);
  if (digits.size() - (digits[0] == '-' ? 1 : 0) > static_cast<size_t>(schema.precision))
    Other(leaf, data::DecimalText(leaf.wide, schema.scale));
}

/// "big-decimal": the number's bytes, then its scale, packed into bytes.
void ReadBigDecimal(std::string_view packed, Leaf& leaf) {
  AvroDecoder in(packed);
  const std::string_view bytes = in.Bytes();
  const int32_t scale = in.Int();
  if (in.failed() || !in.at_end() || bytes.empty() || bytes.size() > kMostNumberBytes || std::abs(scale) > kMostZeros)
    return Other(leaf, "no big-decimal: " + data::BinaryText(packed.substr(0, 100)));
  OwnText(leaf, WithPoint(Digits(bytes), scale));
}

std::string DurationText(std::string_view bytes) {
  std::array<uint32_t, 3> parts{};
  std::memcpy(parts.data(), bytes.data(), std::min(bytes.size(), sizeof parts));
  return fmt::format("P{}M{}DT{}S", parts[0], parts[1], data::SecondsText(parts[2], 1000));
}

bool IsUuid(std::string_view text) {
  if (text.size() != kUuidText) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

void ReadText(std::string_view bytes, const AvroSchema& schema, Leaf& leaf) {
  leaf.form = Form::kText;
  leaf.bytes = bytes;
  if (!data::IsUtf8(bytes)) Other(leaf, data::ReadableText(bytes, 200) + " (not UTF-8)");
  else if (schema.logical == AvroLogical::kUuid && !IsUuid(bytes)) Other(leaf, std::string(bytes));
}

void ReadBytes(std::string_view bytes, const AvroSchema& schema, Leaf& leaf) {
  leaf.bytes = bytes;
  leaf.form = Form::kBinary;
  switch (schema.logical) {
    case AvroLogical::kDecimal: return ReadDecimal(bytes, schema, leaf);
    case AvroLogical::kBigDecimal: return ReadBigDecimal(bytes, leaf);
    case AvroLogical::kDuration: return OwnText(leaf, DurationText(bytes));
    case AvroLogical::kUuid:
      if (bytes.size() != kWideBytes) return;  // damage
      return OwnText(leaf, data::ToText(std::string(bytes), *data::Primitive(TypeId::kUuid)));
    default: return;
  }
}

void ReadWhole(int64_t value, const AvroSchema& schema, Leaf& leaf) {
  leaf.form = Form::kWhole;
  leaf.whole = value;
  switch (schema.logical) {
    case AvroLogical::kDate:
      leaf.form = Form::kDate;
      if (value < kFirstDay || value > kLastDay) Other(leaf, std::to_string(value) + " days since 1970");
      return;
    case AvroLogical::kTime: return ReadTime(value, schema, leaf);
    case AvroLogical::kTimestamp:
    case AvroLogical::kLocalTimestamp: return ReadTimestamp(value, schema, leaf);
    default: return;
  }
}

/// A whole number as a double that is it exactly.
bool IsExact(int64_t whole, double& real) {
  real = static_cast<double>(whole);
  constexpr double kEnd = 9223372036854775808.0;
  return real < kEnd && static_cast<int64_t>(real) == whole;
}

bool IsReal(const Leaf& leaf, const data::Type& type) {
  double real = leaf.real;
  if (leaf.form == Form::kWhole && !IsExact(leaf.whole, real)) return false;
  if (leaf.form != Form::kWhole && leaf.form != Form::kReal) {
    return leaf.form == Form::kText && data::ParseExact(leaf.bytes, real);
  }
  return type.id == TypeId::kDouble || std::isnan(real) || static_cast<double>(static_cast<float>(real)) == real;
}

/// Whether the leaf's text is a value of a type that has another form than its own.
bool Reads(const std::string& text, const data::Type& type) {
  int32_t narrow = 0;
  int64_t whole = 0;
  data::Int128 wide;
  bool truth = false;
  switch (type.id) {
    case TypeId::kBoolean: return data::ParseExact(text, truth);
    case TypeId::kInt: return data::ParseExact(text, narrow);
    case TypeId::kLong: return data::ParseExact(text, whole);
    case TypeId::kDecimal: return data::ParseExactDecimal(text, type.precision, type.scale, wide);
    case TypeId::kDate: return data::ParseExactDate(text, narrow);
    case TypeId::kTime: return data::ParseExactTime(text, whole);
    case TypeId::kTimestamp: return data::ParseExactTimestamp(text, whole);
    case TypeId::kTimestampTz: return data::ParseExactTimestampTz(text, whole);
    case TypeId::kUuid: return IsUuid(text);
    default: return false;
  }
}

}  // namespace

void ReadLeaf(AvroDecoder& in, const AvroSchema& schema, Leaf& leaf) {
  switch (schema.kind) {
    case AvroKind::kBoolean:
      leaf.form = Form::kTruth;
      leaf.truth = in.Bool();
      return;
    case AvroKind::kInt: return ReadWhole(in.Int(), schema, leaf);
    case AvroKind::kLong: return ReadWhole(in.Long(), schema, leaf);
    case AvroKind::kFloat:
    case AvroKind::kDouble:
      leaf.form = Form::kReal;
      leaf.narrow = schema.kind == AvroKind::kFloat;
      leaf.real = leaf.narrow ? static_cast<double>(in.Float()) : in.Double();
      return;
    case AvroKind::kString: return ReadText(in.Bytes(), schema, leaf);
    case AvroKind::kBytes: return ReadBytes(in.Bytes(), schema, leaf);
    case AvroKind::kFixed: return ReadBytes(in.Raw(schema.fixed_size), schema, leaf);
    case AvroKind::kEnum: {
      const int32_t symbol = in.Int();
      leaf.form = Form::kText;
      if (symbol < 0 || static_cast<size_t>(symbol) >= schema.symbols.size()) in.Fail("an enum has no such symbol");
      else leaf.bytes = schema.symbols[static_cast<size_t>(symbol)];
      return;
    }
    default: leaf.form = Form::kNull; return;
  }
}

std::string LeafText(const Leaf& leaf) {
  const auto as = [](const data::Value& value, TypeId id) { return data::ToText(value, *data::Primitive(id)); };
  switch (leaf.form) {
    case Form::kNull: return "";
    case Form::kTruth: return leaf.truth ? "true" : "false";
    case Form::kWhole: return std::to_string(leaf.whole);
    case Form::kReal:
      return leaf.narrow ? fmt::format("{}", static_cast<float>(leaf.real)) : fmt::format("{}", leaf.real);
    case Form::kDecimal: return data::DecimalText(leaf.wide, leaf.scale);
    case Form::kDate: return as(static_cast<int32_t>(leaf.whole), TypeId::kDate);
    case Form::kTime: return as(leaf.whole, TypeId::kTime);
    case Form::kTimestamp: return as(leaf.whole, TypeId::kTimestamp);
    case Form::kTimestampTz: return as(leaf.whole, TypeId::kTimestampTz);
    case Form::kText: return std::string(leaf.bytes);
    case Form::kBinary: return data::BinaryText(leaf.bytes);
    case Form::kOther: return leaf.text;
  }
  return "";
}

std::optional<std::string> LeafTextAs(const Leaf& leaf, const data::Type& type) {
  std::string text = LeafText(leaf);
  switch (type.id) {
    case TypeId::kString:
      return leaf.form == Form::kOther && text.ends_with("(not UTF-8)") ? std::nullopt : std::optional(std::move(text));
    case TypeId::kFloat:
    case TypeId::kDouble: return IsReal(leaf, type) ? std::optional(std::move(text)) : std::nullopt;
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return text;
    case TypeId::kInt:
    case TypeId::kLong:
      if (leaf.form == Form::kReal && text.ends_with(".0")) text.resize(text.size() - 2);
      break;
    default: break;
  }
  if (leaf.form == Form::kOther && type.id != TypeId::kDecimal) return std::nullopt;
  return Reads(text, type) ? std::optional(std::move(text)) : std::nullopt;
}

std::string LeafJson(const Leaf& leaf) {
  switch (leaf.form) {
    case Form::kNull: return "null";
    case Form::kTruth:
    case Form::kWhole:
    case Form::kDecimal: return LeafText(leaf);
    case Form::kReal: return std::isfinite(leaf.real) ? LeafText(leaf) : JsonQuoted(LeafText(leaf));
    default: return JsonQuoted(LeafText(leaf));
  }
}

}  // namespace leat::components::avro
