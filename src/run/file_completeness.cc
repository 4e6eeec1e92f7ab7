#include "run/file_completeness.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/file_listing.h"
#include "component/input_files.h"

namespace leat::run {
namespace {

using component::ExpectedFile;
using component::FileExpectation;
using component::IncompletePeriod;

constexpr size_t kMostPeriods = 1000;
constexpr size_t kShownPeriods = 5;

/// Where the newest thousand periods begin, if `first` is not later.
TimeMicros NewestPeriods(TimeMicros first, TimeMicros now, component::PeriodKind every) {
  const TimeMicros longest = component::NextPeriod(0, every) * static_cast<TimeMicros>(kMostPeriods + 1);
  return component::PeriodBegin(std::max(first, now - longest), every);
}

}  // namespace

Result<CompletenessCheck> CompletenessCheck::Of(const project::Asset& asset, const std::string& project_root,
                                                component::FileFetcher& source) {
  LEAT_ASSIGN(std::optional<FileExpectation> expect, component::ReadExpectation(asset.table_values));
  LEAT_ASSIGN(component::DatedFiles files,
              component::DatedFiles::Make(asset.connection_values, asset.table_values, project_root));
  if (expect && !files.has_dates()) {
    return MakeError("SRC-207", ErrorKind::kConfig, "table {} expects files of periods, but its `files` name no dates",
                     asset.table.ToString())
        .At(asset.table_values.Where("expect"))
        .WithHint("write the dates into the pattern: files: 'orders_{yyyy-MM-dd}.csv'");
  }
  std::string folder;
  if (expect) folder = component::BelowProject(project_root, asset.connection_values.Text("path"));
  return CompletenessCheck(expect.has_value(), expect.value_or(FileExpectation()), std::move(files), std::move(folder),
                           project_root, source);
}

std::optional<TimeMicros> CompletenessCheck::PeriodOf(const std::string& origin) const {
  const std::optional<TimeMicros> time = files_.PeriodOf(origin);
  return time ? std::optional<TimeMicros>(component::PeriodBegin(*time, expect_.every)) : std::nullopt;
}

void CompletenessCheck::Arrived(const component::InputFile& file) {
  if (!expects_) return;
  if (const std::optional<TimeMicros> period = PeriodOf(file.origin)) arrived_[*period][file.origin] = file.size_bytes;
}

Result<std::optional<std::vector<ExpectedFile>>> CompletenessCheck::Names(TimeMicros begin,
                                                                          std::string& lacking) const {
  using Names = std::optional<std::vector<ExpectedFile>>;
  if (expect_.manifest.empty()) {
    const component::DatePattern* pattern = files_.single();
    return Names(pattern == nullptr ? std::vector<ExpectedFile>() : component::NamesOfPeriod(expect_, *pattern, begin));
  }
  LEAT_ASSIGN(const component::DatePattern pattern, component::DatePattern::Parse(expect_.manifest));
  const std::string path = component::PatternPath(folder_, pattern.Fill(begin));
  const std::string origin = component::OriginOf(path, project_root_);
  LEAT_ASSIGN(const std::optional<std::string> text, source_.ReadWhole(path));
  if (!text.has_value()) {
    lacking = "its manifest " + origin + " is not there";
    return Names();
  }
  LEAT_ASSIGN(std::vector<ExpectedFile> names, component::ParseManifest(*text, origin));
  return Names(std::move(names));
}

Result<std::vector<TimeMicros>> CompletenessCheck::Periods(FileLedger* ledger, TimeMicros now) const {
  std::vector<TimeMicros> begins;
  std::optional<TimeMicros> first = expect_.since;
  if (!first && !arrived_.empty()) first = arrived_.begin()->first;
  if (!expect_.since && ledger != nullptr) {
    LEAT_ASSIGN(const std::optional<TimeMicros> known, ledger->FirstPeriod());
    if (known && (!first || *known < *first)) first = component::PeriodBegin(*known, expect_.every);
  }
  if (!first) return begins;
  const TimeMicros civil = component::CivilTime(expect_, now);
  for (TimeMicros begin = NewestPeriods(*first, civil, expect_.every); begin <= civil;
       begin = component::NextPeriod(begin, expect_.every))
    begins.push_back(begin);
  if (begins.size() > kMostPeriods) begins.erase(begins.begin(), begins.end() - kMostPeriods);
  return begins;
}

Result<std::optional<IncompletePeriod>> CompletenessCheck::Look(TimeMicros begin, FileLedger* ledger, TimeMicros now) {
  std::string lacking;
  const TimeMicros due = component::DueTime(expect_, begin);
  Result<std::optional<std::vector<ExpectedFile>>> names = Names(begin, lacking);
  // One that is being written is not there yet.
  if (!names.ok() && due > now) {
    lacking = names.error().message();
    names = std::optional<std::vector<ExpectedFile>>();
  }
  LEAT_ASSIGN(const std::optional<std::vector<ExpectedFile>> known, std::move(names));
  if (!known) {
    return std::optional<IncompletePeriod>(
        {begin, due, 0, 0, {}, component::PeriodText(begin, expect_.every) + ": " + lacking});
  }
  // A manifest without names: nothing is needed.
  if (!expect_.manifest.empty() && known->empty()) return std::optional<IncompletePeriod>();
  component::ArrivedFiles& arrived = arrived_[begin];
  promises_.merge(component::PromisesOf(arrived, *known));
  std::optional<IncompletePeriod> period = component::LookAtPeriod(expect_, begin, arrived, *known);
  if (!period || ledger == nullptr) return period;
  // What does not lie there any more may have been read.
  LEAT_ASSIGN(const std::vector<DoneFile> done,
              ledger->FilesOfPeriods(begin, component::NextPeriod(begin, expect_.every)));
  for (const DoneFile& file : done) arrived.emplace(file.origin, file.size_bytes);
  return component::LookAtPeriod(expect_, begin, arrived, *known);
}

Result<FolderState> CompletenessCheck::Finish(FileLedger* ledger, TimeMicros now) {
  FolderState found;
  if (ledger != nullptr && files_.has_dates()) {
    LEAT_ASSIGN(const std::optional<TimeMicros> last, ledger->LastPeriod());
    if (last) found.last_period = files_.Text(*last);
  }
  if (!expects_) return found;
  found.expects = true;
  found.blocks = expect_.block;
  LEAT_ASSIGN(const std::vector<TimeMicros> begins, Periods(ledger, now));
  found.periods = begins.size();
  for (const TimeMicros begin : begins) {
    LEAT_ASSIGN(const std::optional<IncompletePeriod> period, Look(begin, ledger, now));
    if (!period) continue;
    if (period->due > now) {
      open_.insert(begin);
      if (found.next_due) continue;
      found.next_due = period->due;
      found.next = period->text;
    } else if (!expect_.accept.contains(begin)) {
      if (++found.overdue <= kShownPeriods) found.incomplete += (found.incomplete.empty() ? "" : "; ") + period->text;
    }
  }
  found.promises = std::move(promises_);
  if (found.overdue > kShownPeriods)
    found.incomplete += fmt::format("; and {} more periods", found.overdue - kShownPeriods);
  if (!found.next_due && !begins.empty()) {
    const TimeMicros begin = component::NextPeriod(begins.back(), expect_.every);
    found.next_due = component::DueTime(expect_, begin);
    found.next = component::PeriodText(begin, expect_.every);
  }
  return found;
}

void CompletenessCheck::HoldBack(FileDecision& decision) const {
  if (!expects_ || !expect_.wait) return;
  const auto waits = [&](const component::InputFile& file) {
    const std::optional<TimeMicros> period = PeriodOf(file.origin);
    return period && open_.contains(*period) && !decision.changed_origins.contains(file.origin);
  };
  std::vector<component::InputFile> ready;
  for (component::InputFile& file : decision.pending) {
    if (!waits(file)) {
      ready.push_back(std::move(file));
      continue;
    }
    --decision.added;
    std::erase_if(decision.all, [&](const component::InputFile& other) { return other.origin == file.origin; });
    decision.waiting.push_back({std::move(file), "waits for the other files of its period"});
  }
  decision.pending = std::move(ready);
}

}  // namespace leat::run
