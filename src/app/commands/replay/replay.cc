#include "run/replay.h"

#include "app/context.h"
#include "app/progress.h"
#include "app/run_summary.h"
#include "project/project.h"

namespace leat::app {
namespace {

Result<std::optional<TimeMicros>> TimeOption(Context& context, const char* name) {
  const std::string text = context.args().Get(name);
  if (text.empty()) return std::optional<TimeMicros>();
  Result<TimeMicros> time = ParseTime(text);
  if (!time.ok()) return std::move(std::move(time).error()).In(std::string("--") + name);
  return std::optional<TimeMicros>(*time);
}

Result<int> Replay(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  run::ReplayRequest request;
  request.origins = context.args().All("file");
  LEAT_ASSIGN(request.from, TimeOption(context, "from"));
  LEAT_ASSIGN(request.to, TimeOption(context, "to"));
  if (request.origins.empty() && !request.from && !request.to) {
    return MakeError("APP-101", ErrorKind::kUsage, "which files shall be read again?")
        .WithHint("leat replay --file in/orders_1.csv, or --from 2026-11-01 --to 2026-11-02");
  }
  if (const std::vector<std::string> select = context.args().All("select"); !select.empty()) {
    LEAT_ASSIGN(const std::vector<std::string> assets, project::Select(project, select));
    request.assets.insert(assets.begin(), assets.end());
  }
  request.target = context.args().Get("target", "main");
  request.by = UserName();
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  LEAT_ASSIGN(const std::vector<run::RequestedFile> files, run::RequestReplay(*lakehouse, project, request));
  run::RunOptions options;
  options.plan.target = request.target;
  options.cancel = &context.Cancel();
  std::set<std::string> tables;
  for (const run::RequestedFile& file : files) tables.insert(file.asset + "+");  // and what depends on them
  options.plan.select.assign(tables.begin(), tables.end());
  if (files.empty()) {
    return MakeError("RUN-301", ErrorKind::kNotFound, "no file was loaded in that time")
        .WithHint("when files were: leat sql \"select origin, loaded_at from leat.files\"");
  }
  const std::unique_ptr<run::Observer> progress = MakeProgress(context.console());
  options.observer = progress.get();
  Result<run::RunResult> result = run::Run(*lakehouse, project, options);
  // What no run has seen to by now shall not come as a surprise with the next one.
  LEAT_TRY(run::DropReplayRequests(*lakehouse, files, request.target));
  if (!result.ok()) return std::move(result).error();
  return PrintRun(context, *result);
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_replay() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "replay";
  spec.summary = "Read files again that were loaded: from the archive, in place of the rows that they gave";
  spec.description =
      "A run like any other, of the tables of these files and of what depends on them. The files' kept copies are read "
      "(landing:),\n"
      "so the inbound folder may be empty. Mode append: the rows of the file go out and come again in one snapshot; modes "
      "with a\n"
      "key: the rows replace those of their keys. leat.files says who asked (replayed_by).";
  spec.options = {{"file", "ORIGIN", "this file, as leat.files names it", 0, {}, true, ""},
                  {"from", "TIME", "files that were loaded from then on (2026-11-01, or RFC 3339)", 0, {}, false, ""},
                  {"to", "TIME", "files that were loaded before", 0, {}, false, ""},
                  {"select", "ASSET", "only files of these tables", 's', {}, true, ""},
                  {"target", "REF", "publish to main (default) or env/<name>", 0, {}, false, ""},
                  OutputOption()};
  spec.examples = {"leat replay --file in/orders_1.csv",
                   "leat replay --from 2026-11-01 --to 2026-11-02 -s source:shop"};
  spec.run = Replay;
  return spec;
}
