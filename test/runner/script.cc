#include "script.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "base/nearest.h"

namespace leat::e2e {
namespace {

const std::vector<std::string>& KnownWords() {
  static const std::vector<std::string> words = {
      "tags",  "require", "timeout",   "file",       "append",  "copy",  "remove", "sql",     "run",    "start",
      "exit",  "stdout",  "stderr",    "json",       "query",   "error", "serve",  "http",    "status", "stop",
      "clock", "env",     "failpoint", "reached",    "release", "kill",  "wait",   "shell",   "let",    "ledger",
      "loop",  "endloop", "foreach",   "endforeach", "include", "psql",  "same",   "postgres"};
  return words;
}

Error ParseError(const std::string& file, int line, std::string_view what) {
  return MakeError("E2E-101", ErrorKind::kUsage, "{}:{}: {}", file, line, what);
}

class Parser {
 public:
  explicit Parser(std::string path, int depth = 0) : path_(std::move(path)), depth_(depth) {}

  Result<Script> Parse() {
    std::ifstream in(path_);
    if (!in) return MakeError("E2E-101", ErrorKind::kNotFound, "cannot read {}", path_);
    if (depth_ > 8) return ParseError(path_, 0, "includes include each other");
    std::string line;
    while (std::getline(in, line)) lines_.push_back(line);
    Script script;
    script.path = path_;
    LEAT_TRY(ParseBlock(script, script.directives, ""));
    return script;
  }

 private:
  Status ParseBlock(Script& script, std::vector<Directive>& into, const std::string& until) {
    const int begun = static_cast<int>(at_);
    while (at_ < lines_.size()) {
      const std::string text = Trim(lines_[at_]);
      const int line = static_cast<int>(at_) + 1;
      if (text.empty() || text[0] == '#') {
        ++at_;
        continue;
      }
      if (text[0] == '|') return ParseError(path_, line, "a '|' line without a directive that takes one");
      Directive directive;
      directive.file = path_;
      directive.line = line;
      const size_t blank = text.find_first_of(" \t");
      directive.word = text.substr(0, blank);
      if (blank != std::string::npos) directive.rest = Trim(std::string_view(text).substr(blank));
      ++at_;
      if (directive.word == until) return Ok();
      bool known = false;
      for (const std::string& word : KnownWords()) known = known || word == directive.word;
      if (!known) {
        return ParseError(path_, line,
                          "unknown directive '" + directive.word + "'; " + DidYouMean(directive.word, KnownWords()));
      }
      ReadBody(directive);
      if (directive.word == "loop" || directive.word == "foreach") {
        LEAT_TRY(ParseBlock(script, directive.inner, "end" + directive.word));
      } else if (directive.word == "endloop" || directive.word == "endforeach") {
        return ParseError(path_, line, directive.word + " without its beginning");
      } else if (directive.word == "tags") {
        LEAT_ASSIGN(std::vector<std::string> tags, SplitWords(directive.rest));
        script.tags.insert(script.tags.end(), tags.begin(), tags.end());
        continue;
      } else if (directive.word == "include") {
        const auto path = std::filesystem::path(path_).parent_path() / directive.rest;
        LEAT_ASSIGN(Script included, Parser(path.string(), depth_ + 1).Parse());
        for (Directive& inner : included.directives) into.push_back(std::move(inner));
        continue;
      }
      into.push_back(std::move(directive));
    }
    if (!until.empty()) return ParseError(path_, begun, "no " + until + " before the end of the file");
    return Ok();
  }

  void ReadBody(Directive& directive) {
    while (at_ < lines_.size() && !lines_[at_].empty() && lines_[at_][0] == '|') {
      if (directive.body_line == 0) directive.body_line = static_cast<int>(at_) + 1;
      std::string_view line(lines_[at_++]);
      line.remove_prefix(1);
      if (!line.empty() && line[0] == ' ') line.remove_prefix(1);
      directive.body.emplace_back(line);
    }
    if (at_ < lines_.size() && Trim(lines_[at_]) == "----") {
      directive.has_expected = true;
      ++at_;
      directive.expected_line = static_cast<int>(at_) + 1;
      while (at_ < lines_.size() && !Trim(lines_[at_]).empty()) directive.expected.push_back(lines_[at_++]);
    }
  }

  std::string path_;
  int depth_;
  std::vector<std::string> lines_;
  size_t at_ = 0;
};

}  // namespace

std::string Directive::BodyText() const {
  std::string text;
  for (const std::string& row : body) text += row + "\n";
  return text;
}

std::string Directive::Place() const { return fmt::format("{}:{}", file, line); }

Result<Script> ReadScript(const std::string& path) { return Parser(path).Parse(); }

std::string Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

Result<std::vector<std::string>> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      open = true;
    } else if (quote != 0) {
      word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) return MakeError("E2E-102", ErrorKind::kUsage, "a quote is not closed: {}", text);
  if (open) words.push_back(std::move(word));
  return words;
}

}  // namespace leat::e2e
