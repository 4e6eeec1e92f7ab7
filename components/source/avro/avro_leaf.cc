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

using component::SetOther;
using component::SetOwnText;
using data::AvroDecoder;
using data::AvroKind;
using data::AvroLogical;
using data::AvroSchema;
using data::TypeId;
using Form = Leaf::Form;

constexpr int kLongestDecimal = 38;
constexpr size_t kWideBytes = 16;
constexpr int32_t kMostZeros = 10'000;

void ReadTimestamp(int64_t count, const AvroSchema& schema, Leaf& leaf) {
  int64_t seconds = count / schema.unit, rest = count % schema.unit;
  if (rest < 0) {
    rest += schema.unit;
    --seconds;
  }
  component::SetMoment(leaf, seconds, rest, schema.unit, schema.logical == AvroLogical::kTimestamp);
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
  if (bytes.empty()) return SetOther(leaf, "a decimal of no bytes");
  if (bytes.size() > kMostNumberBytes) return SetOther(leaf, "a decimal of " + std::to_string(bytes.size()) + " bytes");
  while (bytes.size() > kWideBytes && (static_cast<uint8_t>(bytes[0]) == 0 || static_cast<uint8_t>(bytes[0]) == 0xff) &&
         ((bytes[0] ^ bytes[1]) & 0x80) == 0)
    bytes.remove_prefix(1);
  if (schema.precision > kLongestDecimal) return SetOwnText(leaf, WithPoint(Digits(bytes), schema.scale));
  if (bytes.size() > kWideBytes) return SetOther(leaf, WithPoint(Digits(bytes), schema.scale));
  leaf.wide = data::FromBigEndian(bytes);
  // As many digits as a precision allows fit into few bytes; only more bytes are looked at closely.
  if (bytes.size() >= static_cast<size_t>(data::DecimalBytes(schema.precision)))
    return component::SetDecimal(leaf, leaf.wide, schema.precision, schema.scale);
  leaf.precision = schema.precision;
  leaf.scale = schema.scale;
  leaf.form = Form::kDecimal;
}

/// "big-decimal": the number's bytes, then its scale, packed into bytes.
void ReadBigDecimal(std::string_view packed, Leaf& leaf) {
  AvroDecoder in(packed);
  const std::string_view bytes = in.Bytes();
  const int32_t scale = in.Int();
  if (in.failed() || !in.at_end() || bytes.empty() || bytes.size() > kMostNumberBytes || std::abs(scale) > kMostZeros)
    return SetOther(leaf, "no big-decimal: " + data::BinaryText(packed.substr(0, 100)));
  SetOwnText(leaf, WithPoint(Digits(bytes), scale));
}

std::string DurationText(std::string_view bytes) {
  std::array<uint32_t, 3> parts{};
  std::memcpy(parts.data(), bytes.data(), std::min(bytes.size(), sizeof parts));
  return fmt::format("P{}M{}DT{}S", parts[0], parts[1], data::SecondsText(parts[2], 1000));
}

void ReadText(std::string_view bytes, const AvroSchema& schema, Leaf& leaf) {
  component::SetText(leaf, bytes);
  if (leaf.form == Form::kText && schema.logical == AvroLogical::kUuid && !component::IsUuidText(bytes))
    SetOther(leaf, std::string(bytes));
}

void ReadBytes(std::string_view bytes, const AvroSchema& schema, Leaf& leaf) {
  leaf.bytes = bytes;
  leaf.form = Form::kBinary;
  switch (schema.logical) {
    case AvroLogical::kDecimal: return ReadDecimal(bytes, schema, leaf);
    case AvroLogical::kBigDecimal: return ReadBigDecimal(bytes, leaf);
    case AvroLogical::kDuration: return SetOwnText(leaf, DurationText(bytes));
    case AvroLogical::kUuid:
      if (bytes.size() != kWideBytes) return;  // damage
      return SetOwnText(leaf, data::ToText(std::string(bytes), *data::Primitive(TypeId::kUuid)));
    default: return;
  }
}

void ReadWhole(int64_t value, const AvroSchema& schema, Leaf& leaf) {
  leaf.form = Form::kWhole;
  leaf.whole = value;
  switch (schema.logical) {
    case AvroLogical::kDate: return component::SetDate(leaf, value);
    case AvroLogical::kTime: return component::SetTime(leaf, value, schema.unit);
    case AvroLogical::kTimestamp:
    case AvroLogical::kLocalTimestamp: return ReadTimestamp(value, schema, leaf);
    default: return;
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

}  // namespace leat::components::avro
