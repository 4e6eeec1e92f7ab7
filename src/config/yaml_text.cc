#include "config/yaml_text.h"

#include <algorithm>
#include <set>

#include "base/json_quoted.h"
#include "base/lower.h"
#include "base/plain_name.h"
#include "config/scalar.h"

namespace leat::config {
namespace {

constexpr size_t kReasonColumn = 44;

std::string OneLine(std::string text) {
  for (char& c : text) c = c == '\n' || c == '\r' ? ' ' : c;
  return text;
}

/// Words that YAML takes for something else than a text.
bool IsYamlWord(std::string_view text) {
  static const std::set<std::string> kWords = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  return kWords.contains(Lower(text));
}

bool IsOfPlainText(char c) { return IsPlain(c) || c == '.' || c == '/' || c == '-' || c == '$'; }

bool IsTyped(const std::string& text) {
  return ParseInteger(text) || ParseNumber(text) || text == "true" || text == "false" || text == "null";
}

}  // namespace

std::string YamlScalar(std::string_view text) {
  const bool begins =
      !text.empty() && (IsPlain(text[0]) || text[0] == '/' || text[0] == '$') && !(text[0] >= '0' && text[0] <= '9');
  const bool plain = begins && std::all_of(text.begin(), text.end(), IsOfPlainText) && !IsYamlWord(text);
  return plain ? std::string(text) : JsonQuoted(text);
}

std::string YamlFlow(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: return !node.quoted && IsTyped(node.scalar) ? node.scalar : YamlScalar(node.scalar);
    case Node::Kind::kList: {
      std::string text;
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + YamlFlow(item);
      return "[" + text + "]";
    }
    case Node::Kind::kMap: {
      std::string text;
      for (const Node::Member& member : node.members)
        text += (text.empty() ? " " : ", ") + YamlScalar(member.key) + ": " + YamlFlow(member.value);
      return text.empty() ? "{}" : "{" + text + " }";
    }
  }
  return "";
}

void AppendYamlLine(std::string& text, const std::string& member, const std::string& reason) {
  text += member;
  if (!reason.empty()) {
    text +=
        std::string(member.size() < kReasonColumn ? kReasonColumn - member.size() : 1, ' ') + "# " + OneLine(reason);
  }
  text += '\n';
}

void AppendYamlComment(std::string& text, const std::string& comment) { text += OneLine(comment) + "\n"; }

}  // namespace leat::config
