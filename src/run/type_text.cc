#include "run/type_text.h"

#include <vector>

#include "run/load_schema.h"

namespace leat::run {
namespace {

std::string Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// The parts of a list at the top level of brackets.
std::vector<std::string> Parts(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (c == separator && depth == 0) parts.emplace_back();
    else parts.back() += c;
  }
  for (std::string& part : parts) part = Trimmed(part);
  return parts;
}

Error NotAType(const std::string& text, const std::string& why) {
  return MakeError("RUN-512", ErrorKind::kConfig, "type '{}': {}", text, why)
      .WithHint("write list<string>, map<string, long>, struct<street: string, zip: int not null>, or a plain type");
}

data::Field Part(data::TypePtr type) {
  data::Field field;
  field.type = std::move(type);
  return field;
}

}  // namespace

Result<data::TypePtr> ParseTypeText(const std::string& text) {
  const std::string type = Trimmed(text), lower = Lower(type);
  if (lower.ends_with("[]")) {
    LEAT_ASSIGN(data::TypePtr element, ParseTypeText(type.substr(0, type.size() - 2)));
    return data::List(Part(std::move(element)));
  }
  const size_t open = type.find('<');
  if (open == std::string::npos) return ParseDeclaredType(type);
  if (!type.ends_with('>')) return NotAType(type, "a '>' is missing");
  const std::string kind = Trimmed(lower.substr(0, open));
  const std::vector<std::string> parts = Parts(std::string_view(type).substr(open + 1, type.size() - open - 2), ',');
  if (kind == "list" || kind == "array") {
    if (parts.size() != 1) return NotAType(type, "a list has one type of element");
    LEAT_ASSIGN(data::TypePtr element, ParseTypeText(parts[0]));
    return data::List(Part(std::move(element)));
  }
  if (kind == "map") {
    if (parts.size() != 2) return NotAType(type, "a map has two types: of its key and of its value");
    LEAT_ASSIGN(data::TypePtr key, ParseTypeText(parts[0]));
    LEAT_ASSIGN(data::TypePtr value, ParseTypeText(parts[1]));
    return data::Map(Part(std::move(key)), Part(std::move(value)));
  }
  if (kind != "struct") return NotAType(type, "there is no kind '" + kind + "'");
  std::vector<data::Field> fields;
  for (const std::string& part : parts) {
    const size_t colon = part.find(':');
    if (colon == std::string::npos) return NotAType(part, "a member is written `name: type`");
    data::Field field;
    field.name = Trimmed(std::string_view(part).substr(0, colon));
    std::string member = Trimmed(std::string_view(part).substr(colon + 1));
    if (Lower(member).ends_with(" not null")) {
      field.required = true;
      member = Trimmed(std::string_view(member).substr(0, member.size() - 9));
    }
    if (field.name.empty()) return NotAType(part, "a member has a name");
    LEAT_ASSIGN(field.type, ParseTypeText(member));
    fields.push_back(std::move(field));
  }
  return data::Struct(std::move(fields));
}

}  // namespace leat::run
