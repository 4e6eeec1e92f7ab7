#include "imports/draft.h"

#include <algorithm>

#include "base/lower.h"
#include "base/plain_name.h"
#include "base/secret.h"
#include "config/yaml_text.h"

namespace leat::imports {

using config::AppendYamlComment;
using config::AppendYamlLine;
using config::Node;
using config::YamlFlow;
using config::YamlScalar;

Node TextNode(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.scalar = std::move(text);
  node.quoted = true;
  return node;
}

Node WordNode(std::string text) {
  Node node = TextNode(std::move(text));
  node.quoted = false;
  return node;
}

Node ListNode(const std::vector<std::string>& texts) {
  Node node;
  node.kind = Node::Kind::kList;
  for (const std::string& text : texts) node.items.push_back(TextNode(text));
  return node;
}

Node MapNode(const std::vector<std::pair<std::string, Node>>& members) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (const auto& [key, value] : members) node.members.push_back({key, {}, value});
  return node;
}

void DraftMembers::Set(const std::string& key, Node value, std::string reason) {
  for (DraftMember& member : *this) {
    if (member.key != key) continue;
    member.value = std::move(value);
    member.reason = std::move(reason);
    return;
  }
  push_back({key, std::move(value), std::move(reason)});
}

void DraftMembers::Set(const std::string& key, const std::string& text, std::string reason) {
  Set(key, TextNode(text), std::move(reason));
}

const Node* DraftMembers::Find(const std::string& key) const {
  for (const DraftMember& member : *this) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string SourceDraft::FreeName(const std::string& wanted) const {
  std::string free = wanted;
  const auto taken = [&](const TableDraft& table) { return Lower(table.members.Find("name")->scalar) == Lower(free); };
  for (int n = 2; std::any_of(tables.begin(), tables.end(), taken); ++n) free = wanted + "_" + std::to_string(n);
  return free;
}

namespace {

constexpr size_t kLongLine = 100;

/// `key: value`, on one line where it is short, else each part on its own.
void AppendMember(std::string& text, const std::string& before, const std::string& key, const Node& value,
                  const std::string& reason) {
  const std::string line = before + YamlScalar(key) + ": " + YamlFlow(value);
  const bool maps = value.is_map() || (value.is_list() && !value.items.empty() && value.items[0].is_map());
  if (line.size() <= kLongLine || !maps) return AppendYamlLine(text, line, reason);
  AppendYamlLine(text, before + YamlScalar(key) + ":", reason);
  const std::string indent(before.size() + 2, ' ');
  for (const Node::Member& member : value.members) AppendMember(text, indent, member.key, member.value, "");
  for (const Node& item : value.items) AppendYamlLine(text, indent + "- " + YamlFlow(item), "");
}

}  // namespace

std::string DraftSourceYaml(const SourceDraft& source, const std::string& header) {
  std::string text;
  AppendYamlComment(text, "# " + header);
  text += "source: " + YamlScalar(source.name) + "\nconnection: " + YamlScalar(source.connection) + "\n";
  text += source.tables.empty() ? "tables: []\n" : "tables:\n";
  for (const TableDraft& table : source.tables) {
    const char* before = "  - ";
    for (const DraftMember& member : table.members) {
      AppendMember(text, before, member.key, member.value, member.reason);
      before = "    ";
    }
    for (const std::string& note : table.notes) AppendYamlComment(text, "    # look at this: " + note);
  }
  for (const std::string& note : source.notes) AppendYamlComment(text, "# left out: " + note);
  return text;
}

std::string DraftConnectionYaml(const ConnectionDraft& connection) {
  std::string text = "  " + YamlScalar(connection.name) + ":\n    type: " + YamlScalar(connection.type) + "\n";
  for (const DraftMember& member : connection.members)
    AppendMember(text, "    ", member.key, member.value, member.reason);
  return text;
}

namespace {

/// The same values in the same order, wherever they stand.
bool SameValue(const Node& a, const Node& b) {
  const auto member = [](const Node::Member& x, const Node::Member& y) {
    return x.key == y.key && SameValue(x.value, y.value);
  };
  return a.kind == b.kind && a.scalar == b.scalar &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), SameValue) &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(), member);
}

}  // namespace

Result<std::string> AddConnections(const std::string& file_text, const std::vector<ConnectionDraft>& drafts) {
  if (drafts.empty()) return file_text;
  std::string added;
  for (const ConnectionDraft& draft : drafts) added += DraftConnectionYaml(draft);
  if (file_text.find_first_not_of(" \t\r\n") == std::string::npos) return "connections:\n" + added;
  const std::string text = file_text + (file_text.ends_with('\n') ? "" : "\n") + added;
  // Behind other keys, below flow braces or at another indent the entry would become something else: then nothing is touched.
  const auto before = config::ParseYaml(file_text, "connections.yml");
  const auto after = config::ParseYaml(text, "connections.yml");
  const auto whole = config::ParseYaml("connections:\n" + added, "connections.yml");
  if (before.ok() && after.ok() && whole.ok() && before->is_map()) {
    Node expected = *before;
    for (Node::Member& member : expected.members) {
      if (member.key != "connections") continue;
      if (member.value.is_null()) member.value.kind = Node::Kind::kMap;
      const Node& entries = *whole->Find("connections");
      member.value.members.insert(member.value.members.end(), entries.members.begin(), entries.members.end());
    }
    if (before->Find("connections") != nullptr && SameValue(expected, *after)) return text;
  }
  return MakeError("APP-209", ErrorKind::kConfig,
                   "connections.yml is written in a way that a connection cannot be added to")
      .WithHint("put this below its `connections:` yourself, then import again:\n" + added)
      .At({"connections.yml", 0, 0, 0});
}

std::string PlainNameOf(const std::string& text) {
  std::string name = Lower(text);
  for (char& c : name) c = IsPlain(c) ? c : '_';
  while (name.size() > 1 && name.front() == '_') name.erase(name.begin());
  while (name.size() > 1 && name.back() == '_') name.pop_back();
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "t_" + name;
  return name;
}

std::string EntryNameOf(const std::string& text) {
  std::string name = text;
  for (char& c : name) c = IsPlain(c) ? c : '_';
  return name.empty() || (name[0] >= '0' && name[0] <= '9') ? "t_" + name : name;
}

std::string SecretNames::Reference(const std::string& hint, const std::string& value) {
  RegisterSecret(value);
  std::string name = PlainNameOf(hint);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  std::string free = name;
  for (int n = 2;; ++n) {
    const auto at = std::find(names_.begin(), names_.end(), free);
    if (at == names_.end()) {
      names_.push_back(free);
      values_.push_back(value);
      break;
    }
    if (values_[static_cast<size_t>(at - names_.begin())] == value) break;
    free = name + "_" + std::to_string(n);
  }
  return "${secret:" + free + "}";
}

}  // namespace leat::imports
