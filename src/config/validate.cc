#include <algorithm>

#include "base/nearest.h"
#include "base/secret.h"
#include "config/env.h"
#include "config/field_item.h"
#include "config/scalar.h"

namespace leat::config {
namespace {

std::string KindOf(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "nothing";
    case Node::Kind::kScalar: return fmt::format("'{}'", node.scalar);
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a map";
  }
  return "";
}

std::string Expected(FieldType type) {
  switch (type) {
    case FieldType::kString: return "a text";
    case FieldType::kInteger: return "a whole number";
    case FieldType::kNumber: return "a number";
    case FieldType::kBoolean: return "true or false";
    case FieldType::kDuration: return "a time span such as 30s, 15m, 24h or 7d";
    case FieldType::kBytes: return "a size such as 512MB or 4GiB";
    case FieldType::kPercent: return "a share such as 1% or 0.5%";
    case FieldType::kPath: return "a path";
    case FieldType::kEnum: return "one word";
    case FieldType::kList: return "a list";
    case FieldType::kMap:
    case FieldType::kObject: return "a map";
    case FieldType::kAny: return "any value";
  }
  return "";
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class Validator {
 public:
  Validator(const EnvLookup& env, Findings& findings) : env_(env), findings_(findings) {}

  Values Object(const Node& node, const std::vector<FieldSpec>& fields, const std::string& what) {
    Values values;
    values.span = node.span;
    if (node.is_map()) Unknown(node, fields, what);
    else if (!node.is_null()) WrongType(node, "a map of fields", what, "");
    for (const FieldSpec& field : fields) {
      const Node* value = node.Find(field.name);
      auto item = std::make_shared<Values::Item>();
      if (value == nullptr || value->is_null()) {
        if (field.required && (node.is_map() || node.is_null())) {
          findings_.Add(MakeError("CFG-105", ErrorKind::kConfig, "field '{}' of {} is missing", field.name, what)
                            .WithHint(field.example.empty() ? field.description
                                                            : fmt::format("{}\nfor example: {}: {}", field.description,
                                                                          field.name, field.example))
                            .At(value == nullptr ? node.span : value->span));
        }
        Default(field, *item);
      } else {
        Deprecated(field, node, what);
        item->given = true;
        item->raw = *value;
        Take(*value, field, what, *item);
      }
      values.items[field.name] = std::move(item);
    }
    return values;
  }

 private:
  void Unknown(const Node& node, const std::vector<FieldSpec>& fields, const std::string& what) {
    std::vector<std::string> names;
    for (const FieldSpec& field : fields) {
      if (field.deprecated_by.empty()) names.push_back(field.name);
    }
    for (const Node::Member& member : node.members) {
      const bool known = std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.name == member.key; });
      if (known) continue;
      const std::string near = DidYouMean(member.key, names);
      const std::string allowed = names.empty() ? "no fields are allowed here" : "allowed here: " + Joined(names);
      findings_.Add(MakeError("CFG-104", ErrorKind::kConfig, "unknown field '{}' in {}", member.key, what)
                        .WithHint(near.empty() ? allowed : fmt::format("{}\n{}", near, allowed))
                        .At(member.key_span));
    }
  }

  void Deprecated(const FieldSpec& field, const Node& node, const std::string& what) {
    if (field.deprecated_by.empty()) return;
    for (const Node::Member& member : node.members) {
      if (member.key != field.name) continue;
      findings_.Warn(MakeError("CFG-109", ErrorKind::kConfig, "field '{}' in {} is deprecated", field.name, what)
                         .WithHint(fmt::format("write '{}' instead", field.deprecated_by))
                         .At(member.key_span));
    }
  }

  void WrongType(const Node& node, const std::string& expected, const std::string& what, const std::string& name,
                 const std::string& hint = "") {
    const std::string object = name.empty() ? what : fmt::format("field '{}' of {}", name, what);
    findings_.Add(MakeError("CFG-106", ErrorKind::kConfig, "{}: expected {}, found {}", object, expected, KindOf(node))
                      .WithHint(hint)
                      .At(node.span));
  }

