#include "data/orc_schema.h"

#include <functional>
#include <limits>
#include <utility>

namespace leat::data {
namespace {

constexpr int kMostLevels = 60;
constexpr size_t kMostTypes = 20'000;
constexpr uint64_t kMostKinds = static_cast<uint64_t>(OrcKind::kInstant);

bool TakeVarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in[0]);
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

/// One field of a message: a number, or bytes.
struct Field {
  uint64_t number = 0;
  uint64_t value = 0;
  std::string_view bytes;
};

/// False where the bytes are no message, or `take` says so.
bool EachField(std::string_view in, const std::function<bool(const Field& field)>& take) {
  while (!in.empty()) {
    uint64_t key = 0;
    if (!TakeVarint(in, key)) return false;
    Field field;
    field.number = key >> 3;
    switch (key & 7) {
      case 0:
        if (!TakeVarint(in, field.value)) return false;
        break;
      case 2:
        if (!TakeVarint(in, field.value) || field.value > in.size()) return false;
        field.bytes = in.substr(0, field.value);
        in.remove_prefix(field.value);
        break;
      case 1:
      case 5: {
        const size_t width = (key & 7) == 1 ? 8 : 4;
        if (in.size() < width) return false;
        in.remove_prefix(width);
        break;
      }
      default: return false;
    }
    if (!take(field)) return false;
  }
  return true;
}

/// A type as it stands in the footer: what is inside of it by number.
struct FlatType {
  uint64_t kind = 0, precision = 0, scale = 0;
  std::vector<uint64_t> parts;
  std::vector<std::string> names;
};

bool ParseType(std::string_view bytes, FlatType& type) {
  return EachField(bytes, [&](const Field& field) {
    if (field.number == 1) type.kind = field.value;
    if (field.number == 3) type.names.emplace_back(field.bytes);
    if (field.number == 5) type.precision = field.value;
    if (field.number == 6) type.scale = field.value;
    if (field.number != 2) return true;
    std::string_view packed = field.bytes;  // packed or one by one
    if (packed.data() == nullptr) type.parts.push_back(field.value);
    for (uint64_t part = 0; !packed.empty();) {
      if (!TakeVarint(packed, part)) return false;
      type.parts.push_back(part);
    }
    return true;
  });
}

/// Parts stand behind what they are in, each in one type: no type is inside of itself.
bool Build(const std::vector<FlatType>& flat, size_t id, int level, std::vector<bool>& used, OrcType& type) {
  if (id >= flat.size() || level > kMostLevels || used[id]) return false;
  used[id] = true;
  const FlatType& from = flat[id];
  if (from.kind > kMostKinds) return false;
  type.kind = static_cast<OrcKind>(from.kind);
  type.id = static_cast<uint32_t>(id);
  if (type.kind == OrcKind::kDecimal) {
    // Before Hive 0.13 a decimal said neither.
    type.precision = from.precision == 0 ? 38 : static_cast<int>(std::min<uint64_t>(from.precision, 99));
    type.scale = from.precision == 0 && from.scale == 0 ? 18 : static_cast<int>(std::min<uint64_t>(from.scale, 99));
    if (type.precision > 38 || type.scale > type.precision) return false;
  }
  const bool right = type.kind == OrcKind::kList     ? from.parts.size() == 1
                     : type.kind == OrcKind::kMap    ? from.parts.size() == 2
                     : type.kind == OrcKind::kStruct ? from.parts.size() == from.names.size()
                     : type.kind == OrcKind::kUnion  ? !from.parts.empty() && from.parts.size() <= 256
                                                     : from.parts.empty();
  if (!right) return false;
  if (type.kind == OrcKind::kStruct) type.names = from.names;
  for (const uint64_t part : from.parts) {
    if (!Build(flat, part, level + 1, used, type.parts.emplace_back())) return false;
  }
  return true;
}

bool ParseStripe(std::string_view bytes, OrcStripe& stripe, bool& encrypted) {
  return EachField(bytes, [&](const Field& field) {
    if (field.number == 1) stripe.offset = field.value;
    if (field.number == 2) stripe.index_bytes = field.value;
    if (field.number == 3) stripe.data_bytes = field.value;
    if (field.number == 4) stripe.footer_bytes = field.value;
    if (field.number == 5) stripe.rows = field.value;
    encrypted = encrypted || field.number == 7;
    return true;
  });
}

}  // namespace

std::optional<OrcPostscript> ParseOrcPostscript(std::string_view bytes) {
  OrcPostscript found;
  const bool sound = EachField(bytes, [&](const Field& field) {
    if (field.number == 1) found.footer_bytes = field.value;
    if (field.number == 2) found.packing = field.value;
    if (field.number == 3) found.block_bytes = field.value;
    if (field.number == 8000) found.magic = field.bytes;
    return true;
  });
  return sound ? std::optional(std::move(found)) : std::nullopt;
}

std::optional<OrcFooter> ParseOrcFooter(std::string_view bytes) {
  OrcFooter footer;
  std::vector<FlatType> types;
  const bool sound = EachField(bytes, [&](const Field& field) {
    if (field.number == 3) return ParseStripe(field.bytes, footer.stripes.emplace_back(), footer.encrypted);
    if (field.number == 4) return types.size() < kMostTypes && ParseType(field.bytes, types.emplace_back());
    if (field.number == 6) footer.rows = field.value;
    footer.encrypted = footer.encrypted || field.number == 10;
    return true;
  });
  std::vector<bool> used(types.size());
  if (!sound || !Build(types, 0, 0, used, footer.root)) return std::nullopt;
  return footer;
}

std::optional<OrcStripeFooter> ParseOrcStripeFooter(std::string_view bytes) {
  OrcStripeFooter footer;
  uint64_t offset = 0;
  const bool sound = EachField(bytes, [&](const Field& field) {
    if (field.number == 1) {
      OrcStreamPlace& place = footer.streams.emplace_back();
      uint64_t column = 0;
      const bool right = EachField(field.bytes, [&](const Field& of) {
        if (of.number == 1) place.kind = of.value;
        if (of.number == 2) column = of.value;
        if (of.number == 3) place.bytes = of.value;
        return true;
      });
      place.column = static_cast<uint32_t>(std::min<uint64_t>(column, std::numeric_limits<uint32_t>::max()));
      place.offset = offset;
      if (place.bytes > std::numeric_limits<uint64_t>::max() / 2 - offset) return false;
      offset += place.bytes;
      return right;
    }
    if (field.number == 2) {
      OrcEncoding& encoding = footer.encodings.emplace_back();
      return EachField(field.bytes, [&](const Field& of) {
        if (of.number == 1) encoding.kind = of.value;
        if (of.number == 2) encoding.dictionary_size = of.value;
        return true;
      });
    }
    if (field.number == 3) footer.zone = field.bytes;
    return true;
  });
  return sound ? std::optional(std::move(footer)) : std::nullopt;
}

}  // namespace leat::data
