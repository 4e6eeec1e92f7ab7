#include "component/xml_rules.h"

#include <fmt/format.h>

#include "config/field_builders.h"

namespace leat::component {

std::vector<config::FieldSpec> XmlRuleFields() {
  using config::FieldType;
  std::vector<config::FieldSpec> fields;
  fields.push_back(config::MakeField(
      "namespaces", FieldType::kMap,
      "Namespaces by the prefix that names in them get here, whatever the document calls them. Of others the local name counts.",
      "", "{ dc: 'http://purl.org/dc/elements/1.1/' }"));
  config::FieldSpec lists = config::MakeField(
      "lists", FieldType::kList,
      "Elements that are a list also where there is one of them: names below the record (`tag`, `lines/line`).", "",
      "lines/line");
  lists.scalar_ok = true;
  fields.push_back(std::move(lists));
  fields.push_back(
      config::WordField("whitespace", "Space around texts: kept as it is, or left out.", "keep", {"keep", "trim"}));
  return fields;
}

Result<data::XmlRecordRules> ReadXmlRules(const std::string& table, const std::string& path_field,
                                          const std::function<const config::Values&(const std::string& field)>& pick) {
  const auto place = [&](const std::string& field, Error error) {
    return std::move(std::move(error).In(fmt::format("table {}: {}", table, field))).At(pick(field).Where(field));
  };
  data::XmlRecordRules rules;
  const config::Values& at = pick(path_field);
  auto path = data::XmlRecordRules::ParsePath(at.Has(path_field) ? at.Text(path_field) : "/*/*");
  if (!path.ok()) return place(path_field, std::move(path).error());
  rules.path = std::move(path).value();
  for (const auto& [prefix, space] : pick("namespaces").TextMap("namespaces")) rules.prefixes[space] = prefix;
  for (const std::string& one : pick("lists").TextList("lists")) rules.lists.insert(one);
  for (const auto& [column, text] : pick("fields").TextMap("fields")) {
    auto outer = data::XmlRecordRules::ParseOuter(column, text);
    if (!outer.ok()) return place("fields", std::move(outer).error());
    rules.outer.push_back(std::move(outer).value());
  }
  rules.trim = pick("whitespace").Text("whitespace") == "trim";
  return rules;
}

}  // namespace leat::component
