#pragma once

#include <nlohmann/json_fwd.hpp>

#include <set>

#include "lake/scan.h"

namespace leat::serve::iceberg {

/// A data or delete file as the specification's "ContentFile": values in their JSON form. Counts and bounds only of the
/// fields `with_stats` (ids).
Result<nlohmann::json> ContentFileJson(const lake::DataFile& file, const lake::TableMetadata& metadata,
                                       const std::set<int>& with_stats);

}  // namespace leat::serve::iceberg
