#include <nlohmann/json.hpp>

#include "config/field.h"
#include "config/scalar.h"

namespace leat::config {
namespace {

using Json = nlohmann::ordered_json;

Json ObjectJson(const std::vector<FieldSpec>& fields);

// A number may also come from the environment.
Json OrVariable(Json json) {
  return Json{{"anyOf", Json::array({std::move(json),
                                     Json{{"type", "string"}, {"pattern", R"(\$\{(env|secret):[A-Za-z_0-9]+\})"}}})}};
}

Json Pattern(const char* pattern) { return Json{{"type", Json::array({"string", "integer"})}, {"pattern", pattern}}; }

Json TypeJson(const FieldSpec& field, FieldType type) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kPath: return Json{{"type", Json::array({"string", "number", "boolean"})}};
    case FieldType::kInteger:
    case FieldType::kNumber: {
      Json json{{"type", type == FieldType::kInteger ? "integer" : "number"}};
      if (field.minimum) json["minimum"] = *field.minimum;
      if (field.maximum) json["maximum"] = *field.maximum;
      return OrVariable(std::move(json));
    }
    case FieldType::kBoolean: return OrVariable(Json{{"type", "boolean"}});
    case FieldType::kDuration: return Pattern(R"(^(0|(\d+(\.\d+)?\s*(us|ms|s|m|h|d|w)\s*)+|.*\$\{(env|secret):.*)$)");
    case FieldType::kBytes: return Pattern(R"(^(\d+(\.\d+)?\s*([kKmMgGtT]?[iI]?[bB])?|.*\$\{(env|secret):.*)$)");
    case FieldType::kPercent: return Pattern(R"(^(0|\d+(\.\d+)?\s*%|.*\$\{(env|secret):.*)$)");
    case FieldType::kEnum: return Json{{"enum", field.allowed}};
    case FieldType::kList: {
      Json items = field.open             ? Json::object()
                   : field.fields.empty() ? TypeJson(field, field.item_type)
                                          : ObjectJson(field.fields);
      Json list{{"type", "array"}, {"items", items}};
      if (!field.scalar_ok) return list;
      return Json{{"anyOf", Json::array({list, items})}};
    }
    case FieldType::kMap: {
      Json json{{"type", "object"}};
      if (!field.open) {
        json["additionalProperties"] =
            field.fields.empty() ? TypeJson(field, field.item_type) : ObjectJson(field.fields);
      }
      return json;
    }
    case FieldType::kObject: {
      Json json = field.open ? Json{{"type", "object"}} : ObjectJson(field.fields);
      if (!field.scalar_ok) return json;
      return Json{{"anyOf", Json::array({json, Json{{"type", Json::array({"string", "number", "boolean"})}}})}};
    }
    case FieldType::kAny: return Json::object();
  }
  return Json::object();
}

Json DefaultJson(const FieldSpec& field) {
  if (field.type == FieldType::kBoolean) {
    if (const auto value = ParseBoolean(field.default_value)) return *value;
  }
  if (field.type == FieldType::kInteger) {
    if (const auto value = ParseInteger(field.default_value)) return *value;
  }
  if (field.type == FieldType::kNumber) {
    if (const auto value = ParseNumber(field.default_value)) return *value;
  }
  return field.default_value;
}

Json ObjectJson(const std::vector<FieldSpec>& fields) {
  Json json{{"type", "object"}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const FieldSpec& field : fields) {
    Json property = TypeJson(field, field.type);
    property["description"] = field.description;
    if (!field.default_value.empty()) property["default"] = DefaultJson(field);
    if (!field.example.empty()) property["examples"] = Json::array({field.example});
    if (!field.deprecated_by.empty()) property["deprecated"] = true;
    if (field.secret) property["writeOnly"] = true;
    json["properties"][field.name] = std::move(property);
    if (field.required) required.push_back(field.name);
  }
  if (!required.empty()) json["required"] = std::move(required);
  json["additionalProperties"] = false;
  return json;
}

}  // namespace

std::string ObjectSchema(const std::vector<FieldSpec>& fields, int indent) { return ObjectJson(fields).dump(indent); }

}  // namespace leat::config
