#include "sql/script.h"

#include <algorithm>
#include <cctype>

namespace leat::sql {
namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Position after the quoted text or comment that begins at `i`, or `i` when none begins there.
size_t SkipQuoted(std::string_view s, size_t i) {
  auto starts = [&](std::string_view what) { return s.substr(i, what.size()) == what; };
  if (starts("--")) {
    size_t end = s.find('\n', i);
    return end == std::string_view::npos ? s.size() : end + 1;
  }
  if (starts("/*")) {
    int depth = 0;
    while (i < s.size()) {
      if (starts("/*")) {
        ++depth;
        i += 2;
      } else if (starts("*/")) {
        i += 2;
        if (--depth == 0) return i;
      } else {
        ++i;
      }
    }
    return s.size();
  }
  if (s[i] == '\'' || s[i] == '"') {
    bool escapes = s[i] == '\'' && i > 0 && (s[i - 1] == 'e' || s[i - 1] == 'E') && (i == 1 || !IsWordByte(s[i - 2]));
    for (size_t j = i + 1; j < s.size(); ++j) {
      if (escapes && s[j] == '\\') {
        ++j;
      } else if (s[j] == s[i]) {
        if (j + 1 < s.size() && s[j + 1] == s[i]) {
          ++j;
        } else {
          return j + 1;
        }
      }
    }
    return s.size();
  }
  if (s[i] == '$' && (i == 0 || !IsWordByte(s[i - 1]))) {
    size_t j = i + 1;
    while (j < s.size() && IsWordByte(s[j])) ++j;
    bool is_tag =
        j < s.size() && s[j] == '$' && (j == i + 1 || std::isdigit(static_cast<unsigned char>(s[i + 1])) == 0);
    if (is_tag) {
      std::string_view tag = s.substr(i, j - i + 1);
      size_t end = s.find(tag, j + 1);
      return end == std::string_view::npos ? s.size() : end + tag.size();
    }
  }
  return i;
}

}  // namespace

std::vector<std::string_view> ScanStatements(std::string_view script) {
  std::vector<std::string_view> statements;
  size_t begin = 0;
  bool has_text = false;  // anything but space and comments
  auto finish = [&](size_t end) {
    std::string_view text = script.substr(begin, end - begin);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
    if (has_text) statements.push_back(text);
    has_text = false;
  };
  for (size_t i = 0; i < script.size();) {
    size_t next = SkipQuoted(script, i);
    if (next != i) {
      bool comment = script[i] == '-' || script[i] == '/';
      has_text = has_text || !comment;
      i = next;
    } else if (script[i] == ';') {
      finish(i);
      begin = ++i;
    } else {
      has_text = has_text || std::isspace(static_cast<unsigned char>(script[i])) == 0;
      ++i;
    }
  }
  finish(script.size());
  return statements;
}

namespace {

size_t SkipSpace(std::string_view s, size_t i) {
  while (i < s.size() && std::isspace(static_cast<unsigned char>(s[i])) != 0) ++i;
  return i;
}

/// Position after the name that begins at `i`, or `i` when none does.
size_t SkipName(std::string_view s, size_t i) {
  if (i >= s.size()) return i;
  if (s[i] == '"') return SkipQuoted(s, i);
  if (!IsWordByte(s[i]) || std::isdigit(static_cast<unsigned char>(s[i])) != 0) return i;
  while (i < s.size() && (IsWordByte(s[i]) || s[i] == '$')) ++i;
  return i;
}

bool SameWithoutCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
           return std::tolower(x) == std::tolower(y);
         });
}

}  // namespace

std::vector<SqlToken> ScanTokens(std::string_view sql) {
  std::vector<SqlToken> tokens;
  for (size_t i = 0; i < sql.size();) {
    if (std::isspace(static_cast<unsigned char>(sql[i])) != 0) {
      ++i;
      continue;
    }
    size_t end = SkipName(sql, i);
    if (end != i) {
      tokens.push_back({sql[i] == '"' ? SqlToken::Kind::kQuotedName : SqlToken::Kind::kWord, i, end});
    } else if (end = SkipQuoted(sql, i); end != i) {
      const bool comment = sql[i] == '-' || sql[i] == '/';
      if (!comment) tokens.push_back({SqlToken::Kind::kLiteral, i, end});
    } else if (std::isdigit(static_cast<unsigned char>(sql[i])) != 0) {
      while (end < sql.size() && (IsWordByte(sql[end]) || sql[end] == '.')) ++end;
      tokens.push_back({SqlToken::Kind::kLiteral, i, end});
    } else {
      tokens.push_back({SqlToken::Kind::kSign, i, ++end});
    }
    i = end;
  }
  return tokens;
}

