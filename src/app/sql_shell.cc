#include "app/sql_shell.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "config/tree.h"

namespace leat::app {
namespace {

/// Text to standard output or into a file that takes its name only when all of it is there.
class Output {
 public:
  static Result<Output> Open(const std::string& file) {
    Output output;
    output.file_ = file;
    if (file.empty()) return output;
    output.descriptor_ = open((file + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (output.descriptor_ < 0) {
      return MakeError("APP-302", ErrorKind::kEnvironment, "cannot write {}: {}", file, std::strerror(errno));
    }
    return output;
  }
  Output() = default;
  Output(Output&& other) noexcept : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  Output& operator=(Output&&) = delete;
  ~Output() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink((file_ + ".part").c_str());
  }

  Status Write(std::string_view text) {
    if (descriptor_ < 0) {
      Print(text);
      return Ok();
    }
    while (!text.empty()) {
      const ssize_t written = write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0)
        return MakeError("APP-302", ErrorKind::kEnvironment, "cannot write {}: {}", file_, std::strerror(errno));
      text.remove_prefix(static_cast<size_t>(written));
    }
    return Ok();
  }

  Status Finish() {
    if (descriptor_ < 0) return Ok();
    const bool closed = close(std::exchange(descriptor_, -1)) == 0;
    if (closed && rename((file_ + ".part").c_str(), file_.c_str()) == 0) return Ok();
    return MakeError("APP-302", ErrorKind::kEnvironment, "cannot write {}: {}", file_, std::strerror(errno));
  }