  void Bounds(const Node& node, double value, const FieldSpec& field, const std::string& what) {
    if ((field.minimum && value < *field.minimum) || (field.maximum && value > *field.maximum)) {
      std::string bound;
      if (field.minimum && field.maximum) bound = fmt::format("between {} and {}", *field.minimum, *field.maximum);
      else if (field.minimum) bound = fmt::format("at least {}", *field.minimum);
      else bound = fmt::format("at most {}", *field.maximum);
      findings_.Add(MakeError("CFG-107", ErrorKind::kConfig, "field '{}' of {}: {} is out of bounds, it must be {}",
                              field.name, what, node.scalar, bound)
                        .At(node.span));
    }
  }

  /// A secret that stands in a project file is one that everybody reads who reads the project.
  void Literal(const Node& node) {
    RegisterSecret(node.scalar);
    findings_.Warn(MakeError("CFG-115", ErrorKind::kConfig, "a secret is written out here")
                       .WithHint("write ${secret:NAME} and set it: leat secret set NAME")
                       .At(node.span));
  }

  std::optional<std::string> Replaced(const Node& node, bool secret) {
    if (node.scalar.find("${") == std::string::npos) {
      if (secret) Literal(node);
      return node.scalar;
    }
    auto replaced = ReplaceVariables(node.scalar, env_);
    if (!replaced.ok()) {
      findings_.Add(std::move(replaced).error().At(node.span));
      return std::nullopt;
    }
    if (secret) RegisterSecret(*replaced);
    return *replaced;
  }

  void Take(const Node& node, const FieldSpec& field, const std::string& what, Values::Item& item) {
    switch (field.type) {
      case FieldType::kAny: return;
      case FieldType::kList: return TakeList(node, field, what, item);
      case FieldType::kMap: return TakeMap(node, field, what, item);
      case FieldType::kObject: return TakeObject(node, field, what, item);
      default: return TakeScalar(node, field, what, item);
    }
  }

  void TakeScalar(const Node& node, const FieldSpec& field, const std::string& what, Values::Item& item) {
    if (!node.is_scalar()) return WrongType(node, Expected(field.type), what, field.name);
    const auto text = Replaced(node, field.secret);
    if (!text) return;
    item.text = *text;
    if (Convert(*text, field, item)) {
      if (field.minimum || field.maximum) Bounds(node, NumberOf(field.type, item), field, what);
      return;
    }
    if (field.type == FieldType::kEnum) {
      const std::string near = DidYouMean(*text, field.allowed);
      const std::string allowed = "allowed: " + Joined(field.allowed);
      findings_.Add(
          MakeError("CFG-107", ErrorKind::kConfig, "field '{}' of {}: '{}' is not allowed", field.name, what, *text)
              .WithHint(near.empty() ? allowed : fmt::format("{}\n{}", near, allowed))
              .At(node.span));
      return;
    }
    WrongType(node, Expected(field.type), what, field.name,
              field.type == FieldType::kDuration || field.type == FieldType::kPercent
                  ? "write the unit after the number"
                  : "");
  }

  static double NumberOf(FieldType type, const Values::Item& item) {
    if (type == FieldType::kDuration) return static_cast<double>(item.integer) / 1e6;
    if (type == FieldType::kBytes) return static_cast<double>(item.integer);
    return item.number;
  }

  static bool Convert(const std::string& text, const FieldSpec& field, Values::Item& item) {
    switch (field.type) {
      case FieldType::kInteger:
        if (const auto value = ParseInteger(text)) {
          item.integer = *value;
          item.number = static_cast<double>(*value);
          return true;
        }
        return false;
      case FieldType::kNumber:
        if (const auto value = ParseNumber(text)) return item.number = *value, true;
        return false;
      case FieldType::kBoolean:
        if (const auto value = ParseBoolean(text)) return item.boolean = *value, true;
        return false;
      case FieldType::kDuration:
        if (const auto value = ParseDuration(text)) return item.integer = value->count(), true;
        return false;
      case FieldType::kBytes:
        if (const auto value = ParseBytes(text)) return item.integer = *value, true;
        return false;
      case FieldType::kPercent:
        if (const auto value = ParsePercent(text)) return item.number = *value, true;
        return false;
      case FieldType::kEnum: return std::find(field.allowed.begin(), field.allowed.end(), text) != field.allowed.end();
      default: return true;
    }
  }

