#include "imports/node_reading.h"

#include "base/lower.h"

namespace leat::imports {

using config::Node;

const Node::Member* MemberOf(const Node* node, const std::string& key) {
  if (node == nullptr) return nullptr;
  for (const Node::Member& member : node->members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

std::vector<std::string> TextsOf(const Node& node, bool commas) {
  std::vector<std::string> texts;
  const auto add = [&](const Node& one) {
    if (!one.is_scalar()) return;
    if (!commas) return texts.push_back(one.scalar);
    for (size_t begin = 0; begin <= one.scalar.size();) {
      const size_t comma = std::min(one.scalar.find(',', begin), one.scalar.size());
      std::string part = one.scalar.substr(begin, comma - begin);
      while (part.starts_with(' ')) part.erase(0, 1);
      while (part.ends_with(' ')) part.pop_back();
      if (!part.empty()) texts.push_back(std::move(part));
      begin = comma + 1;
    }
  };
  add(node);
  for (const Node& item : node.items) add(item);
  return texts;
}

std::string PercentDecoded(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto hex = [&](size_t at) { return std::string("0123456789abcdef").find(Lower(text.substr(at, 1))); };
    if (text[i] == '%' && i + 2 < text.size() && hex(i + 1) < 16 && hex(i + 2) < 16) {
      plain += static_cast<char>(hex(i + 1) * 16 + hex(i + 2));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace leat::imports
