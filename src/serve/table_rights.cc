#include "serve/table_rights.h"

#include <algorithm>

namespace leat::serve {

namespace {

/// `open`: the text may go on, so that a pattern matches as soon as it can.
bool Matches(std::string_view pattern, std::string_view text, bool open) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return open || pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

Result<TableRights> TableRights::Make(std::vector<std::string> patterns) {
  for (const std::string& pattern : patterns) {
    const size_t dot = pattern.rfind('.');
    const bool parts = dot != std::string::npos && dot > 0 && dot + 1 < pattern.size();
    if (!parts && pattern != "*") {
      return MakeError("SERVE-207", ErrorKind::kUsage, "'{}' is not a pattern of tables", pattern)
          .WithHint("write namespace.table, with * for any characters: 'sales.*', 'sales.orders'");
    }
  }
  TableRights rights;
  rights.patterns_ = std::move(patterns);
  return rights;
}

bool TableRights::AllowTable(std::string_view ns, std::string_view table) const {
  if (everything()) return true;
  const std::string name = std::string(ns) + "." + std::string(table);
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&name](const std::string& pattern) { return Matches(pattern, name, false); });
}

bool TableRights::AllowNamespace(std::string_view ns) const { return AllowTable(ns, "\x01"); }  // a name that none has

bool TableRights::SeeNamespace(std::string_view ns) const {
  if (everything()) return true;
  const std::string start = std::string(ns) + ".";
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&start](const std::string& pattern) { return Matches(pattern, start, true); });
}

}  // namespace leat::serve
