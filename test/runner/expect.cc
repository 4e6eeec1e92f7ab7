#include "expect.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "script.h"

namespace leat::e2e {
namespace {

Error Mismatch(std::string text) { return Error("E2E-301", ErrorKind::kData, std::move(text)); }

std::vector<std::string> SplitValues(const std::string& line) {
  std::vector<std::string> values;
  size_t begin = 0;
  while (true) {
    size_t end = begin;
    while (end < line.size() && line[end] != '\t' &&
           !(line[end] == ' ' && end + 1 < line.size() && line[end + 1] == ' '))
      ++end;
    values.push_back(line.substr(begin, end - begin));
    if (end >= line.size()) return values;
    begin = end + 1;
    if (line[end] == ' ') begin = line.find_first_not_of(' ', end);
    if (begin == std::string::npos) return values;
  }
}

bool SameValue(char type, const std::string& expected, const std::string& got) {
  if (expected == got) return true;
  if (type != 'R') return false;
  char* end_expected = nullptr;
  char* end_got = nullptr;
  const double a = std::strtod(expected.c_str(), &end_expected);
  const double b = std::strtod(got.c_str(), &end_got);
  if (*end_expected != 0 || *end_got != 0 || expected.empty() || got.empty()) return false;
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

}  // namespace

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string Normalise(std::string text, const std::string& folder) {
  for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 5)) {
    text.replace(at, folder.size(), "<dir>");
  }
  static const RE2 uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const RE2 time("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?");
  static const RE2 number("\\b\\d{16,19}\\b");
  static const RE2 seconds("\\b\\d+(\\.\\d+)? ?(ms|s)\\b");
  static const RE2 port("127\\.0\\.0\\.1:\\d+");
  RE2::GlobalReplace(&text, uuid, "<uuid>");
  RE2::GlobalReplace(&text, time, "<time>");
  RE2::GlobalReplace(&text, number, "<snapshot>");
  RE2::GlobalReplace(&text, seconds, "<seconds>");
  RE2::GlobalReplace(&text, port, "127.0.0.1:<port>");
  return text;
}

Status MatchText(std::string_view expectation, const std::string& text, const std::string& folder) {
  const std::string wanted = Trim(expectation);
  const std::string plain = Normalise(text, folder);
  const auto has = [&](const std::string& part) {
    return text.find(part) != std::string::npos || plain.find(part) != std::string::npos;
  };
  if (wanted.starts_with("~ ")) {
    if (has(wanted.substr(2))) return Ok();
    return Mismatch("does not contain: " + wanted.substr(2) + "\ngot:\n" + text);
  }
  if (wanted.starts_with("! ")) {
    if (!has(wanted.substr(2))) return Ok();
    return Mismatch("contains what it must not: " + wanted.substr(2) + "\ngot:\n" + text);
  }
  if (wanted.starts_with("re: ")) {
    const RE2 pattern("(?m)" + wanted.substr(4));
    if (!pattern.ok()) return MakeError("E2E-102", ErrorKind::kUsage, "pattern: {}", pattern.error());
    if (RE2::PartialMatch(text, pattern) || RE2::PartialMatch(plain, pattern)) return Ok();
    return Mismatch("does not match: " + wanted.substr(4) + "\ngot:\n" + text);
  }
  if (Trim(text) == wanted || Trim(plain) == wanted) return Ok();
  return Mismatch("- " + wanted + "\n+ " + Trim(plain));
}

Status MatchLines(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  if (expected == got) return Ok();
  // A longest common subsequence is enough for test outputs.
  const size_t n = expected.size(), m = got.size();
  std::vector<std::vector<int>> length(n + 1, std::vector<int>(m + 1, 0));
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      length[i][j] = expected[i] == got[j] ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
    }
  }
  std::string diff;
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && expected[i] == got[j]) {
      diff += "  " + got[j++] + "\n";
      ++i;
    } else if (j < m && (i == n || length[i][j + 1] >= length[i + 1][j])) {
      diff += "+ " + got[j++] + "\n";
    } else {
      diff += "- " + expected[i++] + "\n";
    }
  }
  return Mismatch("- expected, + got\n" + diff);
}

Result<std::vector<std::vector<std::string>>> CsvRows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false, was_quoted = false, header = true;
  const auto end_field = [&] {
    row.push_back(was_quoted ? (field.empty() ? "(empty)" : field) : (field.empty() ? "NULL" : field));
    field.clear();
    was_quoted = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') field += text[++i];
      else if (c == '"') quoted = false;
      else field += c;
    } else if (c == '"') {
      quoted = was_quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (c == '\n') {
      end_field();
      if (!header) rows.push_back(std::move(row));
      header = false;
      row.clear();
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted || !field.empty() || !row.empty()) return Mismatch("not csv with an end of line: " + text);
  return rows;
}

std::vector<std::string> RowLines(bool sorted, std::vector<std::vector<std::string>> rows) {
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (const std::string& value : row) line += (line.empty() ? "" : "\t") + value;
    lines.push_back(std::move(line));
  }
  if (sorted) std::sort(lines.begin(), lines.end());
  return lines;
}

Status MatchRows(const std::string& types, bool sorted, const std::vector<std::string>& expected,
                 std::vector<std::vector<std::string>> rows) {
  for (const auto& row : rows) {
    if (row.size() != types.size()) {
      return Mismatch(fmt::format("{} columns, the test says {} ({})", row.size(), types.size(), types));
    }
  }
  std::vector<std::vector<std::string>> wanted;
  for (const std::string& line : expected) wanted.push_back(SplitValues(line));
  if (sorted) {
    std::sort(rows.begin(), rows.end());
    std::sort(wanted.begin(), wanted.end());
  }
  bool same = rows.size() == wanted.size();
  for (size_t r = 0; same && r < rows.size(); ++r) {
    same = rows[r].size() == wanted[r].size();
    for (size_t c = 0; same && c < rows[r].size(); ++c) same = SameValue(types[c], wanted[r][c], rows[r][c]);
  }
  if (same) return Ok();
  Status lines = MatchLines(RowLines(false, wanted), RowLines(false, rows));
  if (lines.ok()) return Mismatch("rows differ by their types");
  return lines;
}

}  // namespace leat::e2e
