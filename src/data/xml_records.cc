#include "data/xml_records.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_quoted.h"

namespace leat::data {
namespace {

constexpr const char* kInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr const char* kXml = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kSpace = " \t\r\n";
constexpr size_t kMostShown = 12;
constexpr size_t kMostNames = 10'000;
constexpr const char* kText = "#text";
constexpr const char* kContent = "#content";

bool IsBlank(std::string_view text) { return text.find_first_not_of(kSpace) == std::string_view::npos; }

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string Below(std::string path, std::string_view name) {
  if (!path.empty()) path += '/';
  return path.append(name);
}

bool IsName(std::string_view name) {
  return !name.empty() && name.find_first_of("/@#[]* \t") == std::string_view::npos;
}

}  // namespace

/// An element of the record, or a text between elements.
struct XmlRecords::Node {
  bool is_text = false;
  bool is_nil = false;
  std::string name;   ///< of an element
  std::string space;  ///< its namespace
  std::string text;   ///< of a text
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<uint32_t> parts;  ///< elements and texts in it
};

Result<std::vector<std::string>> XmlRecordRules::ParsePath(const std::string& text) {
  std::vector<std::string> names;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('/', at + 1), text.size());
    std::string name = text.substr(at + 1, end - at - 1);
    if (text[at] != '/' || (name != "*" && !IsName(name))) {
      names.clear();
      break;
    }
    names.push_back(std::move(name));
    at = end;
  }
  if (names.empty()) {
    return MakeError("SRC-331", ErrorKind::kConfig, "'{}' is no path of elements", text)
        .WithHint("write the names from the root to the record: /feed/items/item; * is any name");
  }
  return names;
}

Result<XmlRecordRules::Outer> XmlRecordRules::ParseOuter(const std::string& column, const std::string& text) {
  Outer outer{column, 0, ""};
  std::string_view rest = text;
  for (; rest.starts_with("../"); rest.remove_prefix(3)) ++outer.up;
  if (outer.up == 0 || !rest.starts_with('@') || !IsName(rest.substr(1))) {
    return MakeError("SRC-331", ErrorKind::kConfig, "'{}' is no attribute of an element around the record", text)
        .WithHint(
            "../@date is the attribute date of the element around the record, ../../@date of the one around that");
  }
  outer.attribute = rest.substr(1);
  return outer;
}

std::string XmlRecordRules::PathText() const {
  std::string text;
  for (const std::string& name : path) text += "/" + name;
  return text;
}

XmlRecords::XmlRecords(const XmlRecordRules& rules, const std::string& encoding, Take take)
    : rules_(rules), take_(std::move(take)), parser_(*this, encoding) {}

XmlRecords::~XmlRecords() = default;

const std::string& XmlRecords::Named(const XmlName& name) {
  std::string key = std::string(name.space) + '\n' + std::string(name.local);
  const auto known = names_.find(key);
  if (known != names_.end()) return known->second;
  std::string prefix;
  const auto declared = rules_.prefixes.find(std::string(name.space));
  if (declared != rules_.prefixes.end()) prefix = declared->second;
  else if (name.space == kInstance) prefix = "xsi";
  else if (name.space == kXml) prefix = "xml";
  std::string shown = prefix.empty() ? std::string(name.local) : prefix + ":" + std::string(name.local);
  return names_.emplace(std::move(key), std::move(shown)).first->second;
}

uint32_t XmlRecords::NewNode() {
  if (used_ == nodes_.size()) nodes_.emplace_back();
  Node& node = nodes_[used_];
  node.is_text = node.is_nil = false;
  node.text.clear();
  node.attributes.clear();
  node.parts.clear();
  return static_cast<uint32_t>(used_++);
}

void XmlRecords::NoteOuter(const std::string& name, const std::vector<XmlAttribute>& attributes) {
  OuterElement& element = outer_.emplace_back();
  element.name = name;
  for (const XmlAttribute& one : attributes) element.attributes.emplace_back(Named(one.name), one.value);
  if (seen_.size() >= kMostShown) return;
  std::string path;
  for (const OuterElement& one : outer_) path += "/" + one.name;
  if (!seen_.insert(path).second) return;
  seen_text_ += (seen_text_.empty() ? "" : ", ") + path;
}

