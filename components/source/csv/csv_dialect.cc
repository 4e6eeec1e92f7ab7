#include "components/source/csv/csv_dialect.h"

#include <algorithm>

namespace leat::components::csv {

bool NextRecord(std::string_view text, const Dialect& dialect, size_t& at, std::vector<std::string>& fields) {
  fields.clear();
  if (at >= text.size()) return false;
  std::string field;
  bool quoted = false;
  bool at_start = true;
  while (at < text.size()) {
    char c = text[at];
    if (quoted) {
      if (c == dialect.escape && at + 1 < text.size() &&
          (text[at + 1] == dialect.quote || (c != dialect.quote && text[at + 1] == c))) {
        field += text[at + 1];
        at += 2;
        continue;
      }
      if (c == dialect.quote) {
        quoted = false;
      } else {
        field += c;
      }
      ++at;
      continue;
    }
    ++at;
    if (c == dialect.quote && c != 0 && at_start) {
      quoted = true;
      at_start = false;
    } else if (c == dialect.delimiter) {
      fields.push_back(std::move(field));
      field.clear();
      at_start = true;
    } else if (c == '\n' || c == '\r') {
      if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
      break;
    } else {
      field += c;
      at_start = false;
    }
  }
  fields.push_back(std::move(field));
  return true;
}

size_t SkipLines(std::string_view text, int lines) {
  size_t at = 0;
  for (int i = 0; i < lines && at < text.size(); ++i) {
    size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return at;
}

char DetectDelimiter(std::string_view text, char quote, char escape) {
  constexpr int kRecords = 200;
  char best = ',';
  double best_share = 0;
  size_t best_fields = 1;
  for (char candidate : {',', ';', '\t', '|'}) {
    Dialect dialect{candidate, quote, escape};
    std::vector<std::string> fields;
    size_t at = 0;
    size_t first = 0;
    int records = 0;
    int equal = 0;
    while (records < kRecords && NextRecord(text, dialect, at, fields)) {
      if (fields.size() == 1 && fields[0].empty()) continue;
      if (records++ == 0) first = fields.size();
      equal += fields.size() == first;
    }
    if (first < 2) continue;
    double share = static_cast<double>(equal) / records;
    if (share > best_share + 0.05 || (share > best_share - 0.05 && first > best_fields)) {
      best = candidate;
      best_share = share;
      best_fields = first;
    }
  }
  return best;
}

bool HasQuotedLineEnd(std::string_view text, const Dialect& dialect) {
  size_t at = 0;
  std::vector<std::string> fields;
  while (NextRecord(text, dialect, at, fields)) {
    for (const std::string& field : fields) {
      if (field.find('\n') != std::string::npos) return true;
    }
  }
  return false;
}

size_t FindInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    auto byte = static_cast<unsigned char>(text[at]);
    size_t length = byte < 0x80                   ? 1
                    : byte >= 0xC2 && byte < 0xE0 ? 2
                    : byte >= 0xE0 && byte < 0xF0 ? 3
                    : byte >= 0xF0 && byte < 0xF5 ? 4
                                                  : 0;
    if (length == 0) return at;
    for (size_t i = 1; i < length; ++i) {
      if (at + i >= text.size()) return std::string_view::npos;
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
    auto follows = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    unsigned first = byte(0);
    if (first < 0x80) {
      ++at;
    } else if (first >= 0xC2 && first < 0xE0 && follows(1)) {
      at += 2;
    } else if (first >= 0xE0 && first < 0xF0 && follows(1) && follows(2) && (first != 0xE0 || byte(1) >= 0xA0) &&
               (first != 0xED || byte(1) < 0xA0)) {
      at += 3;
    } else if (first >= 0xF0 && first < 0xF5 && follows(1) && follows(2) && follows(3) &&
               (first != 0xF0 || byte(1) >= 0x90) && (first != 0xF4 || byte(1) < 0x90)) {
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace leat::components::csv
