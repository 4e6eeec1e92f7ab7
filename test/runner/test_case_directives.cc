#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "expect.h"
#include "test_case.h"
#include "test/support/postgres.h"

namespace leat::e2e {

namespace fs = std::filesystem;

namespace {

Error Usage(std::string_view form) { return MakeError("E2E-102", ErrorKind::kUsage, "form: {}", form); }

/// Waits for a condition that another process brings about.
template <typename Condition>
bool WaitUntil(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  return true;
}

bool HasProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    if (access((std::string(rest.substr(0, colon)) + "/" + name).c_str(), X_OK) == 0) return true;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return false;
}

}  // namespace

Status TestCase::DoRequire(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() != 2 && !(words.size() == 1 && words[0] == "root")) {
    return Usage("require program NAME | component KIND.NAME | env NAME | root");
  }
  bool there = false;
  if (words[0] == "program") {
    there = HasProgram(words[1]);
  } else if (words[0] == "env") {
    there = environment_.contains(words[1]);
  } else if (words[0] == "root") {
    there = geteuid() == 0;
  } else if (words[0] == "component") {
    const size_t dot = words[1].find('.');
    there = RunLeat({"describe", words[1].substr(0, dot), words[1].substr(dot + 1)}).ok();
  } else {
    return Usage("require program NAME | component KIND.NAME | env NAME | root");
  }
  if (!there) skip_ = d.rest;
  return Ok();
}

Status TestCase::DoTimeout(const Directive& d) {
  deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(d.rest.c_str()));
  return Ok();
}

Status TestCase::DoFile(const Directive& d) {
  const fs::path path = Path(d.rest);
  fs::create_directories(path.parent_path());
  std::ofstream out(path, d.word == "append" ? std::ios::app | std::ios::binary : std::ios::binary);
  out << Expand(d.BodyText());
  return out ? Ok() : Status(MakeError("E2E-201", ErrorKind::kEnvironment, "cannot write {}", path.string()));
}

Status TestCase::DoCopy(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() != 2) return Usage("copy FROM TO (FROM relative to the test's own folder)");
  const fs::path from = fs::path(variables_.at("test")) / words[0], to = Path(words[1]);
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
  if (error) return MakeError("E2E-201", ErrorKind::kEnvironment, "copy {}: {}", from.string(), error.message());
  return Ok();
}

Status TestCase::DoRemove(const Directive& d) {
  std::error_code error;
  if (fs::remove_all(Path(d.rest), error) == 0) {
    return MakeError("E2E-201", ErrorKind::kEnvironment, "{} is not there", d.rest);
  }
  return Ok();
}

Status TestCase::DoSql(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.empty() || words.size() > 2) return Usage("sql FILE.db [ok|error]");
  const bool expect_error = words.size() == 2 && words[1] == "error";
  fs::create_directories(fs::path(Path(words[0])).parent_path());
  sqlite3* database = nullptr;
  if (sqlite3_open(Path(words[0]).c_str(), &database) != SQLITE_OK) {
    sqlite3_close(database);
    return MakeError("E2E-201", ErrorKind::kEnvironment, "cannot open {}", words[0]);
  }
  char* message = nullptr;
  const int code = sqlite3_exec(database, Expand(d.BodyText()).c_str(), nullptr, nullptr, &message);
  const std::string text = message == nullptr ? "" : message;
  sqlite3_free(message);
  sqlite3_close(database);
  if ((code != SQLITE_OK) == expect_error) return Ok();
  return MakeError("E2E-301", ErrorKind::kData, "{}", expect_error ? "succeeded, an error is expected" : text);
}

Status TestCase::DoPsql(const Directive& d) {
  Command command = NewCommand({"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", d.rest});
  command.input = Expand(d.BodyText());
  last_words_ = "psql " + d.rest;
  LEAT_ASSIGN(Process process, Process::Start(command));
  return Finish(std::move(process), false);
}

