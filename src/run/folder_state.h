#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "component/file_expectation.h"
#include "component/source.h"

namespace leat::run {

/// What a plan found out about the folder of a table of files, beside what is to be read.
struct FolderState {
  std::string last_period;  ///< the newest period of which a file is done ("2026-11-20 07:00"); "": names have no dates

  std::string locked;  ///< somebody else's lock on the folder; "" free: nothing is read while it is there

  // Of a table with `expect`.
  bool expects = false;
  bool blocks = false;     ///< a period that lacks files stops the table
  std::string incomplete;  ///< periods that are due and lack files, with their names; "" all are complete
  size_t periods = 0;      ///< that were looked at
  size_t overdue = 0;      ///< of them: due and not complete
  std::string next;        ///< the next period that must be complete: "2026-11-21 (1 of 24 files)"
  std::optional<TimeMicros> next_due;
  std::map<std::string, component::ExpectedFile> promises;  ///< what manifests say of contents and rows, by origin

  /// Nothing of the table may be read.
  bool stops() const { return blocks && overdue > 0; }
};

}  // namespace leat::run