  // The entries of a list or map are checked as fields of their own.
  static FieldSpec EntryField(const FieldSpec& field, const std::string& name) {
    FieldSpec entry = field;
    entry.name = name;
    entry.type = field.item_type;
    entry.required = false;
    return entry;
  }

  void TakeList(const Node& node, const FieldSpec& field, const std::string& what, Values::Item& item) {
    if (node.is_scalar() && field.scalar_ok && !field.open) return TakeEntry(node, field, field.name, what, item);
    if (!node.is_list()) return WrongType(node, Expected(field.type), what, field.name);
    if (field.open) return;
    for (size_t i = 0; i < node.items.size(); ++i) {
      TakeEntry(node.items[i], field, fmt::format("{}[{}]", field.name, i + 1), what, item);
    }
  }

  void TakeEntry(const Node& node, const FieldSpec& field, const std::string& name, const std::string& what,
                 Values::Item& item) {
    if (!field.fields.empty()) {
      item.objects.push_back(Object(node, field.fields, NameOf(node, name, what)));
      return;
    }
    Values::Item value;
    const FieldSpec entry = EntryField(field, name);
    if (node.is_null()) return WrongType(node, Expected(entry.type), what, name);
    Take(node, entry, what, value);
    item.list.push_back(value.text);
  }

  // "column 'tailnum' of …" reads better than "columns[3] of …".
  static std::string NameOf(const Node& node, const std::string& entry, const std::string& what) {
    const Node* name = node.Find("name");
    std::string shown = entry.substr(0, entry.find('['));
    if (name == nullptr || !name->is_scalar()) return fmt::format("{} of {}", entry, what);
    if (shown.size() > 1 && shown.back() == 's') shown.pop_back();
    return fmt::format("{} '{}' of {}", shown, name->scalar, what);
  }

  void TakeMap(const Node& node, const FieldSpec& field, const std::string& what, Values::Item& item) {
    if (!node.is_map()) return WrongType(node, Expected(field.type), what, field.name);
    if (field.open) return;
    for (const Node::Member& member : node.members) {
      const std::string name = fmt::format("{}.{}", field.name, member.key);
      if (!field.fields.empty()) {
        item.objects.push_back(Object(member.value, field.fields, fmt::format("{} of {}", name, what)));
        item.list.push_back(member.key);
        continue;
      }
      Values::Item value;
      if (!member.value.is_null()) Take(member.value, EntryField(field, name), what, value);
      item.map[member.key] = value.text;
    }
  }

  void TakeObject(const Node& node, const FieldSpec& field, const std::string& what, Values::Item& item) {
    if (node.is_scalar() && field.scalar_ok) {
      if (const auto text = Replaced(node, field.secret)) item.text = *text;
      return;
    }
    if (!node.is_map()) return WrongType(node, Expected(field.type), what, field.name);
    item.is_object = true;
    if (!field.open) item.objects.push_back(Object(node, field.fields, fmt::format("{} of {}", field.name, what)));
  }

  static void Default(const FieldSpec& field, Values::Item& item) {
    item.text = field.default_value;
    if (!field.default_value.empty()) Convert(field.default_value, field, item);
  }

  const EnvLookup& env_;
  Findings& findings_;
};

}  // namespace

Values Validate(const Node& node, const std::vector<FieldSpec>& fields, const std::string& what, const EnvLookup& env,
                Findings& findings) {
  return Validator(env, findings).Object(node, fields, what);
}

}  // namespace leat::config
