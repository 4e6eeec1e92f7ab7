#include "data/json_scan.h"

#include <algorithm>
#include <cstdint>

#include "base/hex.h"
#include "base/utf8.h"

namespace leat::data {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// `lower`: in lower case, letters only.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

/// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
bool IsNumber(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t first = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > first;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
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

}  // namespace

void JsonScanner::SkipSpace() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
    ++at_;
}

bool JsonScanner::AtEnd() {
  SkipSpace();
  return at_ >= text_.size();
}

bool JsonScanner::Take(char c) {
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::TakeString(std::string_view& raw) {
  if (!Take('"')) return false;
  const size_t first = at_;
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

bool JsonScanner::TakeValue(std::string_view& raw) {
  SkipSpace();
  const size_t first = at_;
  std::string_view ignored;
  if (at_ >= text_.size()) return false;
  if (text_[at_] == '"') {
    if (!TakeString(ignored)) return false;
  } else if (text_[at_] == '{' || text_[at_] == '[') {
    int depth = 0;
    do {
      if (at_ >= text_.size()) return false;
      const char c = text_[at_];
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

/// Control characters must be escaped; escapes must be known.
bool JsonScanner::IsSoundString(std::string_view raw) const {
  bool escaped = false;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (static_cast<unsigned char>(raw[i]) < 0x20) return false;
    if (raw[i] == '\\') {
      if (std::string_view("\"\\/bfnrtu").find(raw[++i]) == std::string_view::npos) return false;
      escaped = true;
    }
  }
  std::string ignored;
  return !escaped || rules_ == Rules::kRfc8259 || UnescapeJson(raw, ignored);
}

bool JsonScanner::IsSoundBare(std::string_view text) const {
  if (text == "true" || text == "false" || text == "null" || IsNumber(text)) return true;
  if (rules_ == Rules::kRfc8259) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  return EqualsIgnoringCase(text, "nan") || EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity");
}

bool JsonScanner::TakeSoundValue(std::string_view& raw, int depth) {  // NOLINT(misc-no-recursion): at most kDeepest
  SkipSpace();
  if (at_ >= text_.size() || depth > kDeepest) return false;
  const size_t first = at_;
  std::string_view inner;
  if (text_[at_] == '"') {
    if (!TakeString(inner) || !IsSoundString(inner)) return false;
  } else if (text_[at_] == '{' || text_[at_] == '[') {
    const bool object = text_[at_++] == '{';
    const char close = object ? '}' : ']';
    if (!Take(close)) {
      while (true) {
        if (object && (!TakeString(inner) || !IsSoundString(inner) || !Take(':'))) return false;
        if (!TakeSoundValue(inner, depth + 1)) return false;
        const bool more = Take(',');
        if ((!more || rules_ == Rules::kEngine) && Take(close)) break;
        if (!more) return false;
      }
    }
  } else {
    if (!TakeValue(inner) || !IsSoundBare(inner)) return false;
  }
  raw = text_.substr(first, at_ - first);
  return true;
}

bool UnescapeJson(std::string_view raw, std::string& text) {
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

bool JsonValueText(std::string_view value, std::string& text) {
  if (value.size() >= 2 && value[0] == '"') return UnescapeJson(value.substr(1, value.size() - 2), text);
  text = value;
  return true;
}

}  // namespace leat::data
