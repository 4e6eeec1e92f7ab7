#include "components/source/adbc/arrow_type.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>

namespace leat::components::adbc {
namespace {

using data::TypeId;
using Kind = ArrowType::Kind;

constexpr int kLongestDecimal = 38;
constexpr int kUuidBytes = 16;

int32_t ReadInt32(const char*& at) {
  int32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

/// Key-value pairs as the C data interface writes them: a count, then lengths and bytes.
std::map<std::string, std::string> Metadata(const char* at) {
  std::map<std::string, std::string> pairs;
  if (at == nullptr) return pairs;
  for (int32_t left = ReadInt32(at); left > 0; --left) {
    std::array<std::string, 2> pair;
    for (std::string& text : pair) {
      const int32_t length = ReadInt32(at);
      text.assign(at, static_cast<size_t>(length));
      at += length;
    }
    pairs.insert({pair[0], pair[1]});
  }
  return pairs;
}

int64_t UnitOf(char letter) {
  switch (letter) {
    case 'm': return 1000;
    case 'u': return 1'000'000;
    case 'n': return 1'000'000'000;
    default: return 1;
  }
}

struct Simple {
  Kind kind;
  int width;
};

const std::map<std::string, Simple>& SimpleTypes() {
  static const std::map<std::string, Simple> types = {
      {"n", {Kind::kNull, 0}},         {"b", {Kind::kBoolean, 0}},
      {"c", {Kind::kSigned, 1}},       {"s", {Kind::kSigned, 2}},
      {"i", {Kind::kSigned, 4}},       {"l", {Kind::kSigned, 8}},
      {"C", {Kind::kUnsigned, 1}},     {"S", {Kind::kUnsigned, 2}},
      {"I", {Kind::kUnsigned, 4}},     {"L", {Kind::kUnsigned, 8}},
      {"e", {Kind::kHalf, 2}},         {"f", {Kind::kFloat, 4}},
      {"g", {Kind::kDouble, 8}},       {"u", {Kind::kText, 4}},
      {"U", {Kind::kText, 8}},         {"z", {Kind::kBinary, 4}},
      {"Z", {Kind::kBinary, 8}},       {"vu", {Kind::kTextView, 16}},
      {"vz", {Kind::kBinaryView, 16}}, {"tiM", {Kind::kMonths, 4}},
      {"tiD", {Kind::kDaysMillis, 8}}, {"tin", {Kind::kMonthsDaysNanos, 16}},
      {"+l", {Kind::kList, 4}},        {"+L", {Kind::kList, 8}},
      {"+s", {Kind::kStruct, 0}},      {"+m", {Kind::kMap, 4}}};
  return types;
}

/// Times, decimals and what has a length: false where the format is another one.
bool ParseParts(const std::string& format, ArrowType& type) {
  int bits = 128;
  if (std::sscanf(format.c_str(), "d:%d,%d,%d", &type.precision, &type.scale, &bits) >= 2) {
    type.kind = Kind::kDecimal;
    type.width = bits / 8;
    return bits == 32 || bits == 64 || bits == 128 || bits == 256;
  }
  if (std::sscanf(format.c_str(), "w:%d", &type.width) == 1) {
    type.kind = Kind::kFixed;
    return true;
  }
  if (std::sscanf(format.c_str(), "+w:%d", &type.width) == 1) {
    type.kind = Kind::kFixedList;
    return true;
  }
  if (format.size() < 3 || format[0] != 't') return false;
  type.unit = UnitOf(format[2]);
  switch (format[1]) {
    case 'd':
      type.kind = Kind::kDate;
      type.width = format[2] == 'D' ? 4 : 8;
      return true;
    case 't':
      type.kind = Kind::kTime;
      type.width = format[2] == 's' || format[2] == 'm' ? 4 : 8;
      return true;
    case 's':
      type.kind = Kind::kTimestamp;
      type.width = 8;
      type.zoned = format.size() > 4;  // "tsu:" has none, "tsu:UTC" one
      return true;
    case 'D':
      type.kind = Kind::kDuration;
      type.width = 8;
      return true;
    default: return false;
  }
}

}  // namespace

Result<ArrowType> ParseType(const ArrowSchema& schema) {
  ArrowType type;
  type.name = schema.name == nullptr ? "" : schema.name;
  type.format = schema.format;
  auto metadata = Metadata(schema.metadata);
  type.meaning = metadata["ARROW:extension:name"];
  type.database = metadata["POSTGRESQL:type"];
  const auto simple = SimpleTypes().find(type.format);
  if (simple != SimpleTypes().end()) {
    type.kind = simple->second.kind;
    type.width = simple->second.width;
  } else if (!ParseParts(type.format, type)) {
    return MakeError("SRC-318", ErrorKind::kUnsupported, "column '{}' has Arrow's type '{}', which is not read",
                     type.name, type.format)
        .WithHint("leave it out with `exclude`, or cast it in a `query`");
  }
  for (int64_t i = 0; i < schema.n_children; ++i) {
    LEAT_ASSIGN(ArrowType child, ParseType(*schema.children[i]));
    type.children.push_back(std::move(child));
  }
  if (schema.dictionary == nullptr) return type;
  LEAT_ASSIGN(ArrowType values, ParseType(*schema.dictionary));
  ArrowType coded = type;
  coded.kind = Kind::kDictionary;
  coded.children = {std::move(values)};
  return coded;
}

data::TypePtr LakeType(const ArrowType& type) {
  switch (type.kind) {
    case Kind::kBoolean: return data::Primitive(TypeId::kBoolean);
    case Kind::kSigned: return data::Primitive(type.width == 8 ? TypeId::kLong : TypeId::kInt);
    case Kind::kUnsigned:
      if (type.width == 8) return data::Decimal(20, 0);
      return data::Primitive(type.width == 4 ? TypeId::kLong : TypeId::kInt);
    case Kind::kHalf:
    case Kind::kFloat: return data::Primitive(TypeId::kFloat);
    case Kind::kDouble: return data::Primitive(TypeId::kDouble);
    case Kind::kDecimal: {
      const int scale = std::max(type.scale, 0);
      const int precision = std::max(type.precision - std::min(type.scale, 0), scale);
      return precision > kLongestDecimal ? data::Primitive(TypeId::kString) : data::Decimal(precision, scale);
    }
    case Kind::kBinary:
    case Kind::kBinaryView: return data::Primitive(TypeId::kBinary);
    case Kind::kFixed:
      return data::Primitive(type.meaning == "arrow.uuid" && type.width == kUuidBytes ? TypeId::kUuid
                                                                                      : TypeId::kBinary);
    case Kind::kDate: return data::Primitive(TypeId::kDate);
    case Kind::kTime: return data::Primitive(TypeId::kTime);
    case Kind::kTimestamp: return data::Primitive(type.zoned ? TypeId::kTimestampTz : TypeId::kTimestamp);
    case Kind::kDictionary: return LakeType(type.children[0]);
    default: return data::Primitive(TypeId::kString);
  }
}

}  // namespace leat::components::adbc
