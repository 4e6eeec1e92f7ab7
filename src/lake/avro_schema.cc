#include "lake/avro_schema.h"

#include <nlohmann/json.hpp>

#include "data/int128.h"

namespace leat::lake {
namespace {

using data::TypeId;
using nlohmann::ordered_json;

// Avro names: letters, digits and underscores, not a digit first; anything else becomes _x<hex>.
std::string AvroName(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (letter || (digit && !out.empty())) {
      out += c;
    } else if (digit) {
      out += '_';
      out += c;
    } else {
      out += fmt::format("_x{:X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out.empty() ? "_" : out;
}

ordered_json Logical(const char* type, const char* logical) { return {{"type", type}, {"logicalType", logical}}; }

ordered_json Timestamp(const char* logical, bool utc) {
  return {{"type", "long"}, {"logicalType", logical}, {"adjust-to-utc", utc}};
}

ordered_json PartitionType(const data::Type& type, int field_id) {
  switch (type.id) {
    case TypeId::kBoolean: return "boolean";
    case TypeId::kInt: return "int";
    case TypeId::kLong: return "long";
    case TypeId::kFloat: return "float";
    case TypeId::kDouble: return "double";
    case TypeId::kDate: return Logical("int", "date");
    case TypeId::kTime: return Logical("long", "time-micros");
    case TypeId::kTimestamp: return Timestamp("timestamp-micros", false);
    case TypeId::kTimestampTz: return Timestamp("timestamp-micros", true);
    case TypeId::kTimestampNs: return Timestamp("timestamp-nanos", false);
    case TypeId::kTimestampTzNs: return Timestamp("timestamp-nanos", true);
    case TypeId::kDecimal:
      return {{"type", "fixed"},
              {"size", data::DecimalBytes(type.precision)},
              {"name", fmt::format("decimal_{}_{}_{}", type.precision, type.scale, field_id)},
              {"logicalType", "decimal"},
              {"precision", type.precision},
              {"scale", type.scale}};
    case TypeId::kUuid:
      return {
          {"type", "fixed"}, {"size", 16}, {"name", fmt::format("uuid_fixed_{}", field_id)}, {"logicalType", "uuid"}};
    case TypeId::kFixed:
      return {{"type", "fixed"}, {"size", type.length}, {"name", fmt::format("fixed_{}_{}", type.length, field_id)}};
    case TypeId::kBinary: return "bytes";
    default: return "string";
  }
}

ordered_json Required(int id, const char* name, ordered_json type) {
  return {{"name", name}, {"type", std::move(type)}, {"field-id", id}};
}

ordered_json Optional(int id, const char* name, ordered_json type) {
  return {
      {"name", name}, {"type", ordered_json::array({"null", std::move(type)})}, {"default", nullptr}, {"field-id", id}};
}

// Maps with keys that are not text are arrays of key/value records (specification, "Avro": map).
ordered_json IntMap(int key_id, int value_id, const char* value_type) {
  return {{"type", "array"},
          {"logicalType", "map"},
          {"items",
           {{"type", "record"},
            {"name", fmt::format("k{}_v{}", key_id, value_id)},
            {"fields", {Required(key_id, "key", "int"), Required(value_id, "value", value_type)}}}}};
}

ordered_json List(int element_id, const char* type) {
  return {{"type", "array"}, {"items", type}, {"element-id", element_id}};
}

ordered_json Record(const char* name, ordered_json fields) {
  return {{"type", "record"}, {"name", name}, {"fields", std::move(fields)}};
}

Error WrongPartition(std::string_view what, const data::Type& type) {
  return MakeError("LAKE-113", ErrorKind::kData, "a partition value of type {} {}", data::TypeName(type), what);
}

}  // namespace

std::string ManifestSchemaJson(const PartitionSpec& spec, const std::vector<data::TypePtr>& types, int format_version) {
  ordered_json partition = ordered_json::array();
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const PartitionField& field = spec.fields[i];
    const std::string name = AvroName(field.name);
    partition.push_back(Optional(field.field_id, name.c_str(), PartitionType(*types[i], field.field_id)));
    if (name != field.name) partition.back()["iceberg-field-name"] = field.name;
  }
  ordered_json file = ordered_json::array();
  if (format_version > 1) file.push_back(Required(134, "content", "int"));
  file.push_back(Required(100, "file_path", "string"));
  file.push_back(Required(101, "file_format", "string"));
  file.push_back(Required(102, "partition", Record("r102", std::move(partition))));
  file.push_back(Required(103, "record_count", "long"));
  file.push_back(Required(104, "file_size_in_bytes", "long"));
  if (format_version == 1) file.push_back(Required(105, "block_size_in_bytes", "long"));
  file.push_back(Optional(108, "column_sizes", IntMap(117, 118, "long")));
  file.push_back(Optional(109, "value_counts", IntMap(119, 120, "long")));
  file.push_back(Optional(110, "null_value_counts", IntMap(121, 122, "long")));
  file.push_back(Optional(137, "nan_value_counts", IntMap(138, 139, "long")));
  file.push_back(Optional(125, "lower_bounds", IntMap(126, 127, "bytes")));
  file.push_back(Optional(128, "upper_bounds", IntMap(129, 130, "bytes")));
  file.push_back(Optional(131, "key_metadata", "bytes"));
  file.push_back(Optional(132, "split_offsets", List(133, "long")));
  if (format_version > 1) file.push_back(Optional(135, "equality_ids", List(136, "int")));
  file.push_back(Optional(140, "sort_order_id", "int"));
  if (format_version > 2) file.push_back(Optional(142, "first_row_id", "long"));
  if (format_version > 1) file.push_back(Optional(143, "referenced_data_file", "string"));
  if (format_version > 2) {
    file.push_back(Optional(144, "content_offset", "long"));
    file.push_back(Optional(145, "content_size_in_bytes", "long"));
  }
  ordered_json entry = ordered_json::array();
  entry.push_back(Required(0, "status", "int"));
  if (format_version == 1) {
    entry.push_back(Required(1, "snapshot_id", "long"));
  } else {
    entry.push_back(Optional(1, "snapshot_id", "long"));
    entry.push_back(Optional(3, "sequence_number", "long"));
    entry.push_back(Optional(4, "file_sequence_number", "long"));
  }
  entry.push_back(Required(2, "data_file", Record("r2", std::move(file))));
  return Record("manifest_entry", std::move(entry)).dump();
}

std::string ManifestListSchemaJson(int format_version) {
  ordered_json summary = ordered_json::array();
  summary.push_back(Required(509, "contains_null", "boolean"));
  summary.push_back(Optional(518, "contains_nan", "boolean"));
  summary.push_back(Optional(510, "lower_bound", "bytes"));
  summary.push_back(Optional(511, "upper_bound", "bytes"));
  ordered_json file = ordered_json::array();
  file.push_back(Required(500, "manifest_path", "string"));
  file.push_back(Required(501, "manifest_length", "long"));
  file.push_back(Required(502, "partition_spec_id", "int"));
  if (format_version > 1) {
    file.push_back(Required(517, "content", "int"));
    file.push_back(Required(515, "sequence_number", "long"));
    file.push_back(Required(516, "min_sequence_number", "long"));
  }
  file.push_back(Required(503, "added_snapshot_id", "long"));
  file.push_back(Required(504, "added_files_count", "int"));
  file.push_back(Required(505, "existing_files_count", "int"));
  file.push_back(Required(506, "deleted_files_count", "int"));
  file.push_back(Required(512, "added_rows_count", "long"));
  file.push_back(Required(513, "existing_rows_count", "long"));
  file.push_back(Required(514, "deleted_rows_count", "long"));
  file.push_back(Optional(507, "partitions",
                          {{"type", "array"}, {"items", Record("r508", std::move(summary))}, {"element-id", 508}}));
  file.push_back(Optional(519, "key_metadata", "bytes"));
  if (format_version > 2) file.push_back(Optional(520, "first_row_id", "long"));
  return Record("manifest_file", std::move(file)).dump();
}

Status EncodePartitionValue(data::AvroEncoder& out, const data::Value& value, const data::Type& type) {
  if (std::holds_alternative<std::monostate>(value)) {
    out.Long(0);
    return Ok();
  }
  out.Long(1);
  switch (type.id) {
    case TypeId::kBoolean:
      if (const auto* v = std::get_if<bool>(&value)) return out.Bool(*v), Ok();
      break;
    case TypeId::kInt:
    case TypeId::kDate:
      if (const auto* v = std::get_if<int32_t>(&value)) return out.Long(*v), Ok();
      break;
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      if (const auto* v = std::get_if<int64_t>(&value)) return out.Long(*v), Ok();
      // A file written before the column was widened.
      if (const auto* v = std::get_if<int32_t>(&value)) return out.Long(*v), Ok();
      break;
    case TypeId::kFloat:
      if (const auto* v = std::get_if<float>(&value)) return out.Float(*v), Ok();
      break;
    case TypeId::kDouble:
      if (const auto* v = std::get_if<double>(&value)) return out.Double(*v), Ok();
      if (const auto* v = std::get_if<float>(&value)) return out.Double(static_cast<double>(*v)), Ok();
      break;
    case TypeId::kDecimal:
      if (const auto* v = std::get_if<data::Int128>(&value)) {
        return out.Raw(data::BigEndianFixed(*v, data::DecimalBytes(type.precision))), Ok();
      }
      break;
    case TypeId::kUuid:
    case TypeId::kFixed: {
      const size_t size = type.id == TypeId::kUuid ? 16 : static_cast<size_t>(type.length);
      if (const auto* v = std::get_if<std::string>(&value); v != nullptr && v->size() == size) return out.Raw(*v), Ok();
      break;
    }
    default:
      if (const auto* v = std::get_if<std::string>(&value)) return out.Bytes(*v), Ok();
  }
  return WrongPartition("was given a value of another type", type);
}

Result<data::Value> DecodePartitionValue(const data::AvroValue* value, const data::Type& type) {
  if (value == nullptr || value->is_null()) return data::Value(std::monostate());
  const data::AvroKind kind = value->kind;
  switch (type.id) {
    case TypeId::kBoolean:
      if (kind == data::AvroKind::kBoolean) return data::Value(value->number != 0);
      break;
    case TypeId::kInt:
    case TypeId::kDate:
      if (kind == data::AvroKind::kLong) return data::Value(static_cast<int32_t>(value->number));
      break;
    case TypeId::kFloat:
      if (kind == data::AvroKind::kFloat) return data::Value(static_cast<float>(value->real));
      break;
    case TypeId::kDouble:
      if (kind == data::AvroKind::kFloat || kind == data::AvroKind::kDouble) return data::Value(value->real);
      break;
    case TypeId::kDecimal:
      if ((kind == data::AvroKind::kFixed || kind == data::AvroKind::kBytes) && !value->bytes.empty() &&
          value->bytes.size() <= 16) {
        return data::Value(data::FromBigEndian(value->bytes));
      }
      break;
    case TypeId::kUuid:
      if (value->bytes.size() == 16) return data::Value(value->bytes);
      break;
    case TypeId::kString:
    case TypeId::kFixed:
    case TypeId::kBinary:
      if (kind == data::AvroKind::kBytes || kind == data::AvroKind::kFixed) return data::Value(value->bytes);
      break;
    default:
      if (kind == data::AvroKind::kLong) return data::Value(value->number);
  }
  return WrongPartition("is stored as another type", type);
}

}  // namespace leat::lake
