#include "component/spec_render.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/nearest.h"
#include "component/budget_fields.h"
#include "component/check_policy.h"

namespace leat::component {
namespace {

using config::FieldSpec;
using config::FieldType;
using Json = nlohmann::ordered_json;

std::vector<std::string> Kinds() {
  std::set<std::string> kinds;
  for (const Spec& spec : AllSpecs()) kinds.insert(spec.kind);
  return {kinds.begin(), kinds.end()};
}

Status CheckKind(std::string_view kind) {
  const auto kinds = Kinds();
  if (kind.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return Ok();
  std::string all;
  for (const std::string& known : kinds) all += (all.empty() ? "" : ", ") + known;
  const std::string near = DidYouMean(kind, kinds);
  return MakeError("CMP-101", ErrorKind::kUsage, "there is no kind of part named '{}'", kind)
      .WithHint(near.empty() ? "kinds: " + all : near + "\nkinds: " + all);
}

std::string_view StabilityName(Stability stability) { return stability == Stability::kStable ? "stable" : "beta"; }

std::string TypeWord(FieldType type, bool plural) {
  switch (type) {
    case FieldType::kString: return plural ? "texts" : "text";
    case FieldType::kInteger: return plural ? "whole numbers" : "whole number";
    case FieldType::kNumber: return plural ? "numbers" : "number";
    case FieldType::kBoolean: return "true or false";
    case FieldType::kDuration: return plural ? "time spans" : "time span";
    case FieldType::kBytes: return plural ? "sizes" : "size";
    case FieldType::kPercent: return plural ? "shares" : "share";
    case FieldType::kPath: return plural ? "paths" : "path";
    case FieldType::kEnum: return plural ? "words" : "word";
    case FieldType::kList: return plural ? "lists" : "list";
    case FieldType::kMap:
    case FieldType::kObject: return plural ? "maps" : "map";
    case FieldType::kAny: return plural ? "values" : "any value";
  }
  return "";
}

// Breaks at spaces; lines of Markdown that are indented or empty stay as they are.
std::string Wrap(const std::string& text, int width, int indent) {
  const std::string margin(static_cast<size_t>(indent), ' ');
  const auto room = static_cast<size_t>(std::max(20, width - indent));
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out += margin + line + "\n";
    line.clear();
  };
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') {
      flush();
      ++at;
      continue;
    }
    const size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > room) flush();
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    at = end < text.size() && text[end] == ' ' ? end + 1 : end;
  }
  flush();
  return out;
}

std::string Properties(const FieldSpec& field) {
  std::string text = TypeText(field);
  if (field.required) text += ", required";
  if (!field.default_value.empty()) text += ", default " + field.default_value;
  if (field.minimum && field.maximum) text += fmt::format(", from {} to {}", *field.minimum, *field.maximum);
  else if (field.minimum) text += fmt::format(", at least {}", *field.minimum);
  else if (field.maximum) text += fmt::format(", at most {}", *field.maximum);
  if (field.secret) text += ", secret (write ${env:NAME})";
  if (!field.deprecated_by.empty()) text += ", deprecated: write " + field.deprecated_by;
  return text;
}

Json FieldJson(const FieldSpec& field) {
  Json json{{"name", field.name},
            {"type", TypeText(field)},
            {"required", field.required},
            {"default", field.default_value.empty() ? Json(nullptr) : Json(field.default_value)},
            {"description", field.description},
            {"secret", field.secret},
            {"since", field.since}};
  if (!field.allowed.empty()) json["allowed"] = field.allowed;
  if (field.minimum) json["minimum"] = *field.minimum;
  if (field.maximum) json["maximum"] = *field.maximum;
  if (!field.example.empty()) json["example"] = field.example;
  if (!field.deprecated_by.empty()) json["deprecated_by"] = field.deprecated_by;
  if (!field.fields.empty()) {
    json["fields"] = Json::array();
    for (const FieldSpec& inner : field.fields) json["fields"].push_back(FieldJson(inner));
  }
  return json;
}

Json FieldsJsonValue(const std::vector<FieldSpec>& fields) {
  Json json = Json::array();
  for (const FieldSpec& field : fields) json.push_back(FieldJson(field));
  return json;
}

// The plain facts of a part, as words, in one place for text and JSON.
std::vector<std::pair<std::string, bool>> Capabilities(const Spec& spec) {
  if (spec.kind == "source") {
    return {{"relation", spec.source.relation},
            {"incremental", spec.source.incremental},
            {"files", spec.source.files},
            {"sees_deletes", spec.source.sees_deletes},
            {"splits", spec.source.splits}};
  }
  if (spec.kind == "check") {
    return {{"row_level", spec.check.row_level},
            {"column", spec.check.column},
            {"keyed", spec.check.keyed},
            {"reads_other", spec.check.reads_other}};
  }
  if (spec.kind == "mask") return {{"keeps_equal", spec.mask.keeps_equal}};
  return {};
}

}  // namespace

