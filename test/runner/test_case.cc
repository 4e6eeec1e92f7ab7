#include "test_case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "expect.h"
#include "ledger.h"

namespace leat::e2e {

namespace fs = std::filesystem;

namespace {

std::string Indent(const std::string& text) {
  std::string indented;
  for (const std::string& line : Lines(text)) indented += "    " + line + "\n";
  return indented;
}

}  // namespace

TestCase::TestCase(const RunnerOptions& options, Script script, int number)
    : options_(options),
      script_(std::move(script)),
      folder_(fmt::format("{}/{}", options.work_folder, number)),
      project_(folder_ + "/project"),
      logs_(folder_ + "/logs") {
  fs::create_directories(project_);
  fs::create_directories(logs_);
  fs::create_directories(folder_ + "/home");
  for (const char* name :
       {"PATH", "LEAT_DEPS", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LEAT_TEST_POSTGRES"}) {
    if (const char* value = std::getenv(name); value != nullptr) environment_[name] = value;
  }
  environment_["HOME"] = folder_ + "/home";
  environment_["TMPDIR"] = folder_;
  environment_["LANG"] = "C.UTF-8";
  environment_["LEAT"] = options.leat;
  environment_["LEAT_FAULT_DIR"] = folder_;
  variables_["dir"] = project_;
  variables_["leat"] = options.leat;
  variables_["runner"] = fs::read_symlink("/proc/self/exe").string();
  variables_["test"] = fs::absolute(script_.path).parent_path().string();
}

Outcome TestCase::Run() {
  const auto begun = std::chrono::steady_clock::now();
  deadline_ = begun + std::chrono::seconds(120);
  Status status = Execute(script_.directives);
  if (status.ok()) status = CheckPendingExit();
  background_.clear();
  Outcome outcome;
  outcome.skipped = !skip_.empty();
  outcome.passed = status.ok() || outcome.skipped;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (outcome.skipped) {
    outcome.text = skip_;
  } else if (!status.ok()) {
    outcome.text = status.error().message();
    if (!last_words_.empty()) {
      outcome.text +=
          fmt::format("\n  last command: {}\n  its exit: {}\n", last_words_, exit_ ? std::to_string(*exit_) : "none");
      if (!errors_.empty()) outcome.text += "  its standard error:\n" + Indent(errors_.substr(0, 4000));
    }
    outcome.text += fmt::format("  folder: {}\n  rerun: {} --leat {} {}", folder_, variables_["runner"], options_.leat,
                                script_.path);
  }
  if (options_.update) WriteReplacements();
  if (outcome.passed && !options_.keep) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  return outcome;
}

const std::map<std::string, TestCase::Handler>& TestCase::Handlers() {
  static const std::map<std::string, Handler> handlers = {
      {"require", &TestCase::DoRequire}, {"timeout", &TestCase::DoTimeout},     {"file", &TestCase::DoFile},
      {"append", &TestCase::DoFile},     {"copy", &TestCase::DoCopy},           {"remove", &TestCase::DoRemove},
      {"sql", &TestCase::DoSql},         {"psql", &TestCase::DoPsql},           {"postgres", &TestCase::DoPostgres},
      {"run", &TestCase::DoRun},         {"start", &TestCase::DoStart},         {"wait", &TestCase::DoWait},
      {"kill", &TestCase::DoKill},       {"exit", &TestCase::DoExit},           {"stdout", &TestCase::DoOutput},
      {"stderr", &TestCase::DoOutput},   {"json", &TestCase::DoJson},           {"query", &TestCase::DoQuery},
      {"error", &TestCase::DoError},     {"serve", &TestCase::DoServe},         {"stop", &TestCase::DoStop},
      {"http", &TestCase::DoHttp},       {"status", &TestCase::DoStatus},       {"clock", &TestCase::DoClock},
      {"env", &TestCase::DoEnv},         {"failpoint", &TestCase::DoFailpoint}, {"reached", &TestCase::DoReached},
      {"release", &TestCase::DoRelease}, {"shell", &TestCase::DoShell},         {"let", &TestCase::DoLet},
      {"same", &TestCase::DoSame},       {"ledger", &TestCase::DoLedger},       {"loop", &TestCase::DoLoop},
      {"foreach", &TestCase::DoLoop}};
  return handlers;
}

Status TestCase::Execute(const std::vector<Directive>& directives) {
  for (const Directive& directive : directives) {
    if (!skip_.empty()) return Ok();
    if (Left().count() <= 0)
      return MakeError("E2E-303", ErrorKind::kData, "{}: the test's time is over", directive.Place());
    Status status = ExecuteOne(directive);
    if (!status.ok()) {
      if (status.error().code() == "E2E-300") return status;  // already placed by a loop's inner directive
      return MakeError("E2E-300", ErrorKind::kData, "{}: {} {}\n{}", directive.Place(), directive.word, directive.rest,
                       Indent(status.error().message()));
    }
  }
  return Ok();
}

Status TestCase::ExecuteOne(const Directive& directive) {
  static const std::vector<std::string> about_last = {"exit",  "stdout", "stderr", "json",
                                                      "error", "let",    "same",   "status"};
  if (std::find(about_last.begin(), about_last.end(), directive.word) == about_last.end()) LEAT_TRY(CheckPendingExit());
  Directive expanded = directive;
  expanded.rest = Expand(directive.rest);
  const int commands_before = commands_;
  LEAT_TRY((this->*Handlers().at(directive.word))(expanded));
  if (commands_ != commands_before) last_place_ = directive.Place();
  return Ok();
}

/// A command whose exit code no directive looked at must have succeeded.
Status TestCase::CheckPendingExit() {
  if (exit_checked_ || !exit_) return Ok();
  exit_checked_ = true;
  if (*exit_ == 0) return Ok();
  return MakeError("E2E-301", ErrorKind::kData,
                   "{}: the command exited with {}, and no exit or error directive expects that", last_place_, *exit_);
}

Command TestCase::NewCommand(std::vector<std::string> words) {
  Command command;
  command.words = std::move(words);
  command.folder = project_;
  command.environment = environment_;
  command.log_prefix = fmt::format("{}/{}", logs_, ++commands_);
  return command;
}

Status TestCase::Finish(Process process, bool is_run) {
  exit_ = process.Wait(Left());
  output_ = process.Output();
  errors_ = process.Errors();
  body_ = output_;
  exit_checked_ = false;
  if (!exit_) return MakeError("E2E-303", ErrorKind::kData, "did not end within the test's time; killed");
  return CheckLedgerAfterRun(is_run);
}

Status TestCase::CheckLedgerAfterRun(bool was_run) {
  if (!was_run) return Ok();
  const bool fails = std::exchange(ledger_fails_, false);
  if (std::exchange(ledger_off_, false)) return Ok();
  // 2 and 4: nothing ran (usage, configuration, machine); the ledger may not even exist.
  if (exit_ && (*exit_ == 2 || *exit_ == 4 || *exit_ == 70)) return Ok();
  const Result<int64_t> checked = CheckLedger([this](const std::vector<std::string>& words) { return RunLeat(words); });
  if (fails) {
    if (!checked.ok() && checked.error().code() == "E2E-401") return Ok();
    return MakeError("E2E-402", ErrorKind::kData, "the ledger balances, the test says that it must not");
  }
  if (!checked.ok()) return checked.error();
  return Ok();
}

Result<std::string> TestCase::RunLeat(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {options_.leat};
  words.insert(words.end(), arguments.begin(), arguments.end());
  Command command = NewCommand(words);
  command.environment.erase("LEAT_FAULT");
  LEAT_ASSIGN(Process process, Process::Start(command));
  const std::optional<int> code = process.Wait(Left());
  if (!code || *code != 0) {
    return MakeError("E2E-301", ErrorKind::kData, "leat {} exited with {}:\n{}", fmt::join(arguments, " "),
                     code ? std::to_string(*code) : "a timeout", process.Errors());
  }
  return process.Output();
}

std::string TestCase::Path(const std::string& relative) const { return (fs::path(project_) / relative).string(); }

std::string TestCase::Expand(std::string text) const {
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) break;
    const auto found = variables_.find(text.substr(at + 2, end - at - 2));
    if (found == variables_.end()) {
      at = end;
      continue;  // ${env:NAME} belongs to the project's files
    }
    text.replace(at, end - at + 1, found->second);
    at += found->second.size();
  }
  return text;
}

std::vector<std::string> TestCase::ExpandLines(std::vector<std::string> lines) const {
  for (std::string& line : lines) line = Expand(line);
  return lines;
}

std::chrono::milliseconds TestCase::Left() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
}

void TestCase::Replace(const Directive& directive, int first_line, size_t count,
                       const std::vector<std::string>& lines) {
  if (loop_depth_ == 0) replacements_[directive.file].push_back({first_line, count, lines});
}

void TestCase::WriteReplacements() {
  for (auto& [file, changes] : replacements_) {
    std::vector<std::string> lines = Lines(ReadWhole(file));
    std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.first_line > b.first_line; });
    for (const Replacement& change : changes) {
      const auto at = lines.begin() + (change.first_line - 1);
      lines.insert(lines.erase(at, at + static_cast<std::ptrdiff_t>(change.count)), change.lines.begin(),
                   change.lines.end());
    }
    std::ofstream out(file);
    for (const std::string& line : lines) out << line << '\n';
  }
}

}  // namespace leat::e2e