Status TestCase::DoPostgres(const Directive& d) {
  if (!d.rest.empty()) return Usage("postgres");
  if (!test::PostgresServer::available()) {
    skip_ = "PostgreSQL";
    return Ok();
  }
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  variables_["postgres"] = test::PostgresServer::Get().NewDatabase();
  if (!variables_["postgres"].empty()) return Ok();
  return MakeError("E2E-103", ErrorKind::kEnvironment, "the runner's PostgreSQL gave no database");
}

Status TestCase::DoRun(const Directive& d) {
  LEAT_ASSIGN(auto words, SplitWords(d.rest));
  const bool is_run = !words.empty() && words[0] == "run";
  last_words_ = "leat " + d.rest;
  words.insert(words.begin(), options_.leat);
  Command command = NewCommand(words);
  if (!faults_.empty()) command.environment["LEAT_FAULT"] = std::exchange(faults_, "");
  command.input = Expand(d.BodyText());
  LEAT_ASSIGN(Process process, Process::Start(command));
  return Finish(std::move(process), is_run);
}

Status TestCase::DoStart(const Directive& d) {
  LEAT_ASSIGN(auto words, SplitWords(d.rest));
  if (words.size() < 2) return Usage("start NAME arguments of leat…");
  const std::string name = words[0];
  words[0] = options_.leat;
  Command command = NewCommand(words);
  if (!faults_.empty()) command.environment["LEAT_FAULT"] = std::exchange(faults_, "");
  LEAT_ASSIGN(Process process, Process::Start(command));
  background_words_[name] = words[1];
  background_.insert_or_assign(name, std::move(process));
  return Ok();
}

Status TestCase::DoWait(const Directive& d) {
  const auto found = background_.find(d.rest);
  if (found == background_.end()) return Usage("wait NAME of a start");
  last_words_ = "(background) " + d.rest;
  Process process = std::move(found->second);
  background_.erase(found);
  return Finish(std::move(process), background_words_[d.rest] == "run");
}

Status TestCase::DoKill(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.empty() || !background_.contains(words[0])) return Usage("kill NAME [INT|TERM|KILL|HUP]");
  const std::string signal = words.size() > 1 ? words[1] : "KILL";
  const std::map<std::string, int> signals = {{"INT", SIGINT}, {"TERM", SIGTERM}, {"KILL", SIGKILL}, {"HUP", SIGHUP}};
  if (!signals.contains(signal)) return Usage("kill NAME [INT|TERM|KILL|HUP]");
  background_.at(words[0]).Kill(signals.at(signal));
  return Ok();
}

Status TestCase::DoExit(const Directive& d) {
  exit_checked_ = true;
  if (!exit_) return Usage("exit after a command");
  // crash: a fault point's crash or kill -9.
  const int expected = d.rest == "crash" ? 137 : std::atoi(d.rest.c_str());
  if (*exit_ == expected) return Ok();
  return MakeError("E2E-301", ErrorKind::kData, "- exit {}\n+ exit {}", d.rest, *exit_);
}

Status TestCase::DoOutput(const Directive& d) {
  const std::string& text = d.word == "stdout" ? output_ : errors_;
  if (!d.rest.empty() || d.body_line == 0) return MatchText(d.rest, text, project_);
  const std::vector<std::string> got = Lines(Normalise(text, project_));
  Status status = MatchLines(ExpandLines(d.body), got);
  if (!status.ok() && options_.update) {
    std::vector<std::string> lines;
    for (const std::string& line : got) lines.push_back(line.empty() ? "|" : "| " + line);
    Replace(d, d.body_line, d.body.size(), lines);
    return Ok();
  }
  return status;
}

Status TestCase::DoJson(const Directive& d) { return MatchJson(d.rest, body_); }

Status TestCase::DoQuery(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.empty() || !d.has_expected) return Usage("query TYPES [sorted] [--ref R …], | lines of SQL, ----, rows");
  bool sorted = false;
  std::vector<std::string> arguments = {"sql", "--output", "csv"};
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "sorted") sorted = true;
    else arguments.push_back(words[i]);
  }
  arguments.insert(arguments.end(), {"-c", Expand(d.BodyText())});
  LEAT_ASSIGN(const std::string text, RunLeat(arguments));
  LEAT_ASSIGN(auto rows, CsvRows(text));
  Status status = MatchRows(words[0], sorted, ExpandLines(d.expected), rows);
  if (!status.ok() && options_.update) {
    Replace(d, d.expected_line, d.expected.size(), RowLines(sorted, rows));
    return Ok();
  }
  return status;
}