void XmlRecords::Start(XmlParser& parser, const XmlName& name, const std::vector<XmlAttribute>& attributes) {
  const std::string& shown = Named(name);
  if (names_.size() > kMostNames)
    return parser.Stop(fmt::format("the document has more than {} names of elements and attributes", kMostNames));
  const auto is_step = [&](size_t at) { return rules_.path[at] == "*" || rules_.path[at] == shown; };
  if (open_.empty()) {
    const size_t depth = outer_.size();
    const bool on_path = matched_ == depth && depth < rules_.path.size();
    const bool matches = on_path && is_step(depth);
    // A place of records that has none is a place too.
    found_place_ = found_place_ || (matches && depth + 2 >= rules_.path.size());
    if (!matches || depth + 1 < rules_.path.size()) {
      NoteOuter(shown, attributes);
      if (matches) ++matched_;
      return;
    }
    used_ = bytes_ = 0;
    record_.cells.clear();
    record_.clash.clear();
  }
  const uint32_t made = NewNode();
  if (!open_.empty()) nodes_[open_.back()].parts.push_back(made);
  open_.push_back(made);
  Node& node = nodes_[made];
  node.name = shown;
  node.space = name.space;
  std::map<std::string_view, std::string_view> spaces;
  bytes_ += shown.size() + sizeof(Node);
  for (const XmlAttribute& one : attributes) {
    bytes_ += one.name.local.size() + one.value.size();
    if (one.name.space == kInstance && one.name.local == "nil") {
      const std::string value = Trimmed(std::string(one.value));
      node.is_nil = value == "true" || value == "1";
      continue;
    }
    const std::string& attribute = Named(one.name);
    if (!spaces.emplace(attribute, one.name.space).second) record_.clash = "@" + attribute;
    node.attributes.emplace_back(attribute, one.value);
  }
  if (bytes_ > kMostBytes) parser.Stop(fmt::format("a record is larger than {} MB", kMostBytes >> 20));
}

void XmlRecords::End(XmlParser&) {
  if (open_.empty()) {
    outer_.pop_back();
    matched_ = std::min(matched_, outer_.size());
    return;
  }
  open_.pop_back();
  if (!open_.empty()) return;
  Give();
}

void XmlRecords::Text(XmlParser& parser, std::string_view text) {
  if (open_.empty()) return;
  bytes_ += text.size();
  if (bytes_ > kMostBytes) return parser.Stop(fmt::format("a record is larger than {} MB", kMostBytes >> 20));
  const std::vector<uint32_t>& parts = nodes_[open_.back()].parts;
  if (!parts.empty() && nodes_[parts.back()].is_text) {
    nodes_[parts.back()].text += text;
    return;
  }
  const uint32_t made = NewNode();
  nodes_[made].is_text = true;
  nodes_[made].text = text;
  nodes_[open_.back()].parts.push_back(made);
}

bool XmlRecords::IsLeaf(const Node& node) const {
  return std::all_of(node.parts.begin(), node.parts.end(), [&](uint32_t part) { return nodes_[part].is_text; });
}

bool XmlRecords::IsMixed(const Node& node) const {
  return !IsLeaf(node) && std::any_of(node.parts.begin(), node.parts.end(), [&](uint32_t part) {
    return nodes_[part].is_text && !IsBlank(nodes_[part].text);
  });
}

std::string XmlRecords::TextOf(const Node& node) const {
  std::string text;
  for (const uint32_t part : node.parts) {
    if (nodes_[part].is_text) text += nodes_[part].text;
  }
  return rules_.trim ? Trimmed(text) : text;
}

