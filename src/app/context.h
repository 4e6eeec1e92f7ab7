#pragma once

#include <memory>
#include <string>

#include "app/args.h"
#include "app/console.h"
#include "base/cancel.h"
#include "run/run.h"

namespace leat::app {

/// What a command works with: its arguments, the streams, and the services of the project, opened on demand and closed in
/// reverse when it is destroyed. One thread.
class Context {
 public:
  Context(Invocation invocation, Console console) : invocation_(std::move(invocation)), console_(console) {}

  const Arguments& args() const { return invocation_.arguments; }
  const Console& console() const { return console_; }
  /// True with --output json.
  bool json() const { return args().Get("output") == "json"; }

  /// The folder of the project: --project, or the nearest one upwards with a leat.yml.
  Result<std::string> Root();
  /// As far as it is known, for showing lines of its files; "" before Root().
  const std::string& known_root() const { return root_; }
  Result<project::Project> ReadProject();
  /// What was found in its files and lets it run all the same, on standard error.
  void PrintWarnings(const project::Project& project) const;
  Result<project::Settings> ReadSettings();
  /// Opens state, warehouse and catalogue. `create`: makes a new state where there is none (run, serve).
  Result<run::Lakehouse*> Open(bool create = false);
  /// The view of a ref: "main", "env/dev", a commit number, a tag, or an RFC 3339 time.
  Result<lake::View> ResolveRef(lake::Catalog& catalog, const std::string& ref, const std::string& as_of);

  /// Cancelled by SIGINT and SIGTERM from the first call on (signals.h).
  CancelToken& Cancel();

 private:
  Invocation invocation_;
  Console console_;
  std::string root_;
  std::unique_ptr<run::Lakehouse> lakehouse_;
};

/// Who runs this program, as the machine knows them: the author of commits.
std::string UserName();

/// `--output text|json`, the same for all commands that print.
Option OutputOption();

/// "namespace.table" of a command line: the exact entry at the view, or the only one of that name without case; a bare name
/// is looked for in the default schema, then in all. LAKE-201 with nearest names.
Result<lake::Entry> FindTable(lake::Catalog& catalog, const lake::View& view, const project::Settings& settings,
                              const std::string& text);

}  // namespace leat::app
