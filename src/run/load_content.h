#pragma once

#include <vector>

#include "run/load_target.h"
#include "run/load_work.h"

namespace leat::run {

/// What a load wrote of a source that cannot tell whether it changed.
struct WrittenContent {
  std::vector<lake::DataFile> files;
  bool each_is_whole = false;  ///< every snapshot adds the whole content (mode snapshot); else the table is the content
  bool may_be_equal = true;    ///< false: the table changes in any case
};

/// Whether the table holds the written rows already, in whatever order: then nothing needs to be published (decisions: "Bookmarks
/// and the file ledger"). Columns that differ from run to run do not count. Rows are hashed only where their number leaves it
/// open; what was hashed goes into the summary (`leat.content-hash`). `work` null: nothing was written, false.
Result<bool> EqualContent(StepContext& context, StepWork* work, const Target& target, const Layout& layout,
                          const WrittenContent& written, lake::Properties& summary);

}  // namespace leat::run
