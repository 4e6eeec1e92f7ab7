#include "components/source/delta/table_shape.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "data/exact_text.h"
#include "data/json_scan.h"

namespace leat::components::delta {
namespace {

using data::Field;
using data::TypeId;
using data::TypePtr;
using nlohmann::json;

constexpr int kMappingReader = 2;
constexpr int kNewestReader = 3;
constexpr const char* kMode = "delta.columnMapping.mode";
constexpr int kFirstPartitionFieldId = 1000;

/// What readers of version 3 may be asked for, as far as it is known here (protocol, "Valid Feature Names in Table Features").
const std::set<std::string>& KnownFeatures() {
  static const std::set<std::string> known = {"columnMapping",      "deletionVectors",      "timestampNtz",
                                              "typeWidening",       "typeWidening-preview", "v2Checkpoint",
                                              "vacuumProtocolCheck"};
  return known;
}

/// The member's name in data files.
std::string PhysicalName(const json& member, bool mapped) {
  return mapped ? member["metadata"]["delta.columnMapping.physicalName"] : member["name"];
}

/// Reads the JSON of columns (protocol, "Schema Serialization Format").
class ShapeReader {
 public:
  explicit ShapeReader(bool mapped) : mapped_(mapped) {}

  std::vector<Field> Fields(const json& type) {
    std::vector<Field> fields;
    const json members = type.value("fields", json());
    if (!members.is_array()) Fail("a struct has no fields");
    for (const json& member : members) {
      if (!member.is_object() || !member.value("name", json()).is_string() || !member.contains("type")) {
        Fail("a column has no name or no type");
        continue;
      }
      Field& field = fields.emplace_back();
      field.name = member["name"];
      const auto found = member.find("metadata");
      const json metadata = found != member.end() && found->is_object() ? *found : json::object();
      if (mapped_) {
        const json id = metadata.value("delta.columnMapping.id", json());
        if (!id.is_number_integer() || !metadata.value("delta.columnMapping.physicalName", json()).is_string())
          Fail("column " + field.name + " has no place in the column mapping");
        else field.id = id;
      }
      if (metadata.value("comment", json()).is_string()) field.doc = metadata["comment"];
      field.type = Type(member["type"], field.name);
    }
    return fields;
  }

  const std::string& why() const { return why_; }

 private:
  TypePtr Type(const json& type, const std::string& column) {
    if (type.is_string()) return Primitive(type, column);
    const json kind = type.is_object() ? type.value("type", json()) : json();
    if (kind == "struct") return data::Struct(Fields(type));
    if (kind == "array" && type.contains("elementType"))
      return data::List({.id = 0, .name = "element", .type = Type(type["elementType"], column)});
    if (kind == "map" && type.contains("keyType") && type.contains("valueType"))
      return data::Map({.id = 0, .name = "key", .type = Type(type["keyType"], column), .required = true},
                       {.id = 0, .name = "value", .type = Type(type["valueType"], column)});
    return Unknown(type.dump(), column);
  }

  TypePtr Primitive(const std::string& name, const std::string& column) {
    static const std::map<std::string, TypeId> kNames = {{"string", TypeId::kString},
                                                         {"long", TypeId::kLong},
                                                         {"integer", TypeId::kInt},
                                                         {"short", TypeId::kInt},
                                                         {"byte", TypeId::kInt},
                                                         {"float", TypeId::kFloat},
                                                         {"double", TypeId::kDouble},
                                                         {"boolean", TypeId::kBoolean},
                                                         {"binary", TypeId::kBinary},
                                                         {"date", TypeId::kDate},
                                                         {"timestamp", TypeId::kTimestampTz},
                                                         {"timestamp_ntz", TypeId::kTimestamp},
                                                         {"void", TypeId::kUnknown},
                                                         {"null", TypeId::kUnknown}};
    const auto known = kNames.find(name);
    if (known != kNames.end()) return data::Primitive(known->second);
    int precision = 0, scale = 0, used = 0;
    if (std::sscanf(name.c_str(), "decimal(%d,%d)%n", &precision, &scale, &used) == 2 &&
        used == static_cast<int>(name.size()) && precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision)
      return data::Decimal(precision, scale);
    return Unknown(name, column);
  }

