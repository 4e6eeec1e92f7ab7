#include "project/schema.h"

#include <nlohmann/json.hpp>

#include "component/budget_fields.h"
#include "component/check_policy.h"
#include "component/spec.h"
#include "component/spec_render.h"
#include "project/fields.h"

namespace leat::project {
namespace {

using config::FieldSpec;
using Json = nlohmann::ordered_json;

Json Schema(const std::vector<FieldSpec>& fields) { return Json::parse(config::ObjectSchema(fields)); }

// A list of checks: a name, or one name with its own arguments and the policy fields.
Json ChecksSchema() {
  Json names = Json::array();
  Json properties = Json::object();
  for (const component::Spec& spec : component::AllSpecs()) {
    if (spec.kind != "check") continue;
    names.push_back(spec.name);
    auto fields = spec.fields;
    for (const FieldSpec& field : component::CheckPolicyFields()) fields.push_back(field);
    Json schema = Schema(fields);
    schema["description"] = spec.summary;
    // dbt nests arguments: required ones may stand below `arguments`.
    schema.erase("required");
    schema["properties"]["config"] = Json{{"type", "object"}};
    schema["properties"]["arguments"] = Json{{"type", "object"}};
    properties[spec.name] = Json{{"anyOf", Json::array({schema, Json{{"type", "null"}}})}};
  }
  const Json with_arguments{{"type", "object"},
                            {"properties", properties},
                            {"additionalProperties", false},
                            {"minProperties", 1},
                            {"maxProperties", 1}};
  return Json{{"type", "array"}, {"items", {{"anyOf", Json::array({Json{{"enum", names}}, with_arguments})}}}};
}

// A mask: a name, or a map with its `type` and arguments.
Json MaskSchema() {
  Json variants = Json::array();
  Json names = Json::array();
  for (const component::Spec& spec : component::AllSpecs()) {
    if (spec.kind != "mask") continue;
    Json schema = Schema(spec.fields);
    const bool needs = schema.contains("required") && !schema["required"].empty();
    if (!needs) names.push_back(spec.name);
    schema["properties"]["type"] = Json{{"const", spec.name}, {"description", spec.summary}};
    schema["required"].push_back("type");
    variants.push_back(std::move(schema));
  }
  variants.insert(variants.begin(), Json{{"enum", names}});
  return Json{{"anyOf", variants}};
}

// The open lists of the specs get their real form.
void FillChecks(Json& object) {
  for (const char* field : {"checks", "tests", "data_tests"}) {
    if (object["properties"].contains(field)) object["properties"][field]["items"] = Json{{"$ref", "#/$defs/check"}};
  }
  if (!object["properties"].contains("columns")) return;
  Json& column = object["properties"]["columns"]["items"];
  for (const char* field : {"checks", "tests", "data_tests"}) {
    if (column["properties"].contains(field)) column["properties"][field]["items"] = Json{{"$ref", "#/$defs/check"}};
  }
}

Json Document(const Json& schema, const std::string& title, bool checks) {
  Json document{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  document.update(schema);
  if (checks) document["$defs"]["check"] = ChecksSchema()["items"];
  return document;
}

Json ConnectionsSchema() {
  Json variants = Json::array();
  for (const component::Spec& spec : component::AllSpecs()) {
    if (spec.kind != "source") continue;
    Json schema = Schema(component::ConnectionFields(spec));
    schema["properties"]["type"] = Json{{"const", spec.name}, {"description", spec.summary}};
    variants.push_back(std::move(schema));
  }
  Json schema = Schema(ConnectionsFileFields());
  schema["properties"]["connections"]["additionalProperties"] = Json{{"oneOf", variants}};
  return schema;
}

Json SourcesSchema() {
  // Which fields a table has depends on its connection, which stands in another file: all sources' fields are allowed.
  Json table = Schema(TableFields(nullptr));
  for (const component::Spec& spec : component::AllSpecs()) {
    if (spec.kind != "source") continue;
    const Json more = Schema(spec.fields);
    for (const auto& [name, field] : more["properties"].items()) {
      if (!table["properties"].contains(name)) table["properties"][name] = field;
    }
  }
  FillChecks(table);
  table["properties"]["columns"]["items"]["properties"]["mask"].update(MaskSchema());
  Json structured = Schema(StructuredFields());
  FillChecks(structured);
  table["properties"]["structured"] = Json{{"description", table["properties"]["structured"]["description"]},
                                           {"anyOf", Json::array({Json{{"type", "boolean"}}, structured})}};
  Json schema = Schema(SourceFileFields());
  schema["properties"]["tables"]["items"] = Json{{"anyOf", Json::array({table, Json{{"type", "string"}}})}};
  return schema;
}

Json ModelsSchema() {
  Json model = Schema(ModelFields());
  FillChecks(model);
  Json schema = Schema(ModelFileFields());
  schema["properties"]["models"]["items"] = model;
  return schema;
}

struct Part {
  const char* title;
  std::vector<FieldSpec> fields;
};

std::vector<Part> Parts() {
  return {{"leat.yml", SettingsFields()},
          {"connections.yml", ConnectionsFileFields()},
          {"sources/*.yml", SourceFileFields()},
          {"sources/*.yml: an entry of tables (besides the fields of its source: leat describe source <name>)",
           TableFields(nullptr)},
          {"sources/*.yml: structured of a table", StructuredFields()},
          {"models/**/*.yml: an entry of models", ModelFields()},
          {"models/**/*.sql: config(…)", ModelConfigFields()},
          {"every check, besides its own arguments (leat describe check <name>)", component::CheckPolicyFields()}};
}

}  // namespace

std::map<std::string, std::string> ProjectSchemas() {
  return {{"leat.yml", Document(Schema(SettingsFields()), "leat.yml", false).dump(2)},
          {"connections.yml", Document(ConnectionsSchema(), "connections.yml", false).dump(2)},
          {"sources/*.yml", Document(SourcesSchema(), "sources/*.yml", true).dump(2)},
          {"models/**/*.yml", Document(ModelsSchema(), "models/**/*.yml", true).dump(2)}};
}

std::string DescribeProjectText(int width) {
  std::string out;
  for (const Part& part : Parts()) {
    out += fmt::format("{}{}\n{}", out.empty() ? "" : "\n", part.title, component::FieldsText(part.fields, width));
  }
  return out;
}

std::string DescribeProjectJson() {
  Json json = Json::object();
  for (const Part& part : Parts()) json[part.title] = Json::parse(component::FieldsJson(part.fields));
  return json.dump(2);
}

}  // namespace leat::project
