#include "lake/avro.h"

#include <zlib.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/ids.h"

namespace leat::lake {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic("Obj\1", 4);
constexpr size_t kSyncBytes = 16;
constexpr int kMaxDepth = 32;
// A manifest block of a sane writer is a few megabytes; more is a decompression bomb.
constexpr size_t kMaxBlockBytes = size_t{1} << 30;

Error Broken(std::string_view what) {
  return MakeError("LAKE-111", ErrorKind::kData, "not a sound Avro file: {}", what)
      .WithHint("the file is damaged; restore it, or roll the table back to an earlier snapshot");
}

/// Reads Avro's binary encoding. After a failure all reads give zeros and failed() stays true.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  int64_t Long() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ >= bytes_.size()) return Fail();
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
    }
    return Fail();
  }
  std::string_view Raw(int64_t count) {
    if (failed_ || count < 0 || static_cast<uint64_t>(count) > bytes_.size() - at_) {
      Fail();
      return {};
    }
    const std::string_view part = bytes_.substr(at_, static_cast<size_t>(count));
    at_ += part.size();
    return part;
  }
  std::string_view Bytes() {
    const int64_t count = Long();
    return Raw(count);
  }
  int64_t Fail() {
    failed_ = true;
    at_ = bytes_.size();
    return 0;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return at_ >= bytes_.size(); }
  size_t position() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool failed_ = false;
};

/// Builds AvroSchema from JSON; named types may be used again by name.
class SchemaParser {
 public:
  Result<AvroSchemaPtr> Parse(const json& in, int depth = 0) {
    if (depth > kMaxDepth) return Broken("its schema is nested too deeply");
    if (in.is_string()) return FromName(in.get<std::string>());
    if (in.is_array()) {
      auto schema = Make(AvroKind::kUnion);
      for (const json& branch : in) {
        LEAT_ASSIGN(AvroSchemaPtr parsed, Parse(branch, depth + 1));
        schema->branches.push_back(std::move(parsed));
      }
      return schema;
    }
    if (!in.is_object() || !in.contains("type")) return Broken("a type in its schema is neither a name nor an object");
    const json& type = in["type"];
    if (type == "record") return Record(in, depth);
    if (type == "array" || type == "map") {
      const char* part = type == "array" ? "items" : "values";
      if (!in.contains(part)) return Broken("an array or map in its schema does not say of what");
      auto schema = Make(type == "array" ? AvroKind::kArray : AvroKind::kMap);
      LEAT_ASSIGN(AvroSchemaPtr items, Parse(in[part], depth + 1));
      schema->branches.push_back(std::move(items));
      return schema;
    }
    if (type == "fixed") {
      if (!in.contains("size") || !in["size"].is_number_integer())
        return Broken("a fixed type in its schema has no size");
      auto schema = Make(AvroKind::kFixed);
      schema->fixed_size = in["size"].get<int>();
      Remember(in, schema);
      return schema;
    }
    if (type == "enum") {
      auto schema = Make(AvroKind::kLong);
      Remember(in, schema);
      return schema;
    }
    return Parse(type, depth + 1);
  }

 private:
  static AvroSchemaPtr Make(AvroKind kind) {
    auto schema = std::make_shared<AvroSchema>();
    schema->kind = kind;
    return schema;
  }
  Result<AvroSchemaPtr> FromName(const std::string& name) {
    if (name == "null") return Make(AvroKind::kNull);
    if (name == "boolean") return Make(AvroKind::kBoolean);
    if (name == "int" || name == "long") return Make(AvroKind::kLong);
    if (name == "float") return Make(AvroKind::kFloat);
    if (name == "double") return Make(AvroKind::kDouble);
    if (name == "bytes" || name == "string") return Make(AvroKind::kBytes);
    const auto it = named_.find(name);
    if (it == named_.end()) return Broken(fmt::format("its schema uses the unknown type '{}'", name));
    return it->second;
  }
  Result<AvroSchemaPtr> Record(const json& in, int depth) {
    auto schema = Make(AvroKind::kRecord);
    if (!in.contains("fields") || !in["fields"].is_array()) return Broken("a record in its schema has no fields");
    for (const json& field : in["fields"]) {
      if (!field.is_object() || !field.contains("type")) return Broken("a field in its schema has no type");
      AvroField out;
      if (const auto name = field.find("name"); name != field.end() && name->is_string())
        out.name = name->get<std::string>();
      if (const auto id = field.find("field-id"); id != field.end() && id->is_number_integer())
        out.field_id = id->get<int>();
      LEAT_ASSIGN(out.schema, Parse(field["type"], depth + 1));
      schema->fields.push_back(std::move(out));
    }
    Remember(in, schema);
    return schema;
  }
  void Remember(const json& in, const AvroSchemaPtr& schema) {
    if (const auto name = in.find("name"); name != in.end() && name->is_string())
      named_[name->get<std::string>()] = schema;
  }

