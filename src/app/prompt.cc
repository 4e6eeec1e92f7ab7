#include <algorithm>

#include "app/prompt_input.h"
#include "app/signals.h"
#include "app/sql_shell.h"

namespace leat::app {
namespace {

constexpr const char* kHelp =
    "  statements end with ;          they read one commit of the ref each\n"
    "  .tables [part]                 tables and views of the ref\n"
    "  .schema TABLE                  columns of a table\n"
    "  .ref [REF]                     show or change what is read: main, env/dev, run/…, tag/…, a commit, a time\n"
    "  .output table|csv|json|markdown\n"
    "  .help  .quit                   Ctrl-C stops a statement or drops what was typed, Tab completes, Ctrl-D ends\n";

std::string WordAfter(const std::string& line, size_t from) {
  const size_t begin = line.find_first_not_of(' ', from);
  return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(" ;") - begin + 1);
}

class Prompt {
 public:
  Prompt(Context& context, SqlShell& shell)
      : context_(context),
        shell_(shell),
        input_(shell.lakehouse().private_folder() + "/sql_history",
               [this](const std::string& line) { return Words(line); }) {}

  int Run() {
    shell_.max_rows = 100;
    PrintError(fmt::format("leat sql on {} ({}{}). Statements end with ; — .help shows more, .quit ends.\n",
                           shell_.lakehouse().settings.warehouse_name, shell_.settings().ref,
                           shell_.settings().write ? ", writing" : ""));
    bool quit = false;
    while (!quit) {
      const std::string ref = shell_.settings().ref + "> ";
      // Ctrl-C drops what was typed, also the lines before.
      SetInterruptAction([this] { input_.Interrupt(); });
      const PromptInput::Line line =
          input_.Read(statement_.empty() ? ref : std::string(ref.size() > 5 ? ref.size() - 5 : 0, ' ') + "...> ");
      SetInterruptAction([] {});
      if (line.kind == PromptInput::Line::Kind::kEnd) break;
      if (line.kind == PromptInput::Line::Kind::kInterrupted) {
        statement_.clear();
        continue;
      }
      if (statement_.empty() && line.text.find_first_not_of(" \t") == std::string::npos) continue;
      statement_ += (statement_.empty() ? "" : "\n") + line.text;
      const bool dot = statement_[0] == '.' || statement_ == "help" || statement_ == "quit" || statement_ == "exit";
      if (!dot && !Complete(statement_)) continue;
      input_.Remember(statement_);
      if (dot) quit = Dot(statement_);
      else Execute(statement_);
      statement_.clear();
    }
    if (!quit) PrintError("\n");
    return 0;
  }

 private:
  /// Ends with ; outside quotes and comments (a dollar quote is left to the engine's own reading).
  static bool Complete(const std::string& text) {
    char quote = 0;
    bool line_comment = false, block_comment = false, ended = false;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
      if (line_comment) line_comment = c != '\n';
      else if (block_comment) block_comment = !(c == '*' && next == '/' && ++i);
      else if (quote != 0) quote = c == quote ? '\0' : quote;
      else if (c == '-' && next == '-') line_comment = true;
      else if (c == '/' && next == '*') block_comment = true;
      else if (c == '\'' || c == '"') quote = c, ended = false;
      else if (c == ';') ended = true;
      else if (c != ' ' && c != '\n' && c != '\t') ended = false;
    }
    return ended && quote == 0 && !block_comment;
  }

