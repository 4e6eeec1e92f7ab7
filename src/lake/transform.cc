#include "lake/transform.h"

#include <charconv>
#include <cstring>

#include "data/int128.h"

namespace leat::lake {
namespace {

using data::TypeId;
using data::Value;

Error Unsupported(std::string_view what) {
  return MakeError("LAKE-103", ErrorKind::kUnsupported, "{}", what)
      .WithHint("known transforms: identity, bucket[n], truncate[n], year, month, day, hour, void");
}

uint32_t RotateLeft(uint32_t x, int bits) { return (x << bits) | (x >> (32 - bits)); }

// Murmur3 x86 32 bits, seed 0 (specification, appendix B).
uint32_t Murmur3(std::string_view bytes) {
  uint32_t hash = 0;
  size_t at = 0;
  const auto mix = [](uint32_t k) { return RotateLeft(k * 0xcc9e2d51U, 15) * 0x1b873593U; };
  for (; at + 4 <= bytes.size(); at += 4) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, 4);
    hash = RotateLeft(hash ^ mix(word), 13) * 5 + 0xe6546b64U;
  }
  uint32_t tail = 0;
  for (size_t i = bytes.size(); i > at; --i) tail = (tail << 8) | static_cast<uint8_t>(bytes[i - 1]);
  if (bytes.size() > at) hash ^= mix(tail);
  hash ^= static_cast<uint32_t>(bytes.size());
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
  return hash ^ (hash >> 16);
}

std::string LongBytes(int64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

int64_t AsLong(const Value& value) {
  if (const auto* narrow = std::get_if<int32_t>(&value)) return *narrow;
  return std::get<int64_t>(value);
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

bool IsNanos(TypeId id) { return id == TypeId::kTimestampNs || id == TypeId::kTimestampTzNs; }

bool IsTimestamp(TypeId id) { return id == TypeId::kTimestamp || id == TypeId::kTimestampTz || IsNanos(id); }

Result<Value> Bucket(int width, const Value& value, const data::Type& source) {
  uint32_t hash = 0;
  switch (source.id) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: hash = Murmur3(LongBytes(AsLong(value))); break;
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: hash = Murmur3(LongBytes(FloorDiv(AsLong(value), 1000))); break;
    case TypeId::kDecimal: hash = Murmur3(data::BigEndianMinimal(std::get<data::Int128>(value))); break;
    default: hash = Murmur3(std::get<std::string>(value));
  }
  return Value(static_cast<int32_t>((hash & 0x7fffffffU) % static_cast<uint32_t>(width)));
}

std::string FirstCodePoints(const std::string& text, int count) {
  size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) ++at;
    --count;
  }
  return text.substr(0, at);
}

Value Truncate(int width, const Value& value, const data::Type& source) {
  const auto down = [width](int64_t v) { return v - (((v % width) + width) % width); };
  switch (source.id) {
    case TypeId::kInt: return static_cast<int32_t>(down(AsLong(value)));
    case TypeId::kLong: return down(AsLong(value));
    case TypeId::kDecimal: return data::RoundDown(std::get<data::Int128>(value), width);
    case TypeId::kString: return FirstCodePoints(std::get<std::string>(value), width);
    default: return std::get<std::string>(value).substr(0, static_cast<size_t>(width));
  }
}

// Months since 1970-01 of a day number (proleptic Gregorian calendar).
int64_t MonthOfDay(int64_t days) {
  const int64_t z = days + 719468;
  const int64_t era = FloorDiv(z, 146097);
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;  // 0 is March
  const int64_t month = shifted < 10 ? shifted + 2 : shifted - 10;
  return (year_of_era + era * 400 + (month <= 1 ? 1 : 0) - 1970) * 12 + month;
}

