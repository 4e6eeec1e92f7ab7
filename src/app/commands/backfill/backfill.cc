#include "app/context.h"
#include "app/progress.h"
#include "app/run_summary.h"
#include "project/project.h"

namespace leat::app {
namespace {

/// RUN-556: a table that cannot be read by a range.
Status CheckRanges(const project::Asset& asset) {
  std::string why;
  if (asset.kind != project::AssetKind::kSourceTable) why = "it is no table of a source";
  else if (asset.source->source.files) why = "it is made of files: `leat replay` reads these again";
  else if (!asset.bookmarked()) why = "it has no `update_key`, so that every load reads all of it";
  else if (!asset.source->source.ranges)
    why = "a source of type " + asset.source->name + " cannot be asked for a range";
  if (why.empty()) return Ok();
  return MakeError("RUN-556", ErrorKind::kUsage, "{} cannot be backfilled: {}", asset.id, why).At(asset.where);
}

Result<int> Backfill(Context& context) {
  LEAT_ASSIGN(const project::Project project, context.ReadProject());
  const run::KeyRange range{context.args().Get("from"), context.args().Get("to")};
  if (range.from.empty()) {
    return MakeError("APP-101", ErrorKind::kUsage, "where does the range begin?")
        .WithHint("leat backfill source.shop.orders --from 2026-11-01 --to 2026-11-02");
  }
  LEAT_ASSIGN(const std::vector<std::string> assets, project::Select(project, context.args().positional));
  run::RunOptions options;
  for (const std::string& id : assets) {
    LEAT_TRY(CheckRanges(*project.Find(id)));
    options.plan.backfill[id] = range;
    options.plan.select.push_back(id + "+");  // and what depends on it
  }
  options.plan.target = context.args().Get("target", "main");
  options.cancel = &context.Cancel();
  LEAT_ASSIGN(run::Lakehouse * lakehouse, context.Open());
  const std::unique_ptr<run::Observer> progress = MakeProgress(context.console());
  options.observer = progress.get();
  LEAT_ASSIGN(const run::RunResult result, run::Run(*lakehouse, project, options));
  return PrintRun(context, result);
}

}  // namespace
}  // namespace leat::app

leat::app::CommandSpec leat_command_backfill() {
  using namespace leat::app;  // NOLINT: the entry of this namespace
  CommandSpec spec;
  spec.name = "backfill";
  spec.summary = "Read a range of a table's update key from the source again";
  spec.description =
      "A run like any other, of these tables and of what depends on them. With a key, rows that are new or changed in the range\n"
      "replace those of their keys, and equal ones are left alone; without one the rows of the range go out and come again in\n"
      "one snapshot. The bookmark stays: the next run goes on where the last one ended.";
  spec.arguments = {{"TABLE", "a table that was loaded with `update_key`, as `leat ls` names it", true, true}};
  spec.options = {{"from", "VALUE", "least value of the update key, as the source writes it", 0, {}, false, ""},
                  {"to", "VALUE", "greatest value; default: the bookmark", 0, {}, false, ""},
                  {"target", "REF", "publish to main (default) or env/<name>", 0, {}, false, ""},
                  OutputOption()};
  spec.examples = {"leat backfill source.shop.orders --from 2026-11-01 --to 2026-11-02",
                   "leat backfill source.shop.orders --from 2026-11-01 --target env/dev"};
  spec.run = Backfill;
  return spec;
}
