#include "data/avro_schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace leat::data {
namespace {

using nlohmann::json;

constexpr int kMostDepth = 64;
constexpr size_t kMostLeast = size_t{1} << 40;
constexpr int64_t kMostParts = 1 << 20;  // types that are named again count again: each is a step of reading a row
constexpr int64_t kMostFixedBytes = int64_t{1} << 30;
constexpr int64_t kMillis = 1000, kMicros = 1'000'000, kNanos = 1'000'000'000;
constexpr int64_t kDurationBytes = 12, kUuidBytes = 16;

constexpr std::array<std::string_view, 15> kKindNames = {"null",   "boolean", "int",    "long",  "float",
                                                         "double", "string",  "bytes",  "enum",  "fixed",
                                                         "array",  "map",     "record", "union", "record"};

Error Broken(std::string_view what) {
  return MakeError("DATA-106", ErrorKind::kData, "{}", what).WithHint("the file is damaged: have it sent again");
}

std::string TextOf(const json& in, const char* member) {
  const auto found = in.find(member);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int IntOf(const json& in, const char* member, int otherwise) {
  const auto found = in.find(member);
  if (found == in.end() || !found->is_number_integer()) return otherwise;
  const auto value = found->get<int64_t>();
  return value < -1 || value > (1 << 30) ? -1 : static_cast<int>(value);
}

struct Times {
  std::string_view name;
  AvroKind kind;
  AvroLogical logical;
  int64_t unit;
};
constexpr std::array<Times, 9> kTimes = {{
    {"date", AvroKind::kInt, AvroLogical::kDate, 1},
    {"time-millis", AvroKind::kInt, AvroLogical::kTime, kMillis},
    {"time-micros", AvroKind::kLong, AvroLogical::kTime, kMicros},
    {"timestamp-millis", AvroKind::kLong, AvroLogical::kTimestamp, kMillis},
    {"timestamp-micros", AvroKind::kLong, AvroLogical::kTimestamp, kMicros},
    {"timestamp-nanos", AvroKind::kLong, AvroLogical::kTimestamp, kNanos},
    {"local-timestamp-millis", AvroKind::kLong, AvroLogical::kLocalTimestamp, kMillis},
    {"local-timestamp-micros", AvroKind::kLong, AvroLogical::kLocalTimestamp, kMicros},
    {"local-timestamp-nanos", AvroKind::kLong, AvroLogical::kLocalTimestamp, kNanos},
}};

void TakeLogical(const json& in, AvroSchema& schema) {
  const std::string name = TextOf(in, "logicalType");
  const bool raw = schema.kind == AvroKind::kBytes || schema.kind == AvroKind::kFixed;
  if (name == "decimal" && raw) {
    schema.precision = IntOf(in, "precision", 0);
    schema.scale = IntOf(in, "scale", 0);
    if (schema.precision > 0 && schema.scale >= 0 && schema.scale <= schema.precision)
      schema.logical = AvroLogical::kDecimal;
  } else if (name == "big-decimal" && schema.kind == AvroKind::kBytes) {
    schema.logical = AvroLogical::kBigDecimal;
  } else if (name == "uuid" && (schema.kind == AvroKind::kString ||
                                (schema.kind == AvroKind::kFixed && schema.fixed_size == kUuidBytes))) {
    schema.logical = AvroLogical::kUuid;
  } else if (name == "duration" && schema.kind == AvroKind::kFixed && schema.fixed_size == kDurationBytes) {
    schema.logical = AvroLogical::kDuration;
  }
  for (const Times& one : kTimes) {
    if (one.name != name || one.kind != schema.kind) continue;
    schema.logical = one.logical;
    schema.unit = one.unit;
  }
  // Iceberg's own word for a timestamp without a zone.
  const auto adjusted = in.find("adjust-to-utc");
  if (schema.logical == AvroLogical::kTimestamp && adjusted != in.end() && *adjusted == false)
    schema.logical = AvroLogical::kLocalTimestamp;
}

/// Builds AvroSchema from JSON.
class SchemaParser {
 public:
  Result<AvroSchemaPtr> Parse(const json& in, const std::string& space, int depth = 0) {
    if (depth > kMostDepth) return Broken("its schema is nested too deeply");
    if (in.is_string()) return FromName(in.get<std::string>(), space);
    if (in.is_array()) return Union(in, space, depth);
    if (!in.is_object() || !in.contains("type")) return Broken("a type in its schema is neither a name nor an object");
    const json& type = in["type"];
    if (type == "record" || type == "error") return Record(in, space, depth);
    if (type == "array" || type == "map") {
      const char* part = type == "array" ? "items" : "values";
      if (!in.contains(part)) return Broken("an array or map in its schema does not say of what");
      auto schema = Make(type == "array" ? AvroKind::kArray : AvroKind::kMap);
      LEAT_ASSIGN(AvroSchemaPtr items, Parse(in[part], space, depth + 1));
      schema->branches.push_back(std::move(items));
      return schema;
    }
    if (type == "fixed") return FixedBytes(in, space);
    if (type == "enum") return Enum(in, space);
    LEAT_ASSIGN(const AvroSchemaPtr named, Parse(type, space, depth + 1));
    if (!in.contains("logicalType") || named->kind >= AvroKind::kArray) return named;
    auto schema = std::make_shared<AvroSchema>(*named);
    TakeLogical(in, *schema);
    return schema;
  }

 private:
  static AvroSchemaPtr Make(AvroKind kind) {
    auto schema = std::make_shared<AvroSchema>();
    schema->kind = kind;
    switch (kind) {
      case AvroKind::kNull:
      case AvroKind::kRecord:
      case AvroKind::kFixed: schema->least = 0; break;
      case AvroKind::kFloat: schema->least = sizeof(float); break;
      case AvroKind::kDouble: schema->least = sizeof(double); break;
      default: schema->least = 1;
    }
    return schema;
  }

  Result<AvroSchemaPtr> FromName(const std::string& name, const std::string& space) {
    for (size_t i = 0; i <= static_cast<size_t>(AvroKind::kBytes); ++i) {
      if (name == kKindNames[i]) return Make(static_cast<AvroKind>(i));
    }
    auto found = named_.end();
    if (name.find('.') == std::string::npos && !space.empty()) found = named_.find(space + "." + name);
    if (found == named_.end()) found = named_.find(name);
    if (found == named_.end()) return Broken(fmt::format("its schema uses the unknown type '{}'", name));
    if (!open_.contains(found->second.get())) return found->second;
    auto link = Make(AvroKind::kLink);  // not shared: a ring of owners would never be freed
    link->link = found->second.get();
    link->name = found->second->name;
    return link;
  }

  Result<AvroSchemaPtr> Union(const json& in, const std::string& space, int depth) {
    auto schema = Make(AvroKind::kUnion);
    for (const json& branch : in) {
      LEAT_ASSIGN(AvroSchemaPtr parsed, Parse(branch, space, depth + 1));
      schema->branches.push_back(std::move(parsed));
    }
    return schema;
  }

  Result<AvroSchemaPtr> FixedBytes(const json& in, const std::string& space) {
    const auto size = in.find("size");
    if (size == in.end() || !size->is_number_integer()) return Broken("a fixed type in its schema has no size");
    auto schema = Make(AvroKind::kFixed);
    schema->fixed_size = size->get<int64_t>();
    if (schema->fixed_size < 0 || schema->fixed_size > kMostFixedBytes)
      return Broken("a fixed type in its schema has a size that cannot be");
    schema->least = static_cast<size_t>(schema->fixed_size);
    TakeLogical(in, *schema);
    Remember(in, space, schema);
    return schema;
  }

  Result<AvroSchemaPtr> Enum(const json& in, const std::string& space) {
    auto schema = Make(AvroKind::kEnum);
    const auto symbols = in.find("symbols");
    if (symbols != in.end() && symbols->is_array()) {
      for (const json& symbol : *symbols) {
        if (!symbol.is_string()) return Broken("a symbol of an enum in its schema is no text");
        schema->symbols.push_back(symbol.get<std::string>());
      }
    }
    Remember(in, space, schema);
    return schema;
  }

  Result<AvroSchemaPtr> Record(const json& in, const std::string& space, int depth) {
    auto schema = Make(AvroKind::kRecord);
    if (!in.contains("fields") || !in["fields"].is_array()) return Broken("a record in its schema has no fields");
    const std::string inner = Remember(in, space, schema);
    open_.insert(schema.get());
    std::set<std::string> names;
    for (const json& field : in["fields"]) {
      if (!field.is_object() || !field.contains("type")) return Broken("a field in its schema has no type");
      AvroField out;
      out.name = TextOf(field, "name");
      if (!out.name.empty() && !names.insert(out.name).second)
        return Broken(fmt::format("two fields of a record in its schema are called '{}'", out.name));
      out.field_id = IntOf(field, "field-id", -1);
      if (const auto aliases = field.find("aliases"); aliases != field.end() && aliases->is_array()) {
        for (const json& alias : *aliases) {
          if (alias.is_string()) out.aliases.push_back(alias.get<std::string>());
        }
      }
      LEAT_ASSIGN(out.schema, Parse(field["type"], inner, depth + 1));
      schema->least = std::min(schema->least + out.schema->least_bytes(), kMostLeast);
      schema->parts += out.schema->parts;
      if (schema->parts > kMostParts) return Broken("its schema is too large");
      schema->fields.push_back(std::move(out));
    }
    open_.erase(schema.get());
    return schema;
  }

  /// Notes a named type; gives the namespace of what is inside of it.
  std::string Remember(const json& in, const std::string& space, const AvroSchemaPtr& schema) {
    std::string name = TextOf(in, "name");
    std::string inner = in.contains("namespace") ? TextOf(in, "namespace") : space;
    if (const size_t dot = name.rfind('.'); dot != std::string::npos) inner = name.substr(0, dot);
    else if (!inner.empty() && !name.empty()) name = inner + "." + name;
    schema->name = name;
    if (name.empty()) return inner;
    named_[name] = schema;
    // Some writers leave the namespace out where they name the type again.
    named_.emplace(name.substr(name.rfind('.') + 1), schema);
    return inner;
  }

  std::map<std::string, AvroSchemaPtr> named_;
  std::set<const AvroSchema*> open_;  ///< records whose fields are being read
};

}  // namespace

std::string_view AvroKindName(AvroKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

Result<AvroSchemaPtr> ParseAvroSchema(std::string_view text) {
  const json schema = json::parse(text, nullptr, false);
  if (schema.is_discarded()) return Broken("its schema is not JSON");
  return SchemaParser().Parse(schema, "");
}

}  // namespace leat::data
