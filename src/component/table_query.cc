#include "component/table_query.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/lower.h"
#include "config/field_builders.h"

namespace leat::component {
namespace {

bool BeginsWord(char c) { return isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0; }
bool IsInWord(char c) { return BeginsWord(c) || isdigit(static_cast<unsigned char>(c)) != 0 || c == '$'; }

/// A statement taken apart as far as needed: its first words, its brackets and where it ends.
class Statement {
 public:
  Statement(std::string_view text, const SqlLexis& lexis) : text_(text), lexis_(lexis) {}

  /// Why it is not one statement that reads; "": it is.
  std::string Refused() {
    while (at_ < text_.size()) {
      if (SkipBlank()) continue;
      if (!open_.empty()) return open_;
      if (end_) return "it is several statements";
      if (std::string why = Step(); !why.empty()) return why;
    }
    if (depth_ > 0) return "a bracket is not closed";
    if (verb_.empty()) return "it is empty";
    if (verb_ == "WITH") return "behind WITH there is no SELECT";
    return "";
  }
  /// Where its semicolon is, or its end.
  size_t end() const { return end_.value_or(text_.size()); }

 private:
  bool Sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  /// Skips white space or a comment; `open_` says what has no end.
  bool SkipBlank() {
    if (isspace(static_cast<unsigned char>(text_[at_])) != 0) {
      ++at_;
      return true;
    }
    const bool spaced = at_ + 2 >= text_.size() || isspace(static_cast<unsigned char>(text_[at_ + 2])) != 0;
    if ((Sees("--") && (!lexis_.backslashes || spaced)) || (lexis_.backslashes && Sees("#"))) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (!Sees("/*")) return false;
    int depth = 0;
    do {
      const bool opens = Sees("/*") && (depth == 0 || lexis_.dollars), closes = Sees("*/");
      depth += opens ? 1 : closes ? -1 : 0;
      at_ += opens || closes ? 2 : 1;
    } while (depth > 0 && at_ < text_.size());
    if (depth > 0) open_ = "a comment is not closed";
    return depth == 0;
  }

  /// Skips what stands between quotes, from the first to the last.
  std::string SkipQuoted(char close, bool backslashes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == close) {
        ++at_;  // a doubled quote ends one text and begins the next: the same for us
        before_ = "a name";
        return "";
      }
    }
    return fmt::format("a {} is not closed", close);
  }

  std::string Step() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return SkipQuoted(c, lexis_.backslashes);
    if (c == '`' && lexis_.backticks) return SkipQuoted('`', false);
    if (c == '[' && lexis_.brackets) return SkipQuoted(']', false);
    if (c == '$' && lexis_.dollars) {
      size_t tag = at_ + 1;
      while (tag < text_.size() && text_[tag] != '$' && IsInWord(text_[tag])) ++tag;
      const bool number = at_ + 1 < text_.size() && isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0;
      if (tag < text_.size() && text_[tag] == '$' && !number) {
        const std::string_view mark = text_.substr(at_, tag - at_ + 1);
        const size_t close = text_.find(mark, tag + 1);
        if (close == std::string_view::npos) return fmt::format("a {} is not closed", mark);
        at_ = close + mark.size();
        before_ = "a text";
        return "";
      }
    }
    if (BeginsWord(c)) return Word();
    if (isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ < text_.size() && IsInWord(text_[at_])) ++at_;
      before_ = "a number";
      return verb_.empty() ? "it does not begin with SELECT, WITH, VALUES or TABLE" : "";
    }
    return Sign(c);
  }

  std::string Sign(char c) {
    ++at_;
    before_ = std::string(1, c);
    if (c == '(') {
      ++depth_;
    } else if (c == ')') {
      if (--depth_ < 0) return "a bracket is closed that was not opened";
    } else if (c == ';') {
      if (depth_ > 0) return "it ends within a bracket";
      end_ = at_ - 1;
    } else if (verb_.empty()) {
      return "it does not begin with SELECT, WITH, VALUES or TABLE";
    }
    return "";
  }

  std::string Word() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsInWord(text_[at_])) ++at_;
    std::string word(text_.substr(begin, at_ - begin));
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return toupper(c); });
    if (lexis_.dollars && word == "E" && at_ < text_.size() && text_[at_] == '\'') return SkipQuoted('\'', true);
    const std::string before = std::exchange(before_, word);
    const bool reads = word == "SELECT" || word == "VALUES" || word == "TABLE" || (word == "FROM" && lexis_.from_first);
    if (verb_.empty()) {
      if (!reads && word != "WITH") return "it begins with " + word;
      verb_ = word;
      verb_depth_ = depth_;
    } else if (verb_ == "WITH" && depth_ == verb_depth_) {
      static const std::set<std::string> kWriting = {"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"};
      const bool is_name = before == "WITH" || before == "RECURSIVE" || before == ",";
      if (kWriting.contains(word) && !is_name) return "behind WITH it goes on with " + word;
      if (reads && !is_name) verb_ = word;
    } else if (verb_ == "WITH" && reads && depth_ < verb_depth_) {
      return "behind WITH there is no SELECT";
    }
    return "";
  }

  const std::string_view text_;
  const SqlLexis lexis_;
  size_t at_ = 0;
  int depth_ = 0, verb_depth_ = 0;
  std::string verb_;    ///< WITH until its SELECT was found
  std::string before_;  ///< the word or sign before
  std::string open_;
  std::optional<size_t> end_;
};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