  /// What the Tab key offers: commands, names of the ref, columns of the tables that the statement names, words of SQL.
  std::vector<std::string> Words(const std::string& line) {
    static const std::vector<std::string> commands{".tables", ".schema", ".ref", ".output", ".help", ".quit"};
    static const std::vector<std::string> keywords{
        "select", "from",  "where",    "group by", "order by", "having", "limit", "join",    "left join", "using",
        "with",   "union", "distinct", "as",       "on",       "and",    "or",    "not",     "null",      "case",
        "when",   "then",  "else",     "end",      "between",  "like",   "in",    "is",      "values",    "count(",
        "sum(",   "avg(",  "min(",     "max(",     "describe", "cast(",  "over",  "qualify", "asc",       "desc"};
    if (line.starts_with(".") && line.find(' ') == std::string::npos) return commands;
    std::vector<std::string> words;
    const std::string typed = statement_ + " " + line;
    const Result<std::vector<lake::Entry>> tables = shell_.lakehouse().catalog->ListTables(shell_.view(), "");
    if (tables.ok()) {
      for (const lake::Entry& table : *tables) {
        words.push_back(table.name.ToString());
        words.push_back(table.name.name);
        if (table.kind == lake::ObjectKind::kTable && typed.find(table.name.name) != std::string::npos)
          AddColumns(table, words);
      }
    }
    for (const std::string& name : run::SystemTableNames()) words.push_back("leat." + name);
    if (!line.starts_with(".")) words.insert(words.end(), keywords.begin(), keywords.end());
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }

  void AddColumns(const lake::Entry& table, std::vector<std::string>& words) {
    const Result<lake::MetadataPtr> metadata = shell_.lakehouse().catalog->LoadMetadata(table.location);
    if (!metadata.ok()) return;
    for (const data::Field& field : (*metadata)->current_schema().fields) words.push_back(field.name);
  }

  void Show(const Status& status, const std::string& sql) {
    if (!status.ok()) PrintError(RenderSqlError(status.error(), sql, context_.console().err_color));
  }

  void Execute(const std::string& sql) {
    SetInterruptAction([this] { shell_.Interrupt(); });
    Status status = shell_.Refresh();
    if (status.ok()) status = shell_.RunScript(sql);
    SetInterruptAction([] {});
    Show(status, sql);
  }

  /// Returns true when the prompt ends.
  bool Dot(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = WordAfter(line, word.size());
    if (word == ".quit" || word == ".exit" || word == "quit" || word == "exit") return true;
    if (word == ".tables") {
      Tables(rest);
    } else if (word == ".schema" && !rest.empty()) {
      Execute("select column_name, column_type, \"null\" from (describe " + rest + ");");
    } else if (word == ".ref") {
      const bool time = rest.size() > 4 && rest.find_first_not_of("0123456789") != std::string::npos && rest[4] == '-';
      const bool commit = !rest.empty() && rest.find_first_not_of("0123456789") == std::string::npos;
      if (!rest.empty()) Show(time || commit ? shell_.SetRef("main", rest) : shell_.SetRef(rest, ""), rest);
      PrintError(fmt::format("reads {} at commit {}\n", shell_.view().ref, shell_.view().commit));
    } else if (word == ".output" && (rest == "table" || rest == "csv" || rest == "json" || rest == "markdown")) {
      shell_.settings().form = rest;
    } else {
      PrintError(kHelp);
    }
    return false;
  }

  void Tables(const std::string& part) {
    Show(shell_.Refresh(), "");
    const Result<std::vector<lake::Entry>> tables = shell_.lakehouse().catalog->ListTables(shell_.view(), "");
    if (!tables.ok()) return Show(tables.error(), "");
    for (const lake::Entry& table : *tables) {
      const std::string name = table.name.ToString();
      if (name.find(part) != std::string::npos)
        Print(name + (table.kind == lake::ObjectKind::kView ? "  (view)" : "") + "\n");
    }
    for (const std::string& name : run::SystemTableNames()) {
      if (("leat." + name).find(part) != std::string::npos) Print("leat." + name + "\n");
    }
  }

  Context& context_;
  SqlShell& shell_;
  std::string statement_;  ///< the lines of it so far
  PromptInput input_;
};

}  // namespace

Result<int> RunPrompt(Context& context, SqlShell& shell) {
  context.Cancel();
  SetInterruptAction([] {});
  return Prompt(context, shell).Run();
}

}  // namespace leat::app
