#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/budget_fields.h"
#include "io/hash.h"
#include "lake/table_change.h"
#include "run/allow_connections.h"
#include "run/file_clean_up.h"
#include "run/file_completeness.h"
#include "run/file_decision.h"
#include "run/fingerprint.h"
#include "run/folder_lock.h"
#include "run/history.h"
#include "run/inputs.h"
#include "run/replay.h"
#include "run/step.h"

namespace leat::run {
namespace {

std::string Count(size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

/// Everything that planning one step looks at.
class Planner {
 public:
  Planner(Lakehouse& lakehouse, const project::Project& project, const PlanOptions& options, lake::View view,
          Reach reach, CancelToken* cancel)
      : lakehouse_(lakehouse),
        project_(project),
        options_(options),
        view_(std::move(view)),
        reach_(std::move(reach)),
        cancel_(cancel) {
    for (const auto& [ref, limit] : reach_) refs_.push_back(ref);
  }

  Result<PlanStep> Step(const project::Asset& asset, const std::map<std::string, StepAction>& before) {
    PlanStep step;
    step.asset = asset.id;
    step.table = asset.table;
    for (const std::string& id : EffectiveNeeds(project_, asset)) {
      if (before.contains(id)) step.needs.push_back(id);
    }
    LEAT_TRY(LookAtTable(asset));
    if (asset.kind == project::AssetKind::kSourceTable) {
      step.action = StepAction::kLoad;
      LEAT_TRY(PlanLoad(asset, step));
    } else {
      step.action = IsView(asset) ? StepAction::kView : StepAction::kBuild;
      LEAT_TRY(PlanBuild(asset, before, step));
    }
    const bool locked = step.folder != nullptr && !step.folder->locked.empty();
    if (step.action == StepAction::kSkip && options_.force && !locked) {
      step.action = asset.kind == project::AssetKind::kSourceTable ? StepAction::kLoad
                    : IsView(asset)                                ? StepAction::kView
                                                                   : StepAction::kBuild;
      step.reason = "forced (" + step.reason + ")";
    }
    if (options_.force) step.wait_for_inputs = false;
    return step;
  }

 private:
  /// The table as the target has it now.
  Status LookAtTable(const project::Asset& asset) {
    metadata_ = nullptr;
    LEAT_ASSIGN(entry_, lakehouse_.catalog->FindTable(view_, asset.table));
    if (entry_ && entry_->kind == lake::ObjectKind::kTable) {
      LEAT_ASSIGN(metadata_, lakehouse_.catalog->LoadMetadata(entry_->location));
    }
    return Ok();
  }

  static void Skip(PlanStep& step, std::string reason) {
    step.action = StepAction::kSkip;
    step.reason = std::move(reason);
  }

  Status PlanLoad(const project::Asset& asset, PlanStep& step) {
    step.load_key = asset.id.starts_with("source.") ? asset.id.substr(7) : asset.id;
    Fingerprint now;
    now.config = ConfigHash(project_, asset);
    if (metadata_ != nullptr) now.bookmark = lake::FindBookmark(*metadata_, step.load_key).value_or("");
    step.bookmark = now.bookmark;
    const bool full = asset.reads_all_files();
    // What replaces all rows owns its table: the state counts as ours only if a step of ours made it.
    std::optional<int64_t> snapshot;
    if (asset.replaces_all() && metadata_ != nullptr) snapshot = DataSnapshot(*metadata_);
    std::optional<PastStep> last;
    if (metadata_ != nullptr) {
      LEAT_ASSIGN(last, LastPublishedStep(*lakehouse_.store, asset.id, refs_, snapshot));
    }
    const std::optional<Fingerprint> before = last ? Fingerprint::Parse(last->fingerprint) : std::nullopt;
    if (last) step.last_fingerprint = last->fingerprint;

    LEAT_ASSIGN(const component::BudgetLimits limits, component::ReadBudget(asset.connection_values));
    LEAT_ASSIGN(step.turn, lakehouse_.budgets->NextTurn(asset.connection, limits));
    const auto backfill = options_.backfill.find(asset.id);
    if (backfill != options_.backfill.end()) {
      LEAT_TRY(PlanBackfill(asset, backfill->second, step));
      // What the source had when it was last loaded as a whole: the next run looks again.
      now.source = before ? before->source : "";
      now.files = io::HashBytes(step.reason);
      step.fingerprint = now.ToText();
      return Ok();
    }
    const Status looked = LookAtSource(asset, full, before, now, step);
    if (!looked.ok()) {
      // One source that cannot be read does not keep the others from being loaded: the step fails when its turn comes.
      if (looked.error().kind() == ErrorKind::kCancelled) return looked.error();
      step.problem = looked.error();
      step.reason = "its source cannot be looked at: " + looked.error().message();
    }
    now.files = FilesHash(step.files);
    step.fingerprint = now.ToText();
    return Ok();
  }

  Status PlanBackfill(const project::Asset& asset, KeyRange range, PlanStep& step) const {
    if (metadata_ == nullptr || step.bookmark.empty()) {
      return MakeError("RUN-557", ErrorKind::kNotFound, "{} was not loaded yet: there is nothing to fill in", asset.id)
          .WithHint("`leat run` loads all of it");
    }
    if (range.to.empty()) range.to = step.bookmark;
    step.reason = fmt::format("backfill: {} from {} to {}", asset.update_key, range.from, range.to);
    step.backfill = std::move(range);
    return Ok();
  }

  Status LookAtSource(const project::Asset& asset, bool full, const std::optional<Fingerprint>& before,
                      Fingerprint& now, PlanStep& step) {
    LEAT_ASSIGN(const std::unique_ptr<component::Source> source,
                OpenSource(lakehouse_, project_, asset, "plan", cancel_));
    const bool fresh = metadata_ == nullptr;
    if (asset.source->source.files) {
      LEAT_TRY(CheckAfterLoad(project_, asset));
      LEAT_ASSIGN(const bool locked, LookForLock(asset, fresh, step));
      if (locked) return Ok();
      FileLedger ledger(*lakehouse_.store, step.load_key, reach_);
      component::FileFetcher here;
      auto* const elsewhere = dynamic_cast<component::FileFetcher*>(source.get());
      component::FileFetcher& fetcher = elsewhere == nullptr ? here : *elsewhere;
      FileDecider decider(fresh ? nullptr : &ledger, RulesOf(asset), fetcher);
      LEAT_ASSIGN(CompletenessCheck complete, CompletenessCheck::Of(asset, project_.root, fetcher));
      LEAT_TRY(EachFileOf(*source, [&](std::vector<component::ListedFile> piece) -> Status {
        if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
        for (const component::ListedFile& listed : piece) {
          if (listed.waiting.empty()) complete.Arrived(listed.file);
        }
        return decider.Look(std::move(piece));
      }));
      LEAT_ASSIGN(FileDecision decision, decider.Finish());
      LEAT_ASSIGN(FolderState folder, complete.Finish(fresh ? nullptr : &ledger, SystemClock().Now()));
      step.folder = std::make_shared<const FolderState>(folder);
      if (folder.stops()) {
        step.reason = "not complete: " + folder.incomplete;
        return Ok();
      }
      complete.HoldBack(decision);
      if (!full && !fresh) LEAT_TRY(AddReplays(asset, fetcher, ledger, step, decision));
      std::vector<component::InputFile> listed = decision.all;
      const std::string also = PlanFiles(std::move(decision), full, step);
      if (!step.files.empty() && step.action != StepAction::kSkip) {
        if (fresh) {
          step.reason = fmt::format("first load: {}", Count(step.files.size(), "file", "files")) + also;
        } else if (before && before->config != now.config && full) {
          step.reason = "its configuration changed";
        }
        return Ok();
      }
      if (fresh) {
        step.action = StepAction::kLoad;
        step.reason = "first load: no files yet" + also;
      } else if (!before) {
        step.action = StepAction::kLoad;
        if (full) step.files = std::move(listed);
        step.reason = full ? "the table was changed by others since it was loaded"
                           : "no run has loaded it yet; no new files" + also;
      } else if (before->config != now.config) {
        step.action = StepAction::kLoad;
        if (full) step.files = std::move(listed);
        step.reason = "its configuration changed" + also;
      } else if (full && options_.force) {
        step.files = std::move(listed);
      }
      return Ok();
    }
    LEAT_ASSIGN(now.source, source->Fingerprint());
    if (fresh) {
      step.reason = "first load";
    } else if (!before) {
      step.reason = full ? "the table was changed by others since it was loaded" : "no run has loaded it yet";
    } else if (before->config != now.config) {
      step.reason = "its configuration changed";
    } else if (now.source.empty()) {
      step.reason = "the source cannot say whether it changed";
    } else if (before->source != now.source) {
      step.reason = "the source changed";
    } else {
      Skip(step, "nothing new: the source is unchanged");
    }
    return Ok();
  }

  /// True while somebody else works in the folder: nothing is read, the table stays as it is. RUN-550: there is none yet.
  Result<bool> LookForLock(const project::Asset& asset, bool fresh, PlanStep& step) {
    const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
    if (policy.lock.empty()) return false;
    const std::string path = component::FolderLockPath(asset.connection_values, asset.table_values, project_.root);
    LEAT_ASSIGN(const std::optional<FolderLockState> lock, LookAtFolderLock(path));
    const TimeMicros now = SystemClock().Now();
    if (!lock || lock->ours || IsOver(*lock, policy.lock_timeout, now)) return false;
    FolderState folder;
    folder.locked = FolderLockText(component::OriginOf(path, project_.root), *lock, now);
    const std::string text = folder.locked;
    step.folder = std::make_shared<const FolderState>(std::move(folder));
    if (fresh) return FolderLocked(text);
    Skip(step, "its folder is locked: " + text);
    return true;
  }

  static Status EachFileOf(component::Source& source, const component::TakeFiles& take) {
    if (auto* lister = dynamic_cast<component::FileLister*>(&source)) return lister->EachFile(take);
    LEAT_ASSIGN(std::vector<component::InputFile> files, source.ListFiles());
    std::vector<component::ListedFile> listed;
    listed.reserve(files.size());
    for (component::InputFile& file : files) listed.push_back({std::move(file)});
    return take(std::move(listed));
  }

  /// Files that somebody asked to be read again, beside those that are new. One that changed is read as it is now.
  Status AddReplays(const project::Asset& asset, component::FileFetcher& fetcher, FileLedger& ledger,
                    const PlanStep& step, FileDecision& decision) {
    LEAT_ASSIGN(const std::vector<component::InputFile> replays,
                FilesToReplay(lakehouse_, project_, asset, fetcher, ledger, step.load_key, view_.ref));
    for (const component::InputFile& file : replays) {
      const bool there = std::any_of(decision.pending.begin(), decision.pending.end(),
                                     [&](const component::InputFile& other) { return other.origin == file.origin; });
      if (there) continue;
      decision.pending.push_back(file);
      ++decision.replayed;
    }
    return Ok();
  }

  static FileRules RulesOf(const project::Asset& asset) {
    using component::OnDuplicate;
    const component::FilePolicy policy = component::ReadFilePolicy(asset.connection_values, asset.table_values);
    FileRules rules;
    rules.full = asset.reads_all_files();
    rules.table = asset.table.ToString();
    if (rules.full) return rules;
    // What goes by key or partition may rightly come back to an earlier state: there equal content is no proof.
    const bool skip = policy.on_duplicate == OnDuplicate::kSkip || (policy.on_duplicate == OnDuplicate::kByMode &&
                                                                    (asset.mode == "append" || asset.mode == "insert"));
    rules.skip_duplicates = skip;
    rules.fail_duplicates = policy.on_duplicate == OnDuplicate::kFail;
    if (asset.mode == "append") rules.on_change = policy.on_change;
    return rules;
  }

  static std::string PeriodsText(const FolderState& folder) {
    std::string text;
    if (!folder.incomplete.empty()) text += "; not complete: " + folder.incomplete;
    if (!folder.last_period.empty()) text += "; last period " + folder.last_period;
    if (folder.next_due) text += fmt::format("; due {}: {}", FormatTime(*folder.next_due), folder.next);
    return text;
  }

  /// What to read and why; returns what there is to say of files that are not read.
  static std::string PlanFiles(FileDecision decision, bool full, PlanStep& step) {
    step.touched = std::move(decision.touched);
    std::string also;
    if (!decision.duplicates.empty()) {
      also +=
          fmt::format(", {} ({} has the content of {})", Count(decision.duplicates.size(), "duplicate", "duplicates"),
                      decision.duplicates.front().file.origin, decision.duplicates.front().of);
    }
    if (!decision.waiting.empty()) {
      also += fmt::format(", {} not taken yet ({} {})", Count(decision.waiting.size(), "file", "files"),
                          decision.waiting.front().file.origin, decision.waiting.front().waiting);
    }
    also += PeriodsText(*step.folder);
    if (decision.pending.empty() && !(full && decision.gone > 0)) {
      Skip(step, "nothing new: " +
                     (decision.listed == 0 ? "no files" : Count(decision.unchanged, "file", "files") + " unchanged") +
                     also);
      return also;
    }
    step.files = std::move(full ? decision.all : decision.pending);
    std::string reason;
    const auto add = [&reason](size_t n, const std::string& text) {
      if (n > 0) reason += (reason.empty() ? "" : ", ") + text;
    };
    add(decision.added, Count(decision.added, "new file", "new files"));
    add(decision.changed, Count(decision.changed, "changed file", "changed files"));
    add(decision.replayed, Count(decision.replayed, "file", "files") + " to be read again");
    if (full) add(decision.gone, Count(decision.gone, "file gone", "files gone"));
    step.reason = reason + also;
    return also;
  }

  Status PlanBuild(const project::Asset& asset, const std::map<std::string, StepAction>& before, PlanStep& step) {
    Fingerprint now;
    now.config = ConfigHash(project_, asset);
    const std::set<lake::TableName> tables = InputTables(project_, asset);
    LEAT_ASSIGN(now.inputs, InputSnapshots(*lakehouse_.catalog, view_, tables));
    step.inputs = now.inputs;
    // Tables that steps before it will change, in the plan's order.
    std::vector<std::string> moving;
    for (const project::Asset& other : project_.assets) {
      const auto planned = before.find(other.id);
      if (planned == before.end() || planned->second == StepAction::kSkip) continue;
      if (tables.contains(other.table)) {
        moving.push_back(other.table.ToString());
        step.inputs.erase(other.table);
      }
    }
    step.fingerprint = now.ToText();
    step.estimated_rows = EstimateRows(now.inputs);

    const bool view = IsView(asset);
    if (!entry_) {
      step.reason = fmt::format("the {} does not exist yet", view ? "view" : "table");
      return Ok();
    }
    std::optional<int64_t> snapshot;
    if (metadata_ != nullptr && !view) snapshot = DataSnapshot(*metadata_);
    LEAT_ASSIGN(const std::optional<PastStep> last, LastPublishedStep(*lakehouse_.store, asset.id, refs_, snapshot));
    const std::optional<Fingerprint> past = last ? Fingerprint::Parse(last->fingerprint) : std::nullopt;
    if (!last || !past || view != (entry_->kind == lake::ObjectKind::kView)) {
      step.reason = past ? "it was materialised otherwise" : "the table was changed by others since it was built";
      return Ok();
    }
    step.last_fingerprint = last->fingerprint;
    if (view) {
      // Its rows are made when it is read: only its own text counts.
      if (past->config == now.config) {
        Skip(step, "nothing new: the view's text is unchanged");
      } else {
        step.reason = "its SQL or configuration changed";
      }
      return Ok();
    }
    if (asset.is_volatile) {
      step.reason = "it calls a volatile function, so its rows may differ each time";
      return Ok();
    }
    // Inputs that will move are judged when they have: everything else is compared now.
    Fingerprint steady = now;
    Fingerprint steady_past = *past;
    for (const auto& [table, snapshot_id] : now.inputs) {
      if (!step.inputs.contains(table)) {
        steady.inputs.erase(table);
        steady_past.inputs.erase(table);
      }
    }
    step.reason = WhyChanged(steady_past, steady);
    if (!step.reason.empty()) return Ok();
    if (moving.empty()) {
      Skip(step, fmt::format("nothing new: {} unchanged", Count(now.inputs.size(), "input", "inputs")));
    } else {
      step.reason = fmt::format("input {} may change in this run", fmt::join(moving, ", "));
      step.wait_for_inputs = true;
    }
    return Ok();
  }

  std::optional<int64_t> EstimateRows(const std::map<lake::TableName, int64_t>& inputs) {
    int64_t rows = 0;
    for (const auto& [table, snapshot_id] : inputs) {
      if (snapshot_id == 0) continue;
      const auto entry = lakehouse_.catalog->FindTableNoCase(view_, table);
      if (!entry.ok()) continue;
      const auto& found = entry.value();
      if (!found) continue;
      const auto metadata = lakehouse_.catalog->LoadMetadata(found->location);
      if (!metadata.ok()) continue;
      const lake::Snapshot* current = metadata.value()->current_snapshot();
      if (current == nullptr) continue;
      const auto total = current->summary.find("total-records");
      if (total != current->summary.end()) rows += std::atoll(total->second.c_str());
    }
    return rows > 0 ? std::optional<int64_t>(rows) : std::nullopt;
  }

  Lakehouse& lakehouse_;
  const project::Project& project_;
  const PlanOptions& options_;
  const lake::View view_;
  const Reach reach_;
  CancelToken* const cancel_;
  std::vector<std::string> refs_;
  std::optional<lake::Entry> entry_;
  lake::MetadataPtr metadata_;
};

}  // namespace

Result<Plan> MakePlanOf(Lakehouse& lakehouse, const project::Project& project, const std::set<std::string>& assets,
                        const PlanOptions& options, CancelToken* cancel) {
  LEAT_ASSIGN(const lake::View view, lakehouse.catalog->Resolve(options.target));
  if (!view.writable) {
    return MakeError("RUN-101", ErrorKind::kUsage, "a run cannot write to '{}'", options.target)
        .WithHint("runs publish to main or to an environment: env/<name>");
  }
  LEAT_ASSIGN(Reach reach, ReachOf(*lakehouse.store, view));
  Plan plan;
  plan.base = view.commit;
  plan.target = view.ref;
  Planner planner(lakehouse, project, options, view, std::move(reach), cancel);
  std::map<std::string, StepAction> before;
  for (const project::Asset& asset : project.assets) {
    if (!assets.empty() && !assets.contains(asset.id)) continue;
    if (cancel != nullptr) LEAT_TRY(cancel->Check());
    LEAT_ASSIGN(PlanStep step, planner.Step(asset, before));
    before.emplace(asset.id, step.action);
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

Result<Plan> MakePlan(Lakehouse& lakehouse, const project::Project& project, const PlanOptions& options) {
  AllowConnections(lakehouse, project);  // sources may ask the engine what they have
  std::set<std::string> assets;
  if (!options.select.empty()) {
    LEAT_ASSIGN(const std::vector<std::string> selected, project::Select(project, options.select));
    assets.insert(selected.begin(), selected.end());
  }
  return MakePlanOf(lakehouse, project, assets, options, nullptr);
}

}  // namespace leat::run
