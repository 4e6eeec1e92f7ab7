#include "io/s3/xml.h"

#include <charconv>

#include "base/utf8.h"

namespace leat::io::s3 {
namespace {

constexpr int kDeepest = 32;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<XmlElement> Document() {
    LEAT_TRY(SkipMisc());
    XmlElement root;
    LEAT_TRY(Element(root, 0));
    return root;
  }

 private:
  Error Wrong(std::string_view what) const {
    return MakeError("IO-514", ErrorKind::kEnvironment, "the store's answer is not XML: {} at byte {}", what, at_);
  }
  bool At(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  Status SkipTo(std::string_view end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return Wrong("it ends too early");
    at_ = found + end.size();
    return Ok();
  }

  // Declarations, comments and blanks between elements.
  Status SkipMisc() {
    for (;;) {
      while (at_ < text_.size() &&
             (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
        ++at_;
      if (At("<?")) LEAT_TRY(SkipTo("?>"));
      else if (At("<!--")) LEAT_TRY(SkipTo("-->"));
      else return Ok();
    }
  }

  Status Element(XmlElement& element, int depth) {
    if (depth > kDeepest) return Wrong("it is nested too deeply");
    if (at_ >= text_.size() || text_[at_] != '<') return Wrong("expected '<'");
    const size_t end = text_.find_first_of(" \t\r\n/>", at_ + 1);
    if (end == std::string_view::npos || end == at_ + 1 || text_[at_ + 1] == '!') return Wrong("expected an element");
    element.name = std::string(text_.substr(at_ + 1, end - at_ - 1));
    if (const size_t colon = element.name.find(':'); colon != std::string::npos) element.name.erase(0, colon + 1);
    at_ = end;
    char quote = 0;
    for (; at_ < text_.size() && (quote != 0 || text_[at_] != '>'); ++at_) {
      const char c = text_[at_];
      if (quote != 0) quote = c == quote ? '\0' : quote;
      else if (c == '"' || c == '\'') quote = c;
    }
    if (at_ >= text_.size()) return Wrong("it ends too early");
    const bool empty = text_[at_ - 1] == '/';
    ++at_;
    return empty ? Ok() : Content(element, depth);
  }

  Status Content(XmlElement& element, int depth) {
    for (;;) {
      if (at_ >= text_.size()) return Wrong("it ends too early");
      if (At("</")) return SkipTo(">");
      if (At("<!--")) {
        LEAT_TRY(SkipTo("-->"));
      } else if (At("<![CDATA[")) {
        const size_t begin = at_ + 9;
        LEAT_TRY(SkipTo("]]>"));
        element.text += text_.substr(begin, at_ - 3 - begin);
      } else if (text_[at_] == '<') {
        LEAT_TRY(Element(element.children.emplace_back(), depth + 1));
      } else if (text_[at_] == '&') {
        LEAT_TRY(Reference(element.text));
      } else {
        element.text += text_[at_++];
      }
    }
  }

  Status Reference(std::string& text) {
    const size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 12) return Wrong("a reference has no end");
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    if (name == "lt") text += '<';
    else if (name == "gt") text += '>';
    else if (name == "amp") text += '&';
    else if (name == "quot") text += '"';
    else if (name == "apos") text += '\'';
    else {
      const bool hex = name.starts_with("#x");
      const std::string_view digits = name.substr(hex ? 2 : 1);
      uint32_t code = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      if (name.empty() || name[0] != '#' || read.ec != std::errc() || read.ptr != digits.data() + digits.size() ||
          code > 0x10FFFF)
        return Wrong("an unknown reference");
      AppendUtf8(code, text);
    }
    at_ = end + 1;
    return Ok();
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const XmlElement* XmlElement::Find(std::string_view child) const {
  for (const XmlElement& one : children)
    if (one.name == child) return &one;
  return nullptr;
}

std::string XmlElement::Text(std::string_view child) const {
  const XmlElement* found = Find(child);
  return found == nullptr ? "" : found->text;
}

Result<XmlElement> ParseXml(std::string_view text) { return Parser(text).Document(); }

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) escaped += fmt::format("&#x{:X};", static_cast<unsigned char>(c));
        else escaped += c;
    }
  }
  return escaped;
}

}  // namespace leat::io::s3