Status TestCase::DoError(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.empty() || (words.size() != 1 && !(words.size() == 3 && words[1] == "at")))
    return Usage("error CODE [at FILE:LINE:COLUMN]");
  exit_checked_ = true;
  if (!exit_ || *exit_ == 0)
    return MakeError("E2E-301", ErrorKind::kData, "the command succeeded, {} is expected", words[0]);
  const std::string both = errors_ + output_;
  for (const std::string& part : {words[0], words.back()}) {
    if (both.find(part) == std::string::npos)
      return MakeError("E2E-301", ErrorKind::kData, "no {} in what it printed", part);
  }
  return Ok();
}

Status TestCase::DoServe(const Directive& d) {
  LEAT_ASSIGN(auto extra, SplitWords(d.rest));
  std::vector<std::string> words = {options_.leat, "serve", "--listen", "127.0.0.1:0"};
  if (!extra.empty() && extra[0] == "tokens") extra.erase(extra.begin());
  else extra.push_back("--no-auth");
  words.insert(words.end(), extra.begin(), extra.end());
  Command command = NewCommand(words);
  if (!faults_.empty()) command.environment["LEAT_FAULT"] = std::exchange(faults_, "");
  LEAT_ASSIGN(Process process, Process::Start(command));
  const std::string mark = "listening on ";
  std::string url;
  const bool ready = WaitUntil(std::min<std::chrono::milliseconds>(Left(), std::chrono::seconds(30)), [&] {
    const std::string text = process.Output() + process.Errors();
    const size_t at = text.find(mark);
    if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
      url = text.substr(at + mark.size(), text.find_first_of(" \n", at + mark.size()) - at - mark.size());
    }
    return !url.empty() || !process.running();
  });
  if (!ready || url.empty())
    return MakeError("E2E-301", ErrorKind::kData, "the server did not start:\n{}", process.Errors());
  variables_["url"] = url;
  variables_["port"] = url.substr(url.rfind(':') + 1);
  background_.insert_or_assign("server", std::move(process));
  return Ok();
}

Status TestCase::DoStop(const Directive&) {
  const auto found = background_.find("server");
  if (found == background_.end()) return Usage("stop after serve");
  found->second.Kill(SIGTERM);
  last_words_ = "leat serve (stopped with TERM)";
  Process process = std::move(found->second);
  background_.erase(found);
  LEAT_TRY(Finish(std::move(process), false));
  exit_checked_ = true;
  if (*exit_ == 0 || *exit_ == 143) return Ok();
  return MakeError("E2E-301", ErrorKind::kData, "the server exited with {}", *exit_);
}

Status TestCase::DoHttp(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() < 2) return Usage("http METHOD PATH [header 'Name: value' …], body as | lines");
  const std::string url = words[1].starts_with("http") ? words[1] : variables_["url"] + words[1];
  const std::string answer = fmt::format("{}/{}.body", logs_, commands_ + 1);
  std::vector<std::string> curl = {"curl", "-s", "-S", "-m", "60", "-X", words[0], "-o", answer, "-w", "%{http_code}"};
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i] != "header") curl.insert(curl.end(), {"-H", words[i]});
  }
  if (!d.body.empty()) curl.insert(curl.end(), {"-H", "Content-Type: application/json", "--data-binary", "@-"});
  if (words[0] == "HEAD") curl.push_back("-I");
  curl.push_back(url);
  Command command = NewCommand(curl);
  command.input = Expand(d.BodyText());
  last_words_ = "http " + d.rest;
  LEAT_ASSIGN(Process process, Process::Start(command));
  LEAT_TRY(Finish(std::move(process), false));
  http_status_ = std::atoi(output_.c_str());
  body_ = ReadWhole(answer);
  output_ = body_;
  return Ok();
}