Value Calendar(TransformKind kind, const Value& value, const data::Type& source) {
  const int64_t number = AsLong(value);
  const int64_t micros = IsNanos(source.id) ? FloorDiv(number, 1000) : number;
  if (kind == TransformKind::kHour) return static_cast<int32_t>(FloorDiv(micros, 3'600'000'000LL));
  const int64_t days = source.id == TypeId::kDate ? number : FloorDiv(micros, 86'400'000'000LL);
  if (kind == TransformKind::kDay) return static_cast<int32_t>(days);
  const int64_t months = MonthOfDay(days);
  return static_cast<int32_t>(kind == TransformKind::kMonth ? months : FloorDiv(months, 12));
}

bool Fits(TransformKind kind, TypeId id) {
  switch (kind) {
    case TransformKind::kIdentity:
      return id != TypeId::kVariant && id != TypeId::kStruct && id != TypeId::kList && id != TypeId::kMap;
    case TransformKind::kBucket:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal || id == TypeId::kDate ||
             id == TypeId::kTime || IsTimestamp(id) || id == TypeId::kString || id == TypeId::kUuid ||
             id == TypeId::kFixed || id == TypeId::kBinary;
    case TransformKind::kTruncate:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal || id == TypeId::kString ||
             id == TypeId::kBinary;
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay: return id == TypeId::kDate || IsTimestamp(id);
    case TransformKind::kHour: return IsTimestamp(id);
    case TransformKind::kVoid: return true;
  }
  return false;
}

// `find` gives the source field of an id, or null.
template <typename Find>
Result<std::vector<data::TypePtr>> TypesOf(const PartitionSpec& spec, const Find& find) {
  std::vector<data::TypePtr> types;
  for (const PartitionField& field : spec.fields) {
    LEAT_ASSIGN(const Transform transform, ParseTransform(field.transform));
    const data::Field* source = find(field.source_id);
    if (source == nullptr) {
      if (transform.kind == TransformKind::kVoid) {
        types.push_back(data::Primitive(TypeId::kInt));
        continue;
      }
      return MakeError("LAKE-101", ErrorKind::kData, "partition field '{}' has source id {}, which no schema has",
                       field.name, field.source_id);
    }
    LEAT_ASSIGN(data::TypePtr type, TransformType(transform, source->type));
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace

Result<Transform> ParseTransform(std::string_view text) {
  constexpr std::pair<std::string_view, TransformKind> kPlain[] = {
      {"identity", TransformKind::kIdentity}, {"year", TransformKind::kYear}, {"month", TransformKind::kMonth},
      {"day", TransformKind::kDay},           {"hour", TransformKind::kHour}, {"void", TransformKind::kVoid}};
  for (const auto& [name, kind] : kPlain) {
    if (text == name) return Transform{kind, 0};
  }
  const std::pair<std::string_view, TransformKind> wide[] = {{"bucket[", TransformKind::kBucket},
                                                             {"truncate[", TransformKind::kTruncate}};
  for (const auto& [prefix, kind] : wide) {
    if (!text.starts_with(prefix) || !text.ends_with(']')) continue;
    const std::string_view inner = text.substr(prefix.size(), text.size() - prefix.size() - 1);
    int width = 0;
    const auto [end, code] = std::from_chars(inner.data(), inner.data() + inner.size(), width);
    if (code == std::errc() && end == inner.data() + inner.size() && width > 0) return Transform{kind, width};
  }
  return Unsupported(fmt::format("the partition transform '{}' is not known", text));
}

Result<data::TypePtr> TransformType(const Transform& transform, const data::TypePtr& source) {
  if (!Fits(transform.kind, source->id)) {
    return Unsupported(
        fmt::format("this partition transform does not fit a column of type {}", data::TypeName(*source)));
  }
  switch (transform.kind) {
    case TransformKind::kBucket:
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kHour: return data::Primitive(TypeId::kInt);
    case TransformKind::kDay: return data::Primitive(TypeId::kDate);
    default: return source;
  }
}

Result<Value> ApplyTransform(const Transform& transform, const Value& value, const data::Type& source) {
  if (transform.kind == TransformKind::kVoid || std::holds_alternative<std::monostate>(value)) {
    return Value(std::monostate());
  }
  if (!Fits(transform.kind, source.id)) {
    return Unsupported(
        fmt::format("this partition transform does not fit a column of type {}", data::TypeName(source)));
  }
  switch (transform.kind) {
    case TransformKind::kIdentity: return value;
    case TransformKind::kBucket: return Bucket(transform.width, value, source);
    case TransformKind::kTruncate: return Truncate(transform.width, value, source);
    default: return Calendar(transform.kind, value, source);
  }
}

Result<std::vector<data::TypePtr>> PartitionTypes(const PartitionSpec& spec, const data::Schema& schema) {
  return TypesOf(spec, [&schema](int id) { return schema.FindById(id); });
}

Result<std::vector<data::TypePtr>> PartitionTypes(const PartitionSpec& spec, const TableMetadata& metadata) {
  return TypesOf(spec, [&metadata](int id) {
    const data::Field* field = metadata.current_schema().FindById(id);
    for (auto it = metadata.schemas.rbegin(); field == nullptr && it != metadata.schemas.rend(); ++it)
      field = it->FindById(id);
    return field;
  });
}

}  // namespace leat::lake