std::vector<AtMention> AtMentions(std::string_view sql) {
  std::vector<AtMention> found;
  const std::vector<SqlToken> tokens = ScanTokens(sql);
  auto text = [&](size_t i) { return sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin); };
  auto is_name = [&](size_t i) {
    return tokens[i].kind == SqlToken::Kind::kWord || tokens[i].kind == SqlToken::Kind::kQuotedName;
  };
  for (size_t i = 1; i + 6 < tokens.size(); ++i) {
    if (tokens[i].kind != SqlToken::Kind::kWord || !SameWithoutCase(text(i), "at") || text(i + 1) != "(") continue;
    const bool version = SameWithoutCase(text(i + 2), "version");
    if (!version && !SameWithoutCase(text(i + 2), "timestamp")) continue;
    if (text(i + 3) != "=" || text(i + 4) != ">") continue;
    // In front of AT: the table's name, with an alias or none, which may name columns: t AS a (x, y) AT (…).
    size_t name = i - 1;
    bool alias = false;
    if (text(name) == ")") {
      while (name > 0 && text(name) != "(") --name;
      if (name == 0) continue;
      --name;
      alias = true;
    }
    auto before_table = [&](size_t k) {
      return tokens[k].kind == SqlToken::Kind::kWord &&
             (SameWithoutCase(text(k), "from") || SameWithoutCase(text(k), "join") ||
              SameWithoutCase(text(k), "lateral"));
    };
    if (name > 1 && tokens[name - 1].kind == SqlToken::Kind::kWord && SameWithoutCase(text(name - 1), "as")) name -= 2;
    else if (name > 0 && (alias || (is_name(name - 1) && !before_table(name - 1)))) --name;
    if (!is_name(name)) continue;
    int depth = 1;
    size_t close = i + 5;
    for (; close < tokens.size(); ++close) {
      if (text(close) == "(") ++depth;
      if (text(close) == ")" && --depth == 0) break;
    }
    if (close >= tokens.size() || close == i + 5) continue;
    size_t first = name;
    while (first >= 2 && text(first - 1) == "." && is_name(first - 2)) first -= 2;
    AtMention mention;
    mention.begin = tokens[first].begin;
    mention.last = tokens[name].begin;
    mention.name_end = tokens[name].end;
    mention.at = tokens[i].begin;
    mention.end = tokens[close].end;
    mention.clause = sql.substr(tokens[i + 2].begin, tokens[close].begin - tokens[i + 2].begin);
    mention.version = version;
    mention.value = tokens[i + 5].begin;
    mention.value_end = tokens[close - 1].end;
    found.push_back(mention);
    i = close;
  }
  return found;
}

std::vector<size_t> CatalogMentions(std::string_view sql, std::string_view catalog) {
  std::vector<size_t> found;
  for (size_t i = 0; i < sql.size();) {
    size_t end = SkipName(sql, i);
    if (end == i) {
      size_t next = SkipQuoted(sql, i);
      i = next != i ? next : i + 1;
      while (next == i && i < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i])) != 0) ++i;
      continue;
    }
    // One chain of names: first.second.third…
    std::string_view first = sql.substr(i, end - i);
    size_t begin = i;
    bool quoted = first.front() == '"';
    if (quoted) first = first.substr(1, first.size() - 2);
    int names = 1;
    while (true) {
      size_t dot = SkipSpace(sql, end);
      if (dot >= sql.size() || sql[dot] != '.') break;
      size_t next = SkipSpace(sql, dot + 1);
      size_t next_end = SkipName(sql, next);
      if (next_end == next) break;
      ++names;
      end = next_end;
    }
    if (names >= 3 && SameWithoutCase(first, catalog)) found.push_back(begin + (quoted ? 1 : 0));
    i = end;
  }
  return found;
}

}  // namespace leat::sql
