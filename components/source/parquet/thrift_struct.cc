#include "components/source/parquet/thrift_struct.h"

#include <algorithm>
#include <limits>

namespace leat::components::parquet {
namespace {

constexpr int kDeepest = 32;
constexpr uint8_t kSet = 10;
constexpr uint8_t kMap = 11;
constexpr uint8_t kDouble = 7;
constexpr uint8_t kUuid = 13;

/// Takes pieces off the front of a text; every one is false where it is not there.
struct Reader {
  std::string_view bytes;
  size_t at = 0;

  bool Byte(uint8_t& value) {
    if (at >= bytes.size()) return false;
    value = static_cast<uint8_t>(bytes[at++]);
    return true;
  }
  bool Varint(uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      uint8_t byte = 0;
      if (!Byte(byte)) return false;
      value |= uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }
  bool Zigzag(int64_t& value) {
    uint64_t raw = 0;
    if (!Varint(raw)) return false;
    value = static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1);
    return true;
  }
  bool Skip(uint64_t count) {
    if (count > bytes.size() - at) return false;
    at += count;
    return true;
  }
  /// A list's or set's head.
  bool ListHead(uint8_t& type, uint64_t& count) {
    uint8_t head = 0;
    if (!Byte(head)) return false;
    type = head & 15;
    count = head >> 4;
    return count < 15 || Varint(count);
  }
  /// The header of the next field; `type` 0 at the struct's end.
  bool FieldHead(int16_t& id, uint8_t& type) {
    uint8_t head = 0;
    if (!Byte(head)) return false;
    type = head & 15;
    if (head == 0) return true;
    int64_t next = id + (head >> 4);
    if (head >> 4 == 0 && !Zigzag(next)) return false;
    if (next <= id || next > std::numeric_limits<int16_t>::max()) return false;  // fields come in their order
    id = static_cast<int16_t>(next);
    return type != 0;
  }
  bool Items(uint8_t type, uint64_t count, int depth) {
    if (count > bytes.size() - at) return false;  // each has a byte at least
    for (uint64_t i = 0; i < count; ++i) {
      if (!Value(type, true, depth)) return false;
    }
    return true;
  }
  bool Struct(int depth) {
    int16_t id = 0;
    for (uint8_t type = 0; FieldHead(id, type);) {
      if (type == 0) return true;
      if (!Value(type, false, depth)) return false;
    }
    return false;
  }
  bool Map(int depth) {
    uint64_t count = 0;
    uint8_t types = 0;
    if (!Varint(count)) return false;
    if (count == 0) return true;
    if (!Byte(types) || count > bytes.size() - at) return false;
    for (uint64_t i = 0; i < count; ++i) {
      if (!Value(types >> 4, true, depth) || !Value(types & 15, true, depth)) return false;
    }
    return true;
  }
  /// Goes over a value. `item`: of a list, where a flag has a byte of its own.
  bool Value(uint8_t type, bool item, int depth) {
    uint64_t count = 0;
    uint8_t of = 0;
    if (depth > kDeepest) return false;
    switch (type) {
      case 1:
      case 2: return !item || Skip(1);
      case 3: return Skip(1);
      case 4:
      case 5:
      case 6: return Varint(count);
      case kDouble: return Skip(8);
      case 8: return Varint(count) && Skip(count);
      case 9:
      case kSet: return ListHead(of, count) && Items(of, count, depth + 1);
      case kMap: return Map(depth + 1);
      case 12: return Struct(depth + 1);
      case kUuid: return Skip(16);
      default: return false;
    }
  }
};

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void PutZigzag(std::string& out, int64_t value) {
  PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

}  // namespace

std::optional<ThriftStruct> ThriftStruct::Read(std::string_view bytes, size_t* used) {
  ThriftStruct made;
  Reader reader{bytes};
  int16_t id = 0;
  for (uint8_t type = 0; reader.FieldHead(id, type);) {
    if (type == 0) {
      if (used != nullptr) *used = reader.at;
      return made;
    }
    const size_t begin = reader.at;
    if (!reader.Value(type, false, 0)) return std::nullopt;
    made.fields_.push_back({id, type, bytes.substr(begin, reader.at - begin)});
  }
  return std::nullopt;
}

const ThriftStruct::Field* ThriftStruct::Find(int16_t id) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.id == id; });
  return found == fields_.end() ? nullptr : &*found;
}

std::optional<int64_t> ThriftStruct::Number(int16_t id) const {
  const Field* const field = Find(id);
  int64_t value = 0;
  if (field == nullptr || field->type < 4 || field->type > 6 || !Reader{field->bytes}.Zigzag(value))
    return std::nullopt;
  return value;
}

std::optional<ThriftStruct> ThriftStruct::Struct(int16_t id) const {
  const Field* const field = Find(id);
  if (field == nullptr || field->type != static_cast<uint8_t>(ThriftType::kStruct)) return std::nullopt;
  return Read(field->bytes);
}

std::optional<std::vector<std::string_view>> ThriftStruct::Structs(int16_t id) const {
  const Field* const field = Find(id);
  if (field == nullptr || field->type != static_cast<uint8_t>(ThriftType::kList)) return std::nullopt;
  Reader reader{field->bytes};
  uint8_t type = 0;
  uint64_t count = 0;
  if (!reader.ListHead(type, count) || (count > 0 && type != static_cast<uint8_t>(ThriftType::kStruct)))
    return std::nullopt;
  std::vector<std::string_view> items;
  for (uint64_t i = 0; i < count; ++i) {
    const size_t begin = reader.at;
    if (!reader.Struct(0)) return std::nullopt;
    items.push_back(field->bytes.substr(begin, reader.at - begin));
  }
  return items;
}

void ThriftStruct::Set(int16_t id, ThriftType type, std::string bytes) {
  Erase(id);
  const auto place = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.id > id; });
  fields_.insert(place, Field{id, static_cast<uint8_t>(type), {}, std::move(bytes)});
}

void ThriftStruct::SetI32(int16_t id, int32_t value) {
  std::string bytes;
  PutZigzag(bytes, value);
  Set(id, ThriftType::kI32, std::move(bytes));
}

void ThriftStruct::SetText(int16_t id, std::string_view text) {
  std::string bytes;
  PutVarint(bytes, text.size());
  Set(id, ThriftType::kBinary, bytes.append(text));
}

void ThriftStruct::SetStructs(int16_t id, const std::vector<std::string>& items) {
  std::string bytes;
  const bool few = items.size() < 15;
  bytes += static_cast<char>((few ? items.size() : 15) << 4 | static_cast<uint8_t>(ThriftType::kStruct));
  if (!few) PutVarint(bytes, items.size());
  for (const std::string& item : items) bytes += item;
  Set(id, ThriftType::kList, std::move(bytes));
}

void ThriftStruct::Erase(int16_t id) {
  std::erase_if(fields_, [&](const Field& field) { return field.id == id; });
}

std::string ThriftStruct::Write() const {
  std::string out;
  int16_t last = 0;
  for (const Field& field : fields_) {
    const int step = field.id - last;
    if (step <= 15) {
      out += static_cast<char>(step << 4 | field.type);
    } else {
      out += static_cast<char>(field.type);
      PutZigzag(out, field.id);
    }
    out += field.changed ? std::string_view(*field.changed) : field.bytes;
    last = field.id;
  }
  return out + '\0';
}

}  // namespace leat::components::parquet
