#include "imports/dlt_text.h"

#include "base/json_quoted.h"
#include "config/scalar.h"
#include "imports/hidden_texts.h"
#include "imports/node_reading.h"
#include "imports/python_literal.h"

namespace leat::imports {

using config::Node;

std::string DltRewritten(const std::string& text, DltBindings& bindings) {
  std::string ours;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "{{") == 0 || text.compare(i, 2, "}}") == 0) {
      ours += text[i] == '{' ? "{{" : "}";
      ++i;
      continue;
    }
    const size_t close = text[i] == '{' ? text.find('}', i) : std::string::npos;
    const std::string name = close == std::string::npos ? "" : text.substr(i + 1, close - i - 1);
    const bool is_name = !name.empty() && name.find_first_of("\"{: \n\t,") == std::string::npos;
    if (!is_name) {
      ours += text[i];
      continue;
    }
    i = close;
    const auto parent = [&](const std::string& resource, const std::string& field) {
      bindings.several = bindings.several || (!bindings.parent.empty() && bindings.parent != resource);
      bindings.parent = resource;
      bindings.fields.insert(field);
      ours += "{parent." + field + "}";
    };
    const size_t dot = name.starts_with("resources.") ? name.find('.', 10) : std::string::npos;
    if (dot != std::string::npos) {
      parent(name.substr(10, dot - 10), name.substr(dot + 1));
    } else if (const auto row = bindings.rows.find(name); row != bindings.rows.end()) {
      parent(row->second.first, row->second.second);
    } else if (name == "incremental.start_value" || name == "incremental.last_value") {
      bindings.since = true;
      ours += "{since}";
    } else if (name == "incremental.end_value") {
      ours += bindings.end_value.empty() ? "{until}" : bindings.end_value;
    } else if (name == "incremental.initial_value") {
      ours += bindings.initial_value;
    } else if (const auto value = bindings.fixed.find(name); value != bindings.fixed.end()) {
      ours += value->second;
    } else {
      bindings.unknown = name;
      ours += "{" + name + "}";
    }
  }
  return ours;
}

std::string DltValue(const Node& node, DltBindings& bindings, bool& literal) {
  literal = true;
  if (const std::string* reference = PythonReference(node)) return *reference;
  if (!node.is_scalar()) {
    literal = node.is_null();
    return "";
  }
  return DltRewritten(Replaced(node.scalar, "${", "$${"), bindings);
}

std::string DltHidden(const std::string& name, const Node& value, DltBindings& bindings) {
  const bool text = value.is_scalar() && !value.scalar.empty() && value.scalar.find('{') == std::string::npos;
  if (bindings.secrets == nullptr || !text || !ProvesWhoAsks(name, value.scalar)) return "";
  return bindings.secrets->Reference(bindings.hint + "_" + name, value.scalar);
}

std::string DltJson(const Node& node, DltBindings& bindings, bool& literal) {
  std::string text;
  if (PythonExpression(node) != nullptr || PythonReference(node) != nullptr) {
    literal = false;
    return "null";
  }
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar:
      if (node.quoted) return JsonQuoted(DltRewritten(Replaced(node.scalar, "${", "$${"), bindings));
      if (config::ParseNumber(node.scalar) || node.scalar == "true" || node.scalar == "false" || node.scalar == "null")
        return node.scalar;
      return JsonQuoted(DltRewritten(Replaced(node.scalar, "${", "$${"), bindings));
    case Node::Kind::kList:
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + DltJson(item, bindings, literal);
      return "[" + text + "]";
    case Node::Kind::kMap:
      for (const Node::Member& member : node.members) {
        const std::string hidden = DltHidden(member.key, member.value, bindings);
        text += (text.empty() ? "" : ", ") + JsonQuoted(member.key) + ": " +
                (hidden.empty() ? DltJson(member.value, bindings, literal) : JsonQuoted(hidden));
      }
      return "{" + text + "}";
  }
  return text;
}

}  // namespace leat::imports