std::string TypeText(const FieldSpec& field) {
  if (field.type == FieldType::kEnum) {
    std::string text;
    for (const std::string& word : field.allowed) text += (text.empty() ? "" : " | ") + word;
    return text;
  }
  if (field.type == FieldType::kList) {
    const std::string items = field.fields.empty() ? TypeWord(field.item_type, true) : "maps";
    return fmt::format("{}list of {}", field.scalar_ok ? "one or a " : "", items);
  }
  if (field.type == FieldType::kMap && !field.open) {
    return "map of " + (field.fields.empty() ? TypeWord(field.item_type, true) : "maps");
  }
  return TypeWord(field.type, false);
}

Result<std::string> ListText(std::string_view kind) {
  LEAT_TRY(CheckKind(kind));
  size_t width = 0;
  for (const Spec& spec : AllSpecs()) width = std::max(width, spec.name.size());
  std::string out;
  std::string last;
  for (const Spec& spec : AllSpecs()) {
    if (!kind.empty() && spec.kind != kind) continue;
    if (spec.kind != last) out += fmt::format("{}{}\n", out.empty() ? "" : "\n", spec.kind);
    last = spec.kind;
    out += fmt::format("  {:<{}}  {}{}\n", spec.name, width, spec.summary,
                       spec.stability == Stability::kBeta ? " (beta)" : "");
  }
  return out;
}

Result<std::string> ListJson(std::string_view kind) {
  LEAT_TRY(CheckKind(kind));
  Json json = Json::array();
  for (const Spec& spec : AllSpecs()) {
    if (!kind.empty() && spec.kind != kind) continue;
    json.push_back({{"kind", spec.kind},
                    {"name", spec.name},
                    {"stability", std::string(StabilityName(spec.stability))},
                    {"summary", spec.summary}});
  }
  return json.dump(2);
}

Result<const Spec*> FindSpecOrExplain(std::string_view kind, std::string_view name) {
  LEAT_TRY(CheckKind(kind));
  if (const Spec* spec = FindSpec(kind, name)) return spec;
  const auto names = SpecNames(kind);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  const std::string near = DidYouMean(name, names);
  return MakeError("CMP-102", ErrorKind::kNotFound, "there is no {} named '{}'", kind, name)
      .WithHint((near.empty() ? "" : near + "\n") + "built in: " + all);
}

std::string FieldsText(const std::vector<FieldSpec>& fields, int width, int indent) {
  std::string out;
  const std::string margin(static_cast<size_t>(indent), ' ');
  for (const FieldSpec& field : fields) {
    out += fmt::format("{}{}  ({})\n", margin, field.name, Properties(field));
    out += Wrap(field.description, width, indent + 4);
    if (!field.example.empty()) out += fmt::format("{}    e.g. {}: {}\n", margin, field.name, field.example);
    if (!field.fields.empty()) out += FieldsText(field.fields, width, indent + 4);
  }
  return out;
}

std::string FieldsJson(const std::vector<FieldSpec>& fields) { return FieldsJsonValue(fields).dump(2); }

std::string DescribeText(const Spec& spec, int width) {
  std::string out = fmt::format("{} {}: {}{}\n\n", spec.kind, spec.name, spec.summary,
                                spec.stability == Stability::kBeta ? " (beta)" : "");
  out += Wrap(spec.description, width, 0);
  const auto section = [&](std::string_view title, const std::vector<FieldSpec>& fields) {
    if (!fields.empty()) out += fmt::format("\n{}\n{}", title, FieldsText(fields, width));
  };
  if (spec.kind == "source") section("connection fields", ConnectionFields(spec));
  section(spec.kind == "source" ? "table fields" : "fields", spec.fields);
  if (spec.kind == "check") section("fields of every check", CheckPolicyFields());
  std::string facts;
  for (const auto& [name, value] : Capabilities(spec)) facts += fmt::format("  {}: {}\n", name, value ? "yes" : "no");
  if (!facts.empty()) out += "\ncapabilities\n" + facts;
  if (!spec.examples.empty()) out += "\nexamples\n";
  for (const std::string& example : spec.examples) {
    out += "  ";
    for (const char c : example) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
    out += "\n";
  }
  return out;
}

std::string DescribeJson(const Spec& spec) {
  Json json{{"kind", spec.kind},
            {"name", spec.name},
            {"stability", std::string(StabilityName(spec.stability))},
            {"summary", spec.summary},
            {"description", spec.description},
            {"fields", FieldsJsonValue(spec.fields)}};
  if (spec.kind == "source") json["connection_fields"] = FieldsJsonValue(ConnectionFields(spec));
  if (spec.kind == "check") json["policy_fields"] = FieldsJsonValue(CheckPolicyFields());
  json["capabilities"] = Json::object();
  for (const auto& [name, value] : Capabilities(spec)) json["capabilities"][name] = value;
  json["examples"] = spec.examples;
  return json.dump(2);
}

}  // namespace leat::component
