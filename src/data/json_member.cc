#include "data/json_member.h"

#include <cstdint>

namespace leat::data {
namespace {

/// A cursor over JSON text that only knows where values end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// The raw text between the quotes of a string.
  bool TakeString(std::string_view& raw) {
    if (!Take('"')) return false;
    size_t first = at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        raw = text_.substr(first, at_++ - first);
        return true;
      }
    }
    return false;
  }
  /// Any value as it stands; strings with their quotes.
  bool TakeValue(std::string_view& raw) {
    SkipSpace();
    size_t first = at_;
    std::string_view ignored;
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '"') {
      if (!TakeString(ignored)) return false;
    } else if (text_[at_] == '{' || text_[at_] == '[') {
      int depth = 0;
      do {
        if (at_ >= text_.size()) return false;
        char c = text_[at_];
        if (c == '"') {
          if (!TakeString(ignored)) return false;
          continue;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        ++at_;
      } while (depth > 0);
    } else {
      while (at_ < text_.size() && std::string_view(",}] \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    }
    raw = text_.substr(first, at_ - first);
    return !raw.empty();
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool TakeUnit(std::string_view raw, size_t at, uint32_t& unit) {
  if (at + 4 > raw.size()) return false;
  unit = 0;
  for (size_t i = at; i < at + 4; ++i) {
    int digit = HexDigit(raw[i]);
    if (digit < 0) return false;
    unit = unit * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

void AppendUtf8(uint32_t code, std::string& text) {
  auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool Unescape(std::string_view raw, std::string& text) {
  text.clear();
  for (size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      text += raw[at];
      continue;
    }
    if (++at >= raw.size()) return false;
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    size_t known = kFrom.find(raw[at]);
    if (known != std::string_view::npos) {
      text += kTo[known];
      continue;
    }
    uint32_t code = 0;
    if (raw[at] != 'u' || !TakeUnit(raw, at + 1, code)) return false;
    at += 4;
    if (code >= 0xD800 && code < 0xDC00) {
      uint32_t low = 0;
      if (at + 2 >= raw.size() || raw[at + 1] != '\\' || raw[at + 2] != 'u' || !TakeUnit(raw, at + 3, low) ||
          low < 0xDC00 || low > 0xDFFF)
        return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    } else if (code >= 0xDC00 && code < 0xE000) {
      return false;
    }
    AppendUtf8(code, text);
  }
  return true;
}

}  // namespace

JsonMember FindJsonMember(std::string_view line, std::string_view key, std::string& text) {
  Scanner scanner(line);
  if (!scanner.Take('{')) return JsonMember::kMalformed;
  if (scanner.Take('}')) return JsonMember::kAbsent;
  std::string name;
  do {
    std::string_view raw_name;
    std::string_view value;
    if (!scanner.TakeString(raw_name) || !scanner.Take(':') || !scanner.TakeValue(value)) return JsonMember::kMalformed;
    bool same = raw_name == key;
    if (!same && raw_name.find('\\') != std::string_view::npos) same = Unescape(raw_name, name) && name == key;
    if (!same) continue;
    if (value == "null") return JsonMember::kNull;
    if (value[0] == '"')
      return Unescape(value.substr(1, value.size() - 2), text) ? JsonMember::kText : JsonMember::kMalformed;
    text = value;
    return JsonMember::kText;
  } while (scanner.Take(','));
  return scanner.Take('}') ? JsonMember::kAbsent : JsonMember::kMalformed;
}

}  // namespace leat::data
