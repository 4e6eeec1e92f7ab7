#include <unistd.h>

#include <filesystem>

#include "app/context.h"
#include "app/signals.h"
#include "app/sql_shell.h"
#include "base/exit_code.h"
#include "config/tree.h"
#include "io/file_system.h"

namespace leat::app {
namespace {

Result<std::string> ReadInput(const std::string& file) {
  if (!file.empty()) return io::MakeLocalFileSystem()->Read(file);
  std::string text;
  char buffer[65'536];
  for (ssize_t got = 0; (got = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(got));
  return text;
}

/// `leat sql "select 1"`: several words that are no file.
bool IsStatement(const std::string& argument) {
  std::error_code ignored;
  return argument.find_first_of(" \n\t") != std::string::npos && !std::filesystem::exists(argument, ignored);
}

Result<int> Sql(Context& context) {
  SqlShell::Settings settings;
  settings.ref = context.args().Get("ref", "main");
  settings.as_of = context.args().Get("as-of");
  settings.form = context.args().Get("output", "table");
  settings.file = context.args().Get("file");
  settings.write = context.args().Has("write");
  settings.message = context.args().Get("message");
  const bool prompt = !context.args().Has("command") && context.args().positional.empty() && isatty(STDIN_FILENO) == 1;
  LEAT_ASSIGN(const std::unique_ptr<SqlShell> shell, SqlShell::Open(context, settings));
  if (prompt) return RunPrompt(context, *shell);

  std::string script = context.args().Get("command");
  const std::string& argument = context.args().At(0);
  if (!context.args().Has("command")) {
    if (IsStatement(argument)) {
      script = argument;
    } else {
      LEAT_ASSIGN(script, ReadInput(argument));
    }
  }
  CancelToken& cancel = context.Cancel();
  const int callback = cancel.AddCallback([&shell] { shell->Interrupt(); });
  const Status status = shell->RunScript(script);
  cancel.RemoveCallback(callback);
  if (status.ok()) return 0;
  if (context.json() || status.error().where().known()) return Error(status.error());
  PrintError(RenderSqlError(status.error(), script, context.console().err_color));
  return StoppedBy() != 0 ? 128 + StoppedBy() : ExitCode(status.error().kind());
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_sql() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "sql";
  spec.summary = "Ask the lake: a prompt, one statement (-c), or a script";
  spec.description =
      "Reads all tables of a ref and the system tables leat.runs, leat.steps, leat.ledger, leat.check_results, "
      "leat.rejected,\n"
      "leat.lineage, leat.commits, leat.step_inputs, leat.filters. A script reads one commit: what others publish "
      "meanwhile\n"
      "does not show. Without -c and FILE: a prompt on a terminal, else statements from standard input.\n"
      "With --write, on an environment: CREATE TABLE … AS, INSERT, UPDATE, DELETE, TRUNCATE, ALTER TABLE, DROP TABLE, CREATE\n"
      "and DROP SCHEMA; each statement is one commit there. main is written by runs only.";
  spec.options = {
      {"command", "SQL", "run this and end", 'c', {}, false, ""},
      {"ref", "REF", "main (default), env/<name>, run/<id>, tag/<name>", 'r', {}, false, ""},
      {"write", "", "statements may write, on --ref env/<name> only", 'w', {}, false, ""},
      {"message", "TEXT", "of the commits that --write makes; default the statement and its table", 'm', {}, false, ""},
      {"as-of", "WHEN", "main as of a commit number, tag/<name> or RFC 3339 time", 0, {}, false, ""},
      {"output",
       "FORM",
       "table (default), csv, json, markdown; parquet needs --file",
       'o',
       {"table", "csv", "json", "markdown", "parquet"},
       false,
       ""},
      {"file", "FILE", "write there instead of standard output; appears when it is complete", 0, {}, false, "file"}};
  spec.arguments = {{"FILE", "a script; several words that are no file are a statement, as with -c", false, false}};
  spec.examples = {"leat sql",
                   "leat sql -c \"select * from fct_flights limit 5\"",
                   "leat sql -c \"select * from leat.ledger\" -o json",
                   "leat sql --as-of 2026-11-01T00:00:00Z -c \"select count(*) from raw_shop.orders\"",
                   "leat sql -c \"from trusted.fct_flights\" -o parquet --file flights.parquet",
                   "leat sql --write --ref env/dev -c \"delete from raw_shop.orders where order_id = 7\""};
  spec.run = Sql;
  return spec;
}
