#pragma once

#include <string>

#include "component/table_source.h"
#include "lake/table_metadata.h"

namespace leat::components::iceberg {

/// A state of a table, and the columns that it had.
struct ChosenState {
  const lake::Snapshot* snapshot = nullptr;  ///< null: nothing was ever written
  const data::Schema* schema = nullptr;
};

/// `as_of`: "" is the current state; else a snapshot id, a branch or tag, or a time (the state that was current then). SRC-416 says
/// what there is. Points into `metadata`.
Result<ChosenState> ChooseState(const lake::TableMetadata& metadata, const std::string& as_of, const std::string& what);

/// What happened to a table between two of its states.
struct Between {
  bool connected = false;  ///< both are kept, and the older one is among the newer one's ancestors
  std::string
      why;  ///< why the rows that came between cannot be told, "" they can: there are only appends and compactions
};
Between LookBetween(const lake::TableMetadata& metadata, int64_t older, const lake::Snapshot& newer);

/// Files with rows that came, or were changed, since `older`, an ancestor: those of `newer` that `older` does not have.
Result<lake::ScanPlan> PlanNewFiles(io::FileSystem& files, const lake::TableMetadata& metadata,
                                    const lake::Snapshot& older, const lake::Snapshot& newer);

}  // namespace leat::components::iceberg
