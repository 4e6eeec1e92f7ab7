#include "data/avro.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace leat::data {
namespace {

constexpr int kMostDepth = 256;
// Items of no bytes (nulls, records without fields) that one list may have: a count of 2^60 costs a writer nine bytes.
constexpr int64_t kMostEmptyItems = 1 << 20;

static_assert(std::endian::native == std::endian::little, "floats are stored with the low byte first");

}  // namespace

void AvroEncoder::Long(int64_t value) {
  uint64_t bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (bits >= 0x80) {
    out_ += static_cast<char>(static_cast<uint8_t>(bits | 0x80));
    bits >>= 7;
  }
  out_ += static_cast<char>(static_cast<uint8_t>(bits));
}

void AvroEncoder::Float(float value) {
  char raw[4];
  std::memcpy(raw, &value, 4);
  out_.append(raw, 4);
}

void AvroEncoder::Double(double value) {
  char raw[8];
  std::memcpy(raw, &value, 8);
  out_.append(raw, 8);
}

void AvroEncoder::Bytes(std::string_view bytes) {
  Long(static_cast<int64_t>(bytes.size()));
  out_ += bytes;
}

int64_t AvroDecoder::Fail(const char* what) {
  if (what_ == nullptr) what_ = what;
  return 0;
}

int64_t AvroDecoder::Long() {
  if (failed()) return 0;
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at_ >= bytes_.size()) return Fail("a number is cut off");
    const auto byte = static_cast<uint8_t>(bytes_[at_++]);
    if (shift == 63 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  return Fail("a number is longer than 64 bits");
}

int32_t AvroDecoder::Int() {
  const int64_t value = Long();
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())
    return static_cast<int32_t>(Fail("an int is longer than 32 bits"));
  return static_cast<int32_t>(value);
}

bool AvroDecoder::Bool() {
  const std::string_view byte = Raw(1);
  if (byte.empty() || byte[0] == 0) return false;
  if (byte[0] != 1) Fail("a boolean is neither 0 nor 1");
  return !failed();
}