 private:
  std::string file_;
  int descriptor_ = -1;
};

std::string RowsWritten(int64_t rows, std::string_view done) {
  return rows == 0 ? "" : fmt::format(": {} {} {}", Thousands(rows), rows == 1 ? "row" : "rows", done);
}

RowsForm FormOf(const std::string& form) {
  if (form == "csv") return RowsForm::kCsv;
  if (form == "json") return RowsForm::kJson;
  return form == "markdown" ? RowsForm::kMarkdown : RowsForm::kTable;
}

}  // namespace

Result<std::unique_ptr<SqlShell>> SqlShell::Open(Context& context, Settings settings) {
  std::unique_ptr<SqlShell> shell(new SqlShell(context, std::move(settings)));
  LEAT_ASSIGN(shell->lakehouse_, context.Open(true));
  run::Lakehouse& lakehouse = *shell->lakehouse_;
  LEAT_ASSIGN(const lake::View view,
              context.ResolveRef(*lakehouse.catalog, shell->settings_.ref, shell->settings_.as_of));
  if (!shell->settings_.file.empty()) {
    shell->settings_.file = std::filesystem::absolute(shell->settings_.file).string();
    if (shell->settings_.form == "parquet")
      lakehouse.AllowFolder(std::filesystem::path(shell->settings_.file).parent_path().string());
  }
  LEAT_ASSIGN(sql::Engine * engine, lakehouse.Engine(sql::InstanceKind::kUser));
  sql::SessionOptions options;
  options.view = view;
  options.default_namespace = lakehouse.settings.default_schema;
  options.prune = true;  // each statement is prepared right before it runs
  options.allow_read_below = lakehouse.settings.read_files_below;
  options.system_tables = run::SystemTableNames();
  options.make_system_table = [&lakehouse](sql::Connection& connection, const std::string& table,
                                           const std::string& qualified) {
    return run::MakeSystemTable(lakehouse, connection, table, qualified);
  };
  LEAT_ASSIGN(shell->session_, sql::Session::Open(*engine, *lakehouse.catalog, std::move(options)));
  LEAT_TRY(shell->OpenWriter());
  return shell;
}

Status SqlShell::OpenWriter() {
  writer_.reset();
  if (!settings_.write) return Ok();
  if (!settings_.as_of.empty()) {
    return MakeError("APP-103", ErrorKind::kUsage, "--write and --as-of cannot be combined")
        .WithHint("the past is not changed: start an environment from it, leat env create fix --from commit/<number>");
  }
  LEAT_ASSIGN(writer_, run::SqlWriter::Open(*lakehouse_, {settings_.ref, UserName(), settings_.message}));
  return Ok();
}

Status SqlShell::SetRef(const std::string& ref, const std::string& as_of) {
  LEAT_ASSIGN(const lake::View view, context_.ResolveRef(*lakehouse_->catalog, ref, as_of));
  const bool other = settings_.ref != ref || settings_.as_of != as_of;
  settings_.ref = ref;
  settings_.as_of = as_of;
  session_->SetView(view);
  return other ? OpenWriter() : Ok();
}

Status SqlShell::Refresh() { return SetRef(settings_.ref, settings_.as_of); }

Status SqlShell::RunScript(const std::string& script) {
  LEAT_ASSIGN(const std::vector<std::string> statements, sql::SplitStatements(session_->connection(), script));
  for (const std::string& statement : statements) LEAT_TRY(RunStatement(statement));
  return Ok();
}

Status SqlShell::RunStatement(const std::string& sql) {
  LEAT_ASSIGN(const std::string kind, sql::ClassifyStatement(session_->connection(), sql));
  if (kind != "select" && writer_ != nullptr) return RunWrite(sql);
  if (kind != "select") {
    return MakeError("APP-201", ErrorKind::kUnsupported, "leat sql reads: a {} statement is refused", kind)
        .WithHint(
            "tables are written by models and sources (leat run); by hand on an environment: leat sql --write "
            "--ref env/<name>");
  }
  LEAT_ASSIGN(const std::vector<sql::TableRead> reads, session_->Prepare(sql));
  if (settings_.form == "parquet") return WriteParquet(sql);
  LEAT_ASSIGN(std::vector<sql::Column> columns, session_->connection().Describe(sql));
  LEAT_ASSIGN(Output output, Output::Open(settings_.file));
  const bool terminal = context_.console().out_terminal && settings_.file.empty();
  RowsWriter writer({FormOf(settings_.form), context_.console().color && settings_.file.empty(),
                     terminal ? static_cast<size_t>(context_.console().width) : 0, max_rows},
                    std::move(columns));
  LEAT_TRY(
      session_->connection().Stream(sql, [&](const sql::TextRows& rows) { return output.Write(writer.Add(rows)); }));
  LEAT_TRY(output.Write(writer.End()));
  if (settings_.form == "table" && terminal) {
    PrintError(Styled(fmt::format("{} {}\n", Thousands(writer.rows()), writer.rows() == 1 ? "row" : "rows"),
                      Style::kDim, context_.console().err_color));
  }
  return output.Finish();
}

Status SqlShell::RunWrite(const std::string& sql) {
  LEAT_ASSIGN(const run::SqlWritten written, writer_->Run(sql));
  LEAT_TRY(Refresh());
  const std::string rows = RowsWritten(written.rows_inserted, "inserted") +
                           RowsWritten(written.rows_updated, "updated") + RowsWritten(written.rows_deleted, "deleted");
  const std::string commit = written.commit == 0
                                 ? ": nothing to change"
                                 : fmt::format("{} (commit {} on {})", rows, written.commit, settings_.ref);
  PrintError(Styled(fmt::format("{} {}{}\n", written.verb, written.object, commit), Style::kDim,
                    context_.console().err_color));
  return Ok();
}

Status SqlShell::WriteParquet(const std::string& sql) {
  if (settings_.file.empty()) {
    return MakeError("APP-103", ErrorKind::kUsage, "--output parquet needs --file")
        .WithHint("leat sql -c '…' -o parquet --file out.parquet");
  }
  const std::string part = settings_.file + ".part";
  std::string text = sql;
  while (!text.empty() && (text.back() == ';' || std::isspace(static_cast<unsigned char>(text.back())) != 0))
    text.pop_back();
  // The statement stands on lines of its own: it may end in a comment.
  const Status copied = session_->connection().Execute("COPY (\n" + text + "\n) TO " + sql::QuoteLiteral(part) +
                                                       " (FORMAT parquet, COMPRESSION zstd)");
  if (!copied.ok()) {
    unlink(part.c_str());
    return Error(copied.error());
  }
  if (rename(part.c_str(), settings_.file.c_str()) == 0) return Ok();
  return MakeError("APP-302", ErrorKind::kEnvironment, "cannot write {}: {}", settings_.file, std::strerror(errno));
}

std::string RenderSqlError(const Error& error, const std::string& sql, bool color) {
  std::string text = Styled(fmt::format("error {}: ", error.code()), Style::kBad, color) + error.message() + "\n";
  const SourceSpan& where = error.where();
  if (where.line > 0 && where.file.empty()) {
    size_t begin = 0;
    for (int line = 1; line < where.line && begin != std::string::npos; ++line) {
      const size_t end = sql.find('\n', begin);
      begin = end == std::string::npos ? end : end + 1;
    }
    if (begin != std::string::npos) {
      const std::string line = sql.substr(begin, sql.find('\n', begin) - begin);
      const std::string number = std::to_string(where.line);
      const auto column = static_cast<size_t>(std::max(0, where.column - 1));
      text += fmt::format("  {} | {}\n  {} | {}{}\n", number, line, std::string(number.size(), ' '),
                          std::string(DisplayWidth(line.substr(0, column)), ' '),
                          std::string(static_cast<size_t>(std::max(1, where.length)), '^'));
    }
  }
  if (!error.hint().empty()) text += "  " + error.hint() + "\n";
  return text;
}

}  // namespace leat::app
