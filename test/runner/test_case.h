#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "process.h"
#include "script.h"

namespace leat::e2e {

struct RunnerOptions {
  std::string leat;         ///< absolute path of the binary
  std::string work_folder;  ///< each test gets a new folder below it
  bool update = false;
  bool keep = false;  ///< keep folders of passed tests too
};

struct Outcome {
  bool passed = false;
  bool skipped = false;
  std::string text;  ///< of a failure: place, phase, difference; of a skip: what is missing
  double seconds = 0;
};

/// Runs one script in a fresh folder. Everything it starts is ended when it returns. One thread.
class TestCase {
 public:
  TestCase(const RunnerOptions& options, Script script, int number);
  Outcome Run();

 private:
  using Handler = Status (TestCase::*)(const Directive&);
  static const std::map<std::string, Handler>& Handlers();

  Status Execute(const std::vector<Directive>& directives);
  Status ExecuteOne(const Directive& directive);

  // directives
  Status DoRequire(const Directive& d);
  Status DoTimeout(const Directive& d);
  Status DoFile(const Directive& d);
  Status DoCopy(const Directive& d);
  Status DoRemove(const Directive& d);
  Status DoSql(const Directive& d);
  Status DoPsql(const Directive& d);
  Status DoPostgres(const Directive& d);
  Status DoRun(const Directive& d);
  Status DoStart(const Directive& d);
  Status DoWait(const Directive& d);
  Status DoKill(const Directive& d);
  Status DoExit(const Directive& d);
  Status DoOutput(const Directive& d);
  Status DoJson(const Directive& d);
  Status DoQuery(const Directive& d);
  Status DoError(const Directive& d);
  Status DoServe(const Directive& d);
  Status DoStop(const Directive& d);
  Status DoHttp(const Directive& d);
  Status DoStatus(const Directive& d);
  Status DoClock(const Directive& d);
  Status DoEnv(const Directive& d);
  Status DoFailpoint(const Directive& d);
  Status DoReached(const Directive& d);
  Status DoRelease(const Directive& d);
  Status DoShell(const Directive& d);
  Status DoLet(const Directive& d);
  Status DoSame(const Directive& d);
  Status DoLedger(const Directive& d);
  Status DoLoop(const Directive& d);

  Command NewCommand(std::vector<std::string> words);
  /// Runs to the end within the test's time; fills exit_, output_, errors_.
  Status Finish(Process process, bool is_run);
  Status CheckLedgerAfterRun(bool was_run);
  Result<std::string> RunLeat(const std::vector<std::string>& arguments);
  Status CheckPendingExit();
  std::string Path(const std::string& relative) const;
  std::string Expand(std::string text) const;
  std::vector<std::string> ExpandLines(std::vector<std::string> lines) const;
  std::chrono::milliseconds Left() const;
  void Replace(const Directive& directive, int first_line, size_t count, const std::vector<std::string>& lines);
  void WriteReplacements();

  const RunnerOptions& options_;
  Script script_;
  std::string folder_, project_, logs_;
  std::map<std::string, std::string> environment_, variables_;
  std::string faults_;
  std::map<std::string, Process> background_;
  std::map<std::string, std::string> background_words_;
  int commands_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  std::string skip_;

  std::string last_words_, last_place_;  ///< the last command, for messages
  std::optional<int> exit_;
  bool exit_checked_ = true;
  std::string output_, errors_, body_;
  int http_status_ = 0;
  bool ledger_fails_ = false, ledger_off_ = false;
  int loop_depth_ = 0;

  struct Replacement {
    int first_line;
    size_t count;
    std::vector<std::string> lines;
  };
  std::map<std::string, std::vector<Replacement>> replacements_;
};

}  // namespace leat::e2e