  TypePtr Unknown(const std::string& name, const std::string& column) {
    Fail("column " + column + " is of type " + name + ", which is not known");
    return data::Primitive(TypeId::kString);
  }

  void Fail(const std::string& why) {
    if (why_.empty()) why_ = why;
  }

  const bool mapped_;
  std::string why_;
};

json MappingOfType(const json& type, const data::Type& read, bool mapped);

/// The name mapping of one field, as the Iceberg specification has it ("Name Mapping Serialization").
json MappingOfField(const std::string& name, const json& type, const Field& field, bool mapped) {
  json entry = {{"field-id", field.id}, {"names", {name}}};
  if (field.type->is_nested()) entry["fields"] = MappingOfType(type, *field.type, mapped);
  return entry;
}

json MappingOfType(const json& type, const data::Type& read, bool mapped) {
  json entries = json::array();
  if (read.id == TypeId::kList) {
    entries.push_back(MappingOfField("element", type["elementType"], read.fields[0], mapped));
  } else if (read.id == TypeId::kMap) {
    entries.push_back(MappingOfField("key", type["keyType"], read.fields[0], mapped));
    entries.push_back(MappingOfField("value", type["valueType"], read.fields[1], mapped));
  } else {
    for (size_t i = 0; i < read.fields.size(); ++i) {
      const json& member = type["fields"][i];
      entries.push_back(MappingOfField(PhysicalName(member, mapped), member["type"], read.fields[i], mapped));
    }
  }
  return entries;
}

Status CheckProtocol(const Protocol& protocol, const std::string& what) {
  const auto refused = [&](const std::string& why) {
    return MakeError("SRC-423", ErrorKind::kUnsupported, "{}: the table asks its readers for {}", what, why)
        .WithHint("have its owner take the feature off (ALTER TABLE … DROP FEATURE), or read a copy without it");
  };
  if (protocol.reader_version > kNewestReader)
    return refused(fmt::format("version {} of the protocol, {} is the newest that is known", protocol.reader_version,
                               kNewestReader));
  for (const std::string& feature : protocol.reader_features) {
    if (!KnownFeatures().contains(feature)) return refused("the feature " + feature + ", which is not known");
  }
  return Ok();
}

}  // namespace

Result<TableShape> ReadShape(const TableDefinition& definition, const Protocol& protocol, const std::string& what) {
  LEAT_TRY(CheckProtocol(protocol, what));
  const auto mode = definition.configuration.find(kMode);
  const bool may_map =
      protocol.reader_version == kMappingReader ||
      std::count(protocol.reader_features.begin(), protocol.reader_features.end(), "columnMapping") > 0;
  const std::string how = may_map && mode != definition.configuration.end() ? mode->second : "none";
  const bool named = how == "name";
  const bool by_id = how == "id";
  const bool mapped = named || by_id;
  const auto wrong = [&](const std::string& why) {
    return MakeError("SRC-424", ErrorKind::kUnsupported, "{}: {}", what, why)
        .WithHint("the table can be read with the engine that wrote it; a copy without that column can be read here");
  };
  if (!mapped && how != "none") return wrong("its column mapping is of mode " + how + ", which is not known");
  if (!definition.provider.empty() && definition.provider != "parquet")
    return wrong("its data files are of the format " + definition.provider + ", not parquet");
  // Nested deeper than the scanner goes is refused, too: what follows goes down by recursion.
  std::string_view all;
  const bool sound = data::JsonScanner(definition.schema).TakeSoundValue(all);
  const json schema = sound ? json::parse(definition.schema, nullptr, false) : json();
  if (!schema.is_object()) return wrong("its columns cannot be read: no JSON object, or one that is nested too deep");
  ShapeReader reader(mapped);
  TableShape shape;
  shape.schema.fields = reader.Fields(schema);
  if (!reader.why().empty()) return wrong(reader.why());
  shape.by_name = !by_id;
  shape.ids_stay = mapped;
  // Elements of lists and maps have no ids of their own; by name they need some, by id files have none for them either.
  if (!by_id) data::AssignFieldIds(shape.schema, shape.schema.HighestId() + 1);
  json mapping = json::array();
  for (size_t i = 0; i < shape.schema.fields.size(); ++i) {
    const json& member = schema["fields"][i];
    mapping.push_back(MappingOfField(PhysicalName(member, mapped), member["type"], shape.schema.fields[i], mapped));
  }
  shape.name_mapping = mapping.dump();
  for (const std::string& name : definition.partition_columns) {
    const auto found = std::find_if(shape.schema.fields.begin(), shape.schema.fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    if (found == shape.schema.fields.end() || found->type->is_nested() || found->type->id == TypeId::kBinary)
      return wrong("it is partitioned by " + name + ", which is no column, or one of binary or nested values");
    const auto at = static_cast<size_t>(found - shape.schema.fields.begin());
    const int id = kFirstPartitionFieldId + static_cast<int>(shape.spec.fields.size());
    shape.spec.fields.push_back({found->id, id, name, "identity"});
    shape.partition_names.push_back(PhysicalName(schema["fields"][at], mapped));
  }
  return shape;
}

Result<data::Value> PartitionValue(const std::optional<std::string>& text, const Field& column,
                                   const std::string& what) {
  if (!text || text->empty()) return data::Value();  // protocol, "Partition Value Serialization": "" is NULL
  bool fits = false;
  data::Value value;
  const auto take = [&](auto number, auto parse) {
    fits = parse(number);
    value = number;
  };
  switch (column.type->id) {
    case TypeId::kString: return data::Value(*text);
    case TypeId::kBoolean: take(false, [&](bool& v) { return data::ParseExact(*text, v); }); break;
    case TypeId::kInt: take(int32_t{0}, [&](int32_t& v) { return data::ParseExact(*text, v); }); break;
    case TypeId::kLong: take(int64_t{0}, [&](int64_t& v) { return data::ParseExact(*text, v); }); break;
    case TypeId::kDate: take(int32_t{0}, [&](int32_t& v) { return data::ParseExactDate(*text, v); }); break;
    case TypeId::kTimestamp: take(int64_t{0}, [&](int64_t& v) { return data::ParseExactTimestamp(*text, v); }); break;
    case TypeId::kTimestampTz:
      // Without a zone it is one of UTC.
      take(int64_t{0},
           [&](int64_t& v) { return data::ParseExactTimestampTz(*text, v) || data::ParseExactTimestamp(*text, v); });
      break;
    case TypeId::kDecimal:
      take(data::Int128(), [&](data::Int128& v) {
        return data::ParseExactDecimal(*text, column.type->precision, column.type->scale, v);
      });
      break;
    case TypeId::kDouble:
    case TypeId::kFloat: {
      double number = 0;
      const std::string plain = *text == "Infinity"    ? "inf"
                                : *text == "-Infinity" ? "-inf"
                                : *text == "NaN"       ? "nan"
                                                       : *text;
      float single = 0;
      const bool narrow = column.type->id == TypeId::kFloat;
      fits = narrow ? data::ParseExact(plain, single) : data::ParseExact(plain, number);
      value = number;
      if (narrow) value = single;
      break;
    }
    default: break;
  }
  if (fits) return value;
  return MakeError("SRC-427", ErrorKind::kData, "{}: the partition value '{}' of column {} is no {}", what, *text,
                   column.name, data::TypeName(*column.type))
      .WithHint("the table's log is damaged: have the file added again with its true partition value");
}

}  // namespace leat::components::delta
