#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "component/dated_files.h"
#include "component/file_expectation.h"
#include "project/project.h"
#include "run/file_decision.h"
#include "run/folder_state.h"

namespace leat::run {

/// Holds what lies in the folder of a table and what the ledger knows (null: nothing) against what the table expects, over
/// its newest thousand periods up to now. A file counts once, by its origin.
class CompletenessCheck {
 public:
  /// SRC-206, SRC-207 kConfig: patterns or expectations that cannot be read.
  /// `source` reads manifests and must outlive the check.
  static Result<CompletenessCheck> Of(const project::Asset& asset, const std::string& project_root,
                                      component::FileFetcher& source);

  /// A file that lies there and is ready.
  void Arrived(const component::InputFile& file);
  /// What the plan shows of the folder. SRC-208 kData: a manifest of a due period that cannot be read.
  Result<FolderState> Finish(FileLedger* ledger, TimeMicros now);
  /// After Finish, where the table says `wait`: what belongs to a period that is neither complete nor due, and was not read
  /// before, goes from the pending files to those that wait.
  void HoldBack(FileDecision& decision) const;

 private:
  CompletenessCheck(bool expects, component::FileExpectation expect, component::DatedFiles files, std::string folder,
                    std::string project_root, component::FileFetcher& source)
      : expects_(expects),
        expect_(std::move(expect)),
        files_(std::move(files)),
        folder_(std::move(folder)),
        project_root_(std::move(project_root)),
        source_(source) {}

  std::optional<TimeMicros> PeriodOf(const std::string& origin) const;
  /// Begins of the periods that count, oldest first.
  Result<std::vector<TimeMicros>> Periods(FileLedger* ledger, TimeMicros now) const;
  /// What one period lacks; nullopt: nothing.
  Result<std::optional<component::IncompletePeriod>> Look(TimeMicros begin, FileLedger* ledger, TimeMicros now);
  /// What the period needs by name; nullopt: its manifest is not there yet (`lacking` says so).
  Result<std::optional<std::vector<component::ExpectedFile>>> Names(TimeMicros begin, std::string& lacking) const;

  const bool expects_;
  const component::FileExpectation expect_;  ///< if it does
  const component::DatedFiles files_;
  const std::string folder_;
  const std::string project_root_;
  component::FileFetcher& source_;
  std::map<TimeMicros, component::ArrivedFiles> arrived_;
  std::map<std::string, component::ExpectedFile> promises_;
  std::set<TimeMicros> open_;  ///< periods that are neither complete nor due
};

}  // namespace leat::run
