#include "component/nested_json.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>

#include "base/lower.h"
#include "data/exact_text.h"
#include "data/json_scan.h"

namespace leat::component {
namespace {

using data::TypeId;

using TakeItem = std::function<bool(std::string_view name, std::string_view value)>;

/// Each member of an object or item of a list (without a name); false where `take` says so.
bool EachItem(std::string_view json, const TakeItem& take) {
  data::JsonScanner scanner(json, data::JsonScanner::Rules::kEngine);
  const bool object = scanner.Take('{');
  if (!object && !scanner.Take('[')) return true;
  while (true) {
    std::string_view name, value;
    if (object && (!scanner.TakeString(name) || !scanner.Take(':'))) return true;  // its end
    if (!scanner.TakeValue(value)) return true;
    if (!take(name, value)) return false;
    if (!scanner.Take(',')) return true;
  }
}

/// Digits below microseconds that are none but zeros.
bool IsOfMicros(std::string_view text) {
  size_t at = text.find('.');
  if (at == std::string_view::npos) return true;
  for (size_t digits = 1; ++at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++digits) {
    if (digits > 6 && text[at] != '0') return false;
  }
  return true;
}

bool KeepsValue(std::string_view value, const data::Type& type) {
  std::string text;
  if (!data::JsonValueText(value, text)) return true;
  int64_t whole = 0;
  int32_t narrow = 0;
  double real = 0;
  float single = 0;
  data::Int128 wide;
  switch (type.id) {
    case TypeId::kInt: return data::ParseExact(text, narrow);
    case TypeId::kLong: return data::ParseExact(text, whole);
    case TypeId::kFloat: return data::ParseExact(text, single);
    case TypeId::kDouble: return data::ParseExact(text, real);
    case TypeId::kDecimal: return data::ParseExactDecimal(text, type.precision, type.scale, wide);
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return IsOfMicros(text);
    default: return true;
  }
}

bool KeepsStruct(std::string_view json, const data::Type& type,
                 bool drops_members) {  // NOLINT(misc-no-recursion): as deep as the type
  std::map<std::string, std::string> seen;
  return EachItem(json, [&](std::string_view raw, std::string_view value) {  // NOLINT(misc-no-recursion)
    std::string name;
    if (!data::UnescapeJson(raw, name)) return true;
    const std::string lower = Lower(name);
    const auto before = seen.find(lower);
    if (before != seen.end()) return before->second == name;  // twice: the first counts
    seen.emplace(lower, name);
    // The engine takes a member of a struct by its exact name.
    const auto field =
        std::find_if(type.fields.begin(), type.fields.end(), [&](const data::Field& one) { return one.name == name; });
    if (field == type.fields.end()) return drops_members || value == "null";
    return KeepsNested(value, *field->type, drops_members);
  });
}

}  // namespace

bool KeepsNested(std::string_view json, const data::Type& type,
                 bool drops_members) {  // NOLINT(misc-no-recursion): as deep as the type
  if (json == "null") return true;
  switch (type.id) {
    case TypeId::kStruct: return KeepsStruct(json, type, drops_members);
    case TypeId::kList:
    case TypeId::kMap:
      return EachItem(json, [&](std::string_view, std::string_view value) {  // NOLINT(misc-no-recursion)
        return KeepsNested(value, *type.fields.back().type, drops_members);
      });
    default: return KeepsValue(json, type);
  }
}

bool KeepsNumbers(std::string_view json) {  // NOLINT(misc-no-recursion): as deep as text may be
  if (json.starts_with('{') || json.starts_with('['))
    return EachItem(json, [](std::string_view, std::string_view value) { return KeepsNumbers(value); });  // NOLINT
  const bool number = !json.empty() && (json[0] == '-' || std::isdigit(static_cast<unsigned char>(json[0])) != 0);
  int64_t whole = 0;
  double real = 0;
  return !number || data::ParseExact(json, whole) || data::ParseExact(json, real);
}

}  // namespace leat::component