/// The columns of the record.
void XmlRecords::Give() {
  const Node& record = nodes_[0];
  for (const XmlRecordRules::Outer& one : rules_.outer) {
    if (one.up > outer_.size()) continue;
    for (const auto& [name, value] : outer_[outer_.size() - one.up].attributes) {
      if (name == one.attribute) record_.cells.push_back({one.column, XmlCell::Kind::kText, value});
    }
  }
  PutAttributes(record, "");
  PutChildren(record, "", nullptr);
  if (IsMixed(record)) {
    record_.cells.push_back({kContent, XmlCell::Kind::kJson, ContentJson(record, "")});
  } else if (IsLeaf(record)) {
    std::string text = TextOf(record);
    if (!IsBlank(text)) record_.cells.push_back({kText, XmlCell::Kind::kText, std::move(text)});
  }
  take_(record_);
}

void XmlRecords::PutAttributes(const Node& node, const std::string& before) {
  for (const auto& [name, value] : node.attributes)
    record_.cells.push_back({fmt::format("{}@{}", before, name), XmlCell::Kind::kText, value});
}

/// The elements in `node` by name, in the order in which names come first: members of `json`, or columns where it is null.
void XmlRecords::PutChildren(const Node& node, const std::string& path, std::string* json) {
  std::vector<std::pair<std::string_view, std::vector<uint32_t>>> groups;
  std::unordered_map<std::string_view, size_t> index;
  for (const uint32_t part : node.parts) {
    const Node& child = nodes_[part];
    if (child.is_text) continue;
    const auto [found, added] = index.emplace(child.name, groups.size());
    if (added) groups.push_back({child.name, {}});
    std::vector<uint32_t>& group = groups[found->second].second;
    if (!group.empty() && nodes_[group[0]].space != child.space) record_.clash = child.name;
    group.push_back(part);
  }
  for (const auto& [name, group] : groups) {
    const std::string below = Below(path, name);
    const bool is_list = group.size() > 1 || rules_.lists.contains(below);
    std::string value;
    if (is_list) {
      for (const uint32_t one : group) value += (value.empty() ? "[" : ",") + ValueJson(nodes_[one], below);
      value += "]";
    }
    const Node& only = nodes_[group[0]];
    if (json != nullptr) {
      *json += (json->size() > 1 ? "," : "") + JsonQuoted(name) + ":" + (is_list ? value : ValueJson(only, below));
      continue;
    }
    XmlCell& cell = record_.cells.emplace_back();
    cell.name = name;
    if (is_list) {
      cell.kind = XmlCell::Kind::kJson;
      cell.text = std::move(value);
      continue;
    }
    if (only.is_nil) {
      cell.kind = XmlCell::Kind::kNull;
    } else if (IsLeaf(only)) {
      cell.text = TextOf(only);
    } else {
      cell.kind = XmlCell::Kind::kJson;
      cell.text = MembersJson(only, below, false);
    }
    PutAttributes(only, std::string(name));
  }
}

std::string XmlRecords::ValueJson(const Node& node, const std::string& path) {
  if (!node.attributes.empty() || !IsLeaf(node)) return MembersJson(node, path, true);
  return node.is_nil ? "null" : JsonQuoted(TextOf(node));
}

std::string XmlRecords::MembersJson(const Node& node, const std::string& path, bool attributes) {
  std::string json = "{";
  const auto put = [&json](std::string_view name, const std::string& value) {
    json += (json.size() > 1 ? "," : "") + JsonQuoted(name) + ":" + value;
  };
  if (attributes) {
    for (const auto& [name, value] : node.attributes) put("@" + name, JsonQuoted(value));
  }
  if (IsMixed(node)) put(kContent, ContentJson(node, path));
  else if (IsLeaf(node)) put(kText, node.is_nil ? "null" : JsonQuoted(TextOf(node)));
  else PutChildren(node, path, &json);
  return json + "}";
}

/// Texts and elements in their order: ["text", {"name": …}, …].
std::string XmlRecords::ContentJson(const Node& node, const std::string& path) {
  std::string json = "[";
  for (const uint32_t part : node.parts) {
    const Node& one = nodes_[part];
    if (json.size() > 1) json += ",";
    if (one.is_text) {
      json += JsonQuoted(one.text);
    } else {
      json += "{" + JsonQuoted(one.name) + ":" + ValueJson(one, Below(path, one.name)) + "}";
    }
  }
  return json + "]";
}

}  // namespace leat::data