float AvroDecoder::Float() {
  float value = 0;
  if (const auto raw = Raw(sizeof value); raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

double AvroDecoder::Double() {
  double value = 0;
  if (const auto raw = Raw(sizeof value); raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

std::string_view AvroDecoder::Raw(int64_t count) {
  if (failed()) return {};
  if (count < 0 || static_cast<uint64_t>(count) > bytes_.size() - at_) {
    Fail(count < 0 ? "a length is negative" : "a length goes beyond the end");
    return {};
  }
  const std::string_view part = bytes_.substr(at_, static_cast<size_t>(count));
  at_ += part.size();
  return part;
}

bool AvroDecoder::Enter() {
  ++depth_;
  if (depth_ > kMostDepth) Fail("values are nested too deeply");
  return !failed();
}

// Blocks of items until an empty one; a negative count is followed by the block's size in bytes.
void EachAvroItem(AvroDecoder& in, size_t least_bytes, const std::function<void()>& each) {
  int64_t empty_items = 0;
  while (!in.failed()) {
    int64_t count = in.Long();
    if (count == 0) return;
    if (count < 0) {
      const int64_t size = in.Long();
      count = count == std::numeric_limits<int64_t>::min() ? -1 : -count;
      if (count < 0 || size < 0 || static_cast<uint64_t>(size) > in.left()) {
        in.Fail("the size of a block of items goes beyond the end");
        return;
      }
    }
    if (least_bytes == 0) empty_items += std::min(count, kMostEmptyItems + 1);
    if (least_bytes == 0 ? empty_items > kMostEmptyItems : static_cast<uint64_t>(count) > in.left() / least_bytes) {
      in.Fail("more items are announced than there is room for");
      return;
    }
    for (int64_t i = 0; i < count && !in.failed(); ++i) each();
  }
}

const AvroSchema* TakeAvroBranch(AvroDecoder& in, const AvroSchema& a_union) {
  const int64_t branch = in.Long();
  if (branch < 0 || static_cast<uint64_t>(branch) >= a_union.branches.size()) in.Fail("a union has no such branch");
  return in.failed() ? nullptr : a_union.branches[static_cast<size_t>(branch)].get();
}

void SkipAvro(AvroDecoder& in, const AvroSchema& schema) {
  switch (schema.kind) {
    case AvroKind::kNull: return;
    case AvroKind::kBoolean: in.Bool(); return;
    case AvroKind::kInt: in.Int(); return;
    case AvroKind::kEnum:
    case AvroKind::kLong: in.Long(); return;
    case AvroKind::kFloat: in.Float(); return;
    case AvroKind::kDouble: in.Double(); return;
    case AvroKind::kString:
    case AvroKind::kBytes: in.Bytes(); return;
    case AvroKind::kFixed: in.Raw(schema.fixed_size); return;
    case AvroKind::kArray:
    case AvroKind::kMap: {
      if (!in.Enter()) return;
      const bool keys = schema.kind == AvroKind::kMap;
      const AvroSchema& item = *schema.branches[0];
      EachAvroItem(in, item.least_bytes() + (keys ? 1 : 0), [&] {
        if (keys) in.Bytes();
        SkipAvro(in, item);
      });
      in.Leave();
      return;
    }
    case AvroKind::kRecord:
      if (!in.Enter()) return;
      for (const AvroField& field : schema.fields) SkipAvro(in, *field.schema);
      in.Leave();
      return;
    case AvroKind::kUnion:
      if (const AvroSchema* branch = TakeAvroBranch(in, schema)) SkipAvro(in, *branch);
      return;
    case AvroKind::kLink: SkipAvro(in, *schema.link); return;
  }
}

void DecodeAvro(AvroDecoder& in, const AvroSchema& schema, AvroValue& out) {
  out.kind = schema.kind;
  switch (schema.kind) {
    case AvroKind::kNull: return;
    case AvroKind::kBoolean: out.number = in.Bool() ? 1 : 0; return;
    case AvroKind::kInt:
    case AvroKind::kEnum:
    case AvroKind::kLong:
      out.kind = AvroKind::kLong;
      out.number = schema.kind == AvroKind::kLong ? in.Long() : in.Int();
      return;
    case AvroKind::kFloat: out.real = static_cast<double>(in.Float()); return;
    case AvroKind::kDouble: out.real = in.Double(); return;
    case AvroKind::kString:
    case AvroKind::kBytes:
      out.kind = AvroKind::kBytes;
      out.bytes = in.Bytes();
      return;
    case AvroKind::kFixed: out.bytes = in.Raw(schema.fixed_size); return;
    case AvroKind::kArray:
    case AvroKind::kMap: {
      if (!in.Enter()) return;
      const bool keys = schema.kind == AvroKind::kMap;
      const AvroSchema& item = *schema.branches[0];
      EachAvroItem(in, item.least_bytes() + (keys ? 1 : 0), [&] {
        if (keys) {
          AvroValue& key = out.items.emplace_back();
          key.kind = AvroKind::kBytes;
          key.bytes = in.Bytes();
        }
        DecodeAvro(in, item, out.items.emplace_back());
      });
      in.Leave();
      return;
    }
    case AvroKind::kRecord:
      if (!in.Enter()) return;
      out.items.resize(schema.fields.size());
      for (size_t i = 0; i < schema.fields.size(); ++i) DecodeAvro(in, *schema.fields[i].schema, out.items[i]);
      in.Leave();
      return;
    case AvroKind::kUnion: {
      const AvroSchema* branch = TakeAvroBranch(in, schema);
      out.kind = AvroKind::kNull;
      if (branch != nullptr) DecodeAvro(in, *branch, out);
      return;
    }
    case AvroKind::kLink: DecodeAvro(in, *schema.link, out); return;
  }
}

}  // namespace leat::data