Status TestCase::DoStatus(const Directive& d) {
  if (std::to_string(http_status_) == d.rest) return Ok();
  return MakeError("E2E-301", ErrorKind::kData, "- status {}\n+ status {}\n{}", d.rest, http_status_, body_);
}

Status TestCase::DoClock(const Directive& d) {
  if (d.rest == "real") environment_.erase("LEAT_CLOCK");
  else environment_["LEAT_CLOCK"] = d.rest;
  return Ok();
}

Status TestCase::DoEnv(const Directive& d) {
  const std::string text = d.rest;
  const size_t equals = text.find('=');
  if (equals == std::string::npos) environment_.erase(text);
  else environment_[text.substr(0, equals)] = text.substr(equals + 1);
  return Ok();
}

Status TestCase::DoFailpoint(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() < 2) return Usage("failpoint NAME crash|error|pause [@n]");
  faults_ += (faults_.empty() ? "" : ",") + words[0] + "=" + words[1];
  if (words.size() > 2 && words[2].starts_with("@")) faults_ += words[2];
  return Ok();
}

Status TestCase::DoReached(const Directive& d) {
  const std::string path = folder_ + "/" + d.rest + ".reached";
  if (WaitUntil(Left(), [&] { return fs::exists(path); })) return Ok();
  return MakeError("E2E-303", ErrorKind::kData, "nothing reached the fault point {}", d.rest);
}

Status TestCase::DoRelease(const Directive& d) {
  std::ofstream(folder_ + "/" + d.rest + ".go") << "go";
  return Ok();
}

Status TestCase::DoShell(const Directive& d) {
  const std::string script = Expand(d.body.empty() ? d.rest : d.BodyText());
  last_words_ = "shell " + script.substr(0, 200);
  LEAT_ASSIGN(Process process, Process::Start(NewCommand({"/bin/bash", "-euo", "pipefail", "-c", script})));
  return Finish(std::move(process), false);
}

Status TestCase::DoLet(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() < 3 || words[1] != "=") return Usage("let NAME = json PATH | stdout | 'text'");
  if (words[2] == "json" && words.size() == 4) {
    LEAT_ASSIGN(variables_[words[0]], JsonAt(words[3], body_));
  } else {
    variables_[words[0]] = words[2] == "stdout" ? Trim(output_) : words[2];
  }
  return Ok();
}

Status TestCase::DoSame(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() != 2 && !(words.size() == 3 && words[0] == "not")) return Usage("same [not] A B");
  const bool same = words[words.size() - 2] == words.back();
  if (same == (words.size() == 2)) return Ok();
  return MakeError("E2E-301", ErrorKind::kData, "- {}\n+ {}", words[words.size() - 2], words.back());
}

Status TestCase::DoLedger(const Directive& d) {
  if (d.rest == "fails") ledger_fails_ = true;
  else if (d.rest == "off") ledger_off_ = true;
  else if (d.rest == "check") return CheckLedgerAfterRun(true);
  else return Usage("ledger fails | off | check");
  return Ok();
}

Status TestCase::DoLoop(const Directive& d) {
  LEAT_ASSIGN(const auto words, SplitWords(d.rest));
  if (words.size() < 2) return Usage("loop NAME FROM TO | foreach NAME values…");
  std::vector<std::string> values(words.begin() + 1, words.end());
  if (d.word == "loop") {
    if (words.size() != 3) return Usage("loop NAME FROM TO (TO is the last)");
    values.clear();
    for (int i = std::atoi(words[1].c_str()); i <= std::atoi(words[2].c_str()); ++i)
      values.push_back(std::to_string(i));
  }
  ++loop_depth_;
  for (const std::string& value : values) {
    variables_[words[0]] = value;
    Status status = Execute(d.inner);
    if (!status.ok()) {
      --loop_depth_;
      return MakeError("E2E-300", ErrorKind::kData, "with {} = {}: {}", words[0], value, status.error().message());
    }
  }
  --loop_depth_;
  return Ok();
}

}  // namespace leat::e2e
