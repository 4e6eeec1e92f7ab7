#pragma once

#include <nlohmann/json_fwd.hpp>

#include <vector>

#include "lake/scan.h"

namespace leat::lake {

/// Which files a filter can need: those that may have a row that meets all predicates of one of the lists. {{}} is every
/// file, {} none.
using ScanFilter = std::vector<std::vector<ScanPredicate>>;

/// Reads an expression of the REST catalogue specification ("Expression": and, or, not, comparisons, sets, is-null …). What
/// prunes nothing (transforms, not-eq, is-nan, members of structs) is checked, and every file may match it. LAKE-120 kUsage
/// says what is wrong: an unknown type, a column that `schema` does not have, a value that is not of the column's type.
Result<ScanFilter> ScanFilterFromJson(const nlohmann::json& expression, const data::Schema& schema,
                                      bool case_sensitive);

/// PlanScan for such a filter.
Result<ScanPlan> PlanFilteredScan(io::FileSystem& files, const TableMetadata& metadata, const Snapshot* snapshot,
                                  const ScanFilter& filter);

/// The column or member that a full name of the specification says ("a.b", "list.element", "map.value.c"); null when there
/// is none.
const data::Field* FindField(const data::Schema& schema, std::string_view name, bool case_sensitive);

/// The files that append snapshots after `from` (exclusive) up to `to` (inclusive) added; other snapshots in between are
/// left out, as their rows are not new. LAKE-122 kUsage: `from` is not an ancestor of `to`.
Result<ScanPlan> PlanAppends(io::FileSystem& files, const TableMetadata& metadata, int64_t from, const Snapshot& to,
                             const ScanFilter& filter);

}  // namespace leat::lake