  std::map<std::string, AvroSchemaPtr> named_;
};

void Decode(Decoder& in, const AvroSchema& schema, AvroValue& out);

// Arrays and maps: blocks of items until an empty one; a negative count is followed by the block's size.
void DecodeBlocks(Decoder& in, const AvroSchema& item, bool keys, AvroValue& out) {
  while (!in.failed()) {
    int64_t count = in.Long();
    if (count == 0) return;
    if (count < 0) {
      count = -count;
      in.Long();
    }
    // Each item takes a byte at least; only records without fields take none.
    if (count < 0 || static_cast<uint64_t>(count) > in.left()) {
      in.Fail();
      return;
    }
    for (int64_t i = 0; i < count && !in.failed(); ++i) {
      if (keys) {
        AvroValue key;
        key.kind = AvroKind::kBytes;
        key.bytes = in.Bytes();
        out.items.push_back(std::move(key));
      }
      Decode(in, item, out.items.emplace_back());
    }
  }
}

void Decode(Decoder& in, const AvroSchema& schema, AvroValue& out) {
  out.kind = schema.kind;
  switch (schema.kind) {
    case AvroKind::kNull: return;
    case AvroKind::kBoolean: {
      const std::string_view byte = in.Raw(1);
      out.number = !byte.empty() && byte[0] != 0 ? 1 : 0;
      return;
    }
    case AvroKind::kLong: out.number = in.Long(); return;
    case AvroKind::kFloat: {
      float value = 0;
      if (const auto raw = in.Raw(4); raw.size() == 4) std::memcpy(&value, raw.data(), 4);
      out.real = static_cast<double>(value);
      return;
    }
    case AvroKind::kDouble:
      if (const auto raw = in.Raw(8); raw.size() == 8) std::memcpy(&out.real, raw.data(), 8);
      return;
    case AvroKind::kBytes: out.bytes = in.Bytes(); return;
    case AvroKind::kFixed: out.bytes = in.Raw(schema.fixed_size); return;
    case AvroKind::kArray: DecodeBlocks(in, *schema.branches[0], false, out); return;
    case AvroKind::kMap: DecodeBlocks(in, *schema.branches[0], true, out); return;
    case AvroKind::kRecord:
      out.items.resize(schema.fields.size());
      for (size_t i = 0; i < schema.fields.size(); ++i) Decode(in, *schema.fields[i].schema, out.items[i]);
      return;
    case AvroKind::kUnion: {
      const int64_t branch = in.Long();
      if (in.failed() || branch < 0 || static_cast<size_t>(branch) >= schema.branches.size()) {
        out.kind = AvroKind::kNull;
        in.Fail();
        return;
      }
      Decode(in, *schema.branches[static_cast<size_t>(branch)], out);
      return;
    }
  }
}

