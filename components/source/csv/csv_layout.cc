#include "components/source/csv/csv_layout.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "component/header_names.h"
#include "components/source/csv/csv_fixed.h"

namespace leat::components::csv {
namespace {

constexpr int64_t kTailBytes = 64 << 10;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The next record that is neither blank nor a comment; empty at the end of the text.
std::vector<std::string> NextHeaderRow(std::string_view text, const Dialect& dialect, const LayoutRules& rules,
                                       size_t& at) {
  std::vector<std::string> values;
  while (NextValues(text, dialect, rules, at, values)) {
    const bool is_comment = rules.comment != 0 && values[0].starts_with(rules.comment);
    if (!is_comment && !(values.size() == 1 && values[0].empty())) return values;
  }
  return {};
}

/// Where the last `lines` lines of `tail` begin, npos when it has not so many. Empty lines at its end do not count.
size_t BeginOfLast(std::string_view tail, int lines) {
  size_t at = tail.find_last_not_of("\r\n");
  if (at == std::string_view::npos) return std::string_view::npos;
  const char line_end = tail.find('\n') == std::string_view::npos ? '\r' : '\n';
  for (int i = 0; i < lines; ++i) {
    if (i > 0 && at-- == 0) return std::string_view::npos;
    at = tail.rfind(line_end, at);
    if (at == std::string_view::npos) return at;
  }
  return at + 1;
}

}  // namespace

bool NextValues(std::string_view text, const Dialect& dialect, const LayoutRules& rules, size_t& at,
                std::vector<std::string>& values) {
  if (rules.widths.empty()) return NextRecord(text, dialect, at, values);
  values.clear();
  if (at >= text.size()) return false;
  const std::string_view line = text.substr(at, text.find_first_of("\r\n", at) - at);
  at += line.size();
  at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  const bool whole = line.empty() || (rules.comment != 0 && line.starts_with(rules.comment));
  if (whole) {
    values.emplace_back(line);
    return true;
  }
  std::vector<std::string_view> cut(rules.widths.size());
  CutLine(line, rules.widths, cut.data());
  values.assign(cut.begin(), cut.end());
  return true;
}

FileHead ReadHead(std::string_view text, const Dialect& dialect, const LayoutRules& rules) {
  FileHead head;
  size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  at += SkipLines(text.substr(at), rules.skip);
  head.begin = at;
  std::vector<std::string> names = NextHeaderRow(text, dialect, rules, at);
  if (rules.header) {
    for (int row = 1; row < rules.header_rows; ++row) {
      const std::vector<std::string> more = NextHeaderRow(text, dialect, rules, at);
      names.resize(std::max(names.size(), more.size()));
      for (size_t i = 0; i < more.size(); ++i) names[i] += (names[i].empty() || more[i].empty() ? "" : "_") + more[i];
    }
    head.begin = at;
    head.header_columns = names.size();
  } else {
    names.assign(names.size(), "");
  }
  head.names = rules.names.empty() ? component::UniqueNames(std::move(names)) : rules.names;
  return head;
}

Result<int64_t> EndOfRecords(const std::string& path, const std::string& origin, int64_t size, int footer) {
  if (footer == 0) return size;
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  for (int64_t bytes = kTailBytes; file; bytes *= 4) {
    std::string tail(static_cast<size_t>(std::min(bytes, size)), '\0');
    const int64_t offset = size - static_cast<int64_t>(tail.size());
    if (fseeko(file.get(), offset, SEEK_SET) != 0 || std::fread(tail.data(), 1, tail.size(), file.get()) != tail.size())
      break;
    const size_t begin = BeginOfLast(tail, footer);
    if (begin != std::string::npos) return offset + static_cast<int64_t>(begin);
    if (offset == 0) return 0;
  }
  return MakeError("SRC-203", errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                   origin, std::strerror(errno));
}

}  // namespace leat::components::csv
