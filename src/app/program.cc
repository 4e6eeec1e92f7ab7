#include "app/program.h"

#include "app/args.h"
#include "app/console.h"
#include "app/context.h"
#include "app/signals.h"
#include "base/exit_code.h"
#include "base/fault.h"
#include "base/log.h"
#include "config/tree.h"

namespace leat::app {
namespace {

int Report(const Error& error, const Console& console, const std::string& root, bool json) {
  if (json) {
    Print("{\"error\": " + config::ErrorToJson(error) + "}\n");
  } else {
    PrintError(config::RenderError(error, root, console.err_color));
    if (error.kind() == ErrorKind::kInternal) ReportBug(error.code());
  }
  if (error.kind() == ErrorKind::kCancelled && StoppedBy() != 0) return 128 + StoppedBy();
  return ExitCode(error.kind());
}

}  // namespace

int RunProgram(const std::vector<std::string>& words) {
  Result<Invocation> parsed = ParseCommandLine(AllCommands(), words);
  if (!parsed.ok()) return Report(parsed.error(), Console::Detect(false), "", false);
  const Console console = Console::Detect(parsed->arguments.Has("no-color"));
  if (!parsed->help.empty()) {
    Print(parsed->help);
    return 0;
  }
  if (const Status status = CheckFaultSettings(); !status.ok()) return Report(status.error(), console, "", false);
  LogSettings log;
  log.level = parsed->arguments.Has("verbose") ? LogLevel::kDebug : LogLevel::kWarn;
  log.json = !console.err_terminal;
  ConfigureLog(log);

  const auto command = parsed->command->run;
  Context context(std::move(*parsed), console);
  const Result<int> code = command(context);
  if (code.ok()) return *code;
  return Report(code.error(), console, context.known_root(), context.json());
}

void ReportBug(const std::string& what) {
  PrintError("this is a bug of Leat, not of your project: " + what +
             "\n  please report it with the command line and `leat version --output json`\n");
}

}  // namespace leat::app
