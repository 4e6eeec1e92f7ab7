#include "data/schema_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace leat::data {
namespace {

using nlohmann::json;

Error Broken(std::string_view what) {
  return MakeError("DATA-102", ErrorKind::kData, "not an Iceberg schema: {}", what)
      .WithHint("the file was not written by an Iceberg writer, or it is damaged");
}

Result<const json*> Member(const json& object, const char* name) {
  if (!object.is_object()) return Broken(fmt::format("an object with \"{}\" was expected", name));
  const auto it = object.find(name);
  if (it == object.end()) return Broken(fmt::format("the member \"{}\" is missing", name));
  return &*it;
}

bool FitsInt(const json& value) {
  if (value.is_number_unsigned()) return std::in_range<int>(value.get<uint64_t>());
  return value.is_number_integer() && std::in_range<int>(value.get<int64_t>());
}

Result<int> IntMember(const json& object, const char* name) {
  LEAT_ASSIGN(const json* value, Member(object, name));
  if (!FitsInt(*value)) return Broken(fmt::format("the member \"{}\" is not a whole number of 32 bits", name));
  return value->get<int>();
}

bool BoolMember(const json& object, const char* name, bool otherwise) {
  const auto it = object.find(name);
  return it != object.end() && it->is_boolean() ? it->get<bool>() : otherwise;
}

json FieldToJson(const Field& field) {
  json out = {{"id", field.id}, {"name", field.name}, {"required", field.required}, {"type", TypeToJson(*field.type)}};
  if (!field.doc.empty()) out["doc"] = field.doc;
  if (field.initial_default) out["initial-default"] = json::parse(*field.initial_default, nullptr, false);
  if (field.write_default) out["write-default"] = json::parse(*field.write_default, nullptr, false);
  return out;
}

Result<Field> FieldFromJson(const json& in) {
  Field field;
  LEAT_ASSIGN(field.id, IntMember(in, "id"));
  LEAT_ASSIGN(const json* name, Member(in, "name"));
  if (!name->is_string()) return Broken("a field's name is not text");
  field.name = name->get<std::string>();
  field.required = BoolMember(in, "required", false);
  LEAT_ASSIGN(const json* type, Member(in, "type"));
  auto parsed = TypeFromJson(*type);
  if (!parsed.ok()) return std::move(parsed).error().In(fmt::format("field '{}'", field.name));
  field.type = std::move(parsed).value();
  if (const auto doc = in.find("doc"); doc != in.end() && doc->is_string()) field.doc = doc->get<std::string>();
  if (const auto it = in.find("initial-default"); it != in.end() && !it->is_null()) field.initial_default = it->dump();
  if (const auto it = in.find("write-default"); it != in.end() && !it->is_null()) field.write_default = it->dump();
  return field;
}

Result<std::vector<Field>> FieldsFromJson(const json& in) {
  LEAT_ASSIGN(const json* members, Member(in, "fields"));
  if (!members->is_array()) return Broken("\"fields\" is not a list");
  std::vector<Field> fields;
  for (const json& member : *members) {
    LEAT_ASSIGN(Field field, FieldFromJson(member));
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

json TypeToJson(const Type& type) {
  switch (type.id) {
    case TypeId::kStruct: {
      json fields = json::array();
      for (const Field& field : type.fields) fields.push_back(FieldToJson(field));
      return {{"type", "struct"}, {"fields", std::move(fields)}};
    }
    case TypeId::kList: {
      const Field& element = type.fields[0];
      return {{"type", "list"},
              {"element-id", element.id},
              {"element", TypeToJson(*element.type)},
              {"element-required", element.required}};
    }
    case TypeId::kMap: {
      const Field& value = type.fields[1];
      return {{"type", "map"},        {"key-id", type.fields[0].id},      {"key", TypeToJson(*type.fields[0].type)},
              {"value-id", value.id}, {"value", TypeToJson(*value.type)}, {"value-required", value.required}};
    }
    default: return TypeName(type);
  }
}

Result<TypePtr> TypeFromJson(const json& in) {
  if (in.is_string()) return ParsePrimitive(in.get<std::string>());
  LEAT_ASSIGN(const json* kind, Member(in, "type"));
  if (*kind == "struct") {
    LEAT_ASSIGN(std::vector<Field> fields, FieldsFromJson(in));
    return Struct(std::move(fields));
  }
  if (*kind == "list") {
    Field element;
    LEAT_ASSIGN(element.id, IntMember(in, "element-id"));
    LEAT_ASSIGN(const json* type, Member(in, "element"));
    LEAT_ASSIGN(element.type, TypeFromJson(*type));
    element.required = BoolMember(in, "element-required", false);
    return List(std::move(element));
  }
  if (*kind == "map") {
    Field key;
    Field value;
    LEAT_ASSIGN(key.id, IntMember(in, "key-id"));
    LEAT_ASSIGN(const json* key_type, Member(in, "key"));
    LEAT_ASSIGN(key.type, TypeFromJson(*key_type));
    LEAT_ASSIGN(value.id, IntMember(in, "value-id"));
    LEAT_ASSIGN(const json* value_type, Member(in, "value"));
    LEAT_ASSIGN(value.type, TypeFromJson(*value_type));
    value.required = BoolMember(in, "value-required", false);
    return Map(std::move(key), std::move(value));
  }
  return Broken(fmt::format("the type {} is not known", kind->dump()));
}

json SchemaToJson(const Schema& schema) {
  json fields = json::array();
  for (const Field& field : schema.fields) fields.push_back(FieldToJson(field));
  json out = {{"type", "struct"}, {"schema-id", schema.schema_id}, {"fields", std::move(fields)}};
  if (!schema.identifier_field_ids.empty()) out["identifier-field-ids"] = schema.identifier_field_ids;
  return out;
}

Result<Schema> SchemaFromJson(const json& in) {
  Schema schema;
  LEAT_ASSIGN(schema.fields, FieldsFromJson(in));
  if (in.contains("schema-id")) {
    LEAT_ASSIGN(schema.schema_id, IntMember(in, "schema-id"));
  }
  if (const auto ids = in.find("identifier-field-ids"); ids != in.end() && !ids->is_null()) {
    if (!ids->is_array()) return Broken("\"identifier-field-ids\" is not a list");
    for (const json& id : *ids) {
      if (!FitsInt(id)) return Broken("\"identifier-field-ids\" holds something that is no whole number of 32 bits");
      schema.identifier_field_ids.push_back(id.get<int>());
    }
  }
  return schema;
}

}  // namespace leat::data
