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

}  // namespace leat::components::csv
