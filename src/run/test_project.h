#pragma once

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "run/step.h"
#include "test/support/temp_folder.h"

namespace leat::run {

/// A project for tests of the executor: its sources list real files of a folder (a row a line), its steps write real Iceberg
/// metadata (data files are named, not written, so no engine is needed), its models count the rows of their inputs.
class TestProject {
 public:
  /// `state`: URL of the state store, "" for SQLite in the project.
  explicit TestProject(const std::string& state = "");
  /// Another process's view of the project in `folder`.
  static std::unique_ptr<TestProject> Of(const std::string& folder, const std::string& state = "");

  /// source.<source>.<name> -> raw_<source>.<name>; reads <root>/in/<name>_*.csv in append mode.
  void AddSource(const std::string& source, const std::string& name, const std::string& mode = "append");
  /// model.<name> -> trusted.<name>, from assets by id.
  void AddModel(const std::string& name, std::vector<std::string> from);
  void WriteFile(const std::string& name, int rows);
  void RemoveFile(const std::string& name);

  Lakehouse& lakehouse() { return *lakehouse_; }
  project::Project& project() { return project_; }
  const std::string& root() const { return folder_; }
  /// Opens the project again, as another process would. `folder`: where it lies.
  void Reopen();

  RunOptions Options();
  Result<RunResult> RunAll() { return Run(*lakehouse_, project_, Options()); }
  /// Rows of a table as its newest snapshot says; -1: no such table.
  int64_t Rows(const std::string& ns, const std::string& name, const std::string& ref = "main");
  int64_t Snapshots(const std::string& ns, const std::string& name);
  std::string Text(const std::string& sql);
  static const StepResult& Step(const RunResult& result, const std::string& asset);

  /// Called in each step before it writes.
  std::function<Status(StepContext&)> before;
  /// Called with what a step is about to return (adds check results, rejected rows).
  std::function<void(StepContext&, StepOutcome&)> after;
  int steps_run = 0;
  std::vector<std::string> order;

 private:
  TestProject(const std::string& folder, const std::string& state);
  Result<StepOutcome> DoTestStep(StepContext& context);

  std::unique_ptr<test::TempFolder> own_;
  std::string folder_;
  project::Project project_;
  std::unique_ptr<Lakehouse> lakehouse_;
  std::mutex mutex_;
};

}  // namespace leat::run