std::string Deflate(std::string_view data) {
  z_stream stream{};
  // Manifests are small and written once: the fast level costs a tenth more bytes and half the time.
  deflateInit2(&stream, 3, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> Inflate(std::string_view data) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) return Broken("the decompressor did not start");
  std::string out(std::max<size_t>(4096, data.size() * 4), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  int code = Z_OK;
  while (code == Z_OK) {
    if (stream.total_out == out.size()) {
      if (out.size() >= kMaxBlockBytes) break;
      out.resize(out.size() * 2);
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data()) + stream.total_out;
    stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
    code = inflate(&stream, Z_NO_FLUSH);
    if (code == Z_BUF_ERROR && stream.avail_out == 0) code = Z_OK;
  }
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (code != Z_STREAM_END) return Broken("a block does not decompress");
  return out;
}

const AvroSchema* WithoutNull(const AvroSchema& schema) {
  if (schema.kind != AvroKind::kUnion) return &schema;
  for (const AvroSchemaPtr& branch : schema.branches) {
    if (branch->kind != AvroKind::kNull) return branch.get();
  }
  return &schema;
}

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

std::string WriteAvroFile(std::string_view schema_json, const std::map<std::string, std::string>& metadata,
                          int64_t rows, std::string_view data) {
  std::map<std::string, std::string> all = metadata;
  all["avro.schema"] = schema_json;
  all["avro.codec"] = "deflate";
  AvroEncoder out;
  out.Raw(kMagic);
  out.Long(static_cast<int64_t>(all.size()));
  for (const auto& [key, value] : all) {
    out.Bytes(key);
    out.Bytes(value);
  }
  out.Long(0);
  // Any 16 bytes serve as the marker between blocks; a random UUID's text is as good.
  const std::string sync = NewUuidV4().substr(0, kSyncBytes);
  out.Raw(sync);
  if (rows > 0) {
    out.Long(rows);
    out.Bytes(Deflate(data));
    out.Raw(sync);
  }
  return out.bytes();
}

Result<AvroFile> ReadAvroFile(std::string_view bytes) {
  Decoder in(bytes);
  if (in.Raw(4) != kMagic) return Broken("it does not begin with Avro's mark");
  AvroSchema map_schema;
  map_schema.kind = AvroKind::kMap;
  map_schema.branches.push_back(std::make_shared<AvroSchema>());
  map_schema.branches[0]->kind = AvroKind::kBytes;
  AvroValue header;
  Decode(in, map_schema, header);
  const std::string sync(in.Raw(kSyncBytes));
  if (in.failed()) return Broken("its header is cut off");
  AvroFile file;
  for (size_t i = 0; i + 1 < header.items.size(); i += 2)
    file.metadata[header.items[i].bytes] = header.items[i + 1].bytes;
  const json schema = json::parse(file.metadata["avro.schema"], nullptr, false);
  if (schema.is_discarded()) return Broken("its schema is not JSON");
  LEAT_ASSIGN(file.schema, SchemaParser().Parse(schema));
  const std::string codec = file.metadata.contains("avro.codec") ? file.metadata["avro.codec"] : "null";
  if (codec != "null" && codec != "deflate") {
    return MakeError("LAKE-112", ErrorKind::kUnsupported, "the Avro codec '{}' is not supported", codec)
        .WithHint("have the other engine write manifests with write.avro.compression-codec=gzip");
  }
  while (!in.at_end()) {
    const int64_t rows = in.Long();
    const std::string_view stored = in.Bytes();
    const std::string_view marker = in.Raw(kSyncBytes);
    if (in.failed() || marker != sync) return Broken(fmt::format("the block before byte {} is cut off", in.position()));
    std::string inflated;
    if (codec == "deflate") {
      LEAT_ASSIGN(inflated, Inflate(stored));
    }
    Decoder block(codec == "deflate" ? std::string_view(inflated) : stored);
    for (int64_t i = 0; i < rows; ++i) {
      Decode(block, *file.schema, file.rows.emplace_back());
      if (block.failed()) return Broken(fmt::format("row {} of a block cannot be decoded", i));
    }
    if (!block.at_end()) return Broken("a block is longer than its rows");
  }
  return file;
}

AvroRecordView::AvroRecordView(const AvroSchema& record) {
  for (size_t i = 0; i < record.fields.size(); ++i) {
    if (record.fields[i].field_id >= 0) places_[record.fields[i].field_id] = {i, WithoutNull(*record.fields[i].schema)};
  }
}

const AvroValue* AvroRecordView::Find(const AvroValue& record, int field_id) const {
  const auto it = places_.find(field_id);
  if (it == places_.end() || it->second.index >= record.items.size()) return nullptr;
  const AvroValue& value = record.items[it->second.index];
  return value.is_null() ? nullptr : &value;
}

const AvroSchema* AvroRecordView::FindSchema(int field_id) const {
  const auto it = places_.find(field_id);
  return it == places_.end() ? nullptr : it->second.schema;
}

}  // namespace leat::lake
