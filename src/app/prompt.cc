#include <editline/readline.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

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
    "  .help  .quit                   Ctrl-C stops a statement, Ctrl-D ends\n";

std::string WordAfter(const std::string& line, size_t from) {
  const size_t begin = line.find_first_not_of(' ', from);
  return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(" ;") - begin + 1);
}

class Prompt {
 public:
  Prompt(Context& context, SqlShell& shell) : context_(context), shell_(shell) {
    history_file_ = shell.lakehouse().private_folder() + "/sql_history";
  }

  int Run() {
    using_history();
    read_history(history_file_.c_str());
    shell_.max_rows = 100;
    PrintError(fmt::format("leat sql on {} ({}). Statements end with ; — .help shows more, .quit ends.\n",
                           shell_.lakehouse().settings.warehouse_name, shell_.settings().ref));
    std::string statement;
    bool quit = false;
    while (!quit) {
      const std::string prompt = statement.empty() ? shell_.settings().ref + "> " : "   ...> ";
      char* line = readline(prompt.c_str());
      if (line == nullptr) break;
      const std::string text = line;
      std::free(line);
      if (statement.empty() && text.find_first_not_of(" \t") == std::string::npos) continue;
      statement += (statement.empty() ? "" : "\n") + text;
      const bool dot = statement[0] == '.' || statement == "help" || statement == "quit" || statement == "exit";
      if (!dot && !Complete(statement)) continue;
      add_history(OneLine(statement).c_str());
      if (dot) quit = Dot(statement);
      else Execute(statement);
      statement.clear();
    }
    write_history(history_file_.c_str());
    chmod(history_file_.c_str(), 0600);  // statements may hold data
    PrintError("\n");
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

  static std::string OneLine(std::string text) {
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return text;
  }

  void Show(const Status& status, const std::string& sql) {
    if (!status.ok()) PrintError(RenderSqlError(status.error(), sql, context_.console().err_color));
  }

  void Execute(const std::string& sql) {
    SetInterruptAction([this] { shell_.Interrupt(); });
    Status status = shell_.Refresh();
    if (status.ok()) status = shell_.RunScript(sql);
    SetInterruptAction([] {});  // Ctrl-C between statements does nothing
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
  std::string history_file_;
};

}  // namespace

Result<int> RunPrompt(Context& context, SqlShell& shell) {
  context.Cancel();
  SetInterruptAction([] {});
  return Prompt(context, shell).Run();
}

}  // namespace leat::app
