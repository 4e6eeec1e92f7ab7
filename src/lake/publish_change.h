#pragma once

#include <string>
#include <vector>

#include "lake/table_change.h"

namespace leat::lake {

/// Re-bases what the snapshots of `branch` since `base_snapshot_id` did onto `head`, as one new snapshot. Appends go onto any head
/// that RebaseAppends takes. Overwrites, deletes and partition swaps go onto one whose rows are those of the base (it was only
/// compacted since): LAKE-306 when a file that they remove, or delete rows of, is no longer there.
Result<TableMetadata> RebaseChanges(io::FileSystem& files, const TableMetadata& head, const TableMetadata& branch,
                                    int64_t base_snapshot_id, const ChangeInfo& info,
                                    std::vector<std::string>& written);

}  // namespace leat::lake