/// "id" for SQLite's "id:1", where there is an "id".
std::string WithoutNumber(const std::string& name, const std::vector<std::string>& names) {
  const size_t colon = name.rfind(':');
  if (colon == std::string::npos || name.find_first_not_of("0123456789", colon + 1) != std::string::npos) return name;
  const std::string plain = name.substr(0, colon);
  return std::find(names.begin(), names.end(), plain) == names.end() ? name : plain;
}

}  // namespace

SqlLexis LexisOf(std::string_view database) {
  const std::string name = Lower(database);
  const auto is = [&](std::string_view word) { return name.find(word) != std::string::npos; };
  SqlLexis lexis;
  lexis.backslashes = is("mysql") || is("mariadb");
  lexis.backticks = lexis.backslashes || is("sqlite") || is("bigquery") || is("databricks") || is("spark");
  lexis.brackets = is("sqlite") || is("sql server");
  lexis.dollars = is("postgres") || is("duckdb") || is("redshift");
  lexis.from_first = is("duckdb");
  return lexis;
}

config::FieldSpec QueryField() {
  return config::TextField("query", "A SELECT instead of a table.", "", "SELECT id, total FROM orders WHERE shop = 7");
}

Result<TableQuery> ReadTableQuery(const config::Values& table, const std::string& name) {
  TableQuery query;
  query.text = Trimmed(table.Text("query"));
  if (query.empty()) return query;
  query.where = table.Where("query");
  if (table.Text("table").empty()) return query;
  return MakeError("SRC-319", ErrorKind::kConfig, "table {}: `table` and `query` do not go together", name)
      .At(query.where)
      .WithHint("leave one of them out");
}

Status CheckQuery(TableQuery& query, const SqlLexis& lexis, const std::string& what) {
  if (query.empty()) return Ok();
  Statement statement(query.text, lexis);
  const std::string why = statement.Refused();
  if (!why.empty()) {
    return MakeError("SRC-435", ErrorKind::kConfig, "{}: `query` is not one statement that reads: {}", what, why)
        .At(query.where)
        .WithHint(
            "write one SELECT (or WITH … SELECT, VALUES, TABLE); what is to happen before it belongs into the database");
  }
  query.text = Trimmed(query.text.substr(0, statement.end()));
  return Ok();
}

Status CheckQueryColumns(const TableQuery& query, const std::vector<std::string>& names, QueryNames rule,
                         const std::string& what) {
  if (names.empty()) {
    return MakeError("SRC-436", ErrorKind::kConfig, "{}: `query` answers without columns", what)
        .At(query.where)
        .WithHint("name the columns that are to be loaded");
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i];
    if (rule == QueryNames::kSqlite) name = WithoutNumber(name, names);
    const bool named = !name.empty();
    if (named && seen.insert(rule == QueryNames::kExact ? name : Lower(name)).second) continue;
    return MakeError("SRC-436", ErrorKind::kConfig, "{}: column {} of `query` has {}", what, i + 1,
                     named ? "the name of an earlier one: '" + name + "'" : "no name")
        .At(query.where)
        .WithHint("give it a name of its own: SELECT a.id, b.id AS customer_id");
  }
  return Ok();
}

Error QueryRefused(const Error& error, std::initializer_list<std::string_view> general, const TableQuery& query) {
  if (std::find(general.begin(), general.end(), error.code()) == general.end()) return Error(error).At(query.where);
  return MakeError("SRC-437", ErrorKind::kConfig, "{}", error.message())
      .At(query.where)
      .WithHint("the database refuses `query`: try it in a client of the database, as the connection's user");
}

}  // namespace leat::component
