#pragma once

#include <memory>
#include <string>

#include "app/context.h"
#include "app/rows_text.h"
#include "run/sql_write.h"
#include "sql/session.h"

namespace leat::app {

/// SQL over the tables of one ref and the system tables, for `leat sql` and its prompt. A script reads one commit, and moves on
/// with each of its own writes; the prompt moves to the newest one before each statement. One thread; Interrupt from any.
class SqlShell {
 public:
  struct Settings {
    std::string ref = "main";
    std::string as_of;
    std::string form = "table";  ///< table, csv, json, markdown, parquet
    std::string file;            ///< "" is standard output; parquet needs one
    bool write = false;          ///< statements that write are done, on env/<name>
    std::string message;         ///< of their commits
  };
  static Result<std::unique_ptr<SqlShell>> Open(Context& context, Settings settings);

  /// Runs all statements of a script. Errors are for the statement: SQL-2xx with a place inside it.
  Status RunScript(const std::string& script);
  /// One statement of our own, all rows at once.
  Result<sql::TextRows> Query(const std::string& sql) { return session_->Query(sql); }
  /// Moves to the newest commit of the ref (nothing with --as-of).
  Status Refresh();
  void Interrupt() {
    session_->connection().Interrupt();
    if (writer_ != nullptr) writer_->Interrupt();
  }

  Settings& settings() { return settings_; }
  Status SetRef(const std::string& ref, const std::string& as_of);
  run::Lakehouse& lakehouse() { return *lakehouse_; }
  const lake::View& view() const { return session_->options().view; }
  /// Rows of a table form that are shown at most; 0 all.
  size_t max_rows = 0;

 private:
  SqlShell(Context& context, Settings settings) : context_(context), settings_(std::move(settings)) {}
  Status RunStatement(const std::string& sql);
  Status RunWrite(const std::string& sql);
  Status OpenWriter();
  Status WriteParquet(const std::string& sql);

  Context& context_;
  Settings settings_;
  run::Lakehouse* lakehouse_ = nullptr;
  std::unique_ptr<sql::Session> session_;
  std::unique_ptr<run::SqlWriter> writer_;  ///< with Settings::write
};

/// Renders an error of a statement: the message, the line of the statement with a caret, the hint.
std::string RenderSqlError(const Error& error, const std::string& sql, bool color);

/// The prompt: reads statements until .quit or the end of input. Returns the exit code.
Result<int> RunPrompt(Context& context, SqlShell& shell);

}  // namespace leat::app
