#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lake/table_metadata.h"

namespace leat::lake {

/// The parts of table metadata that requests carry too (specification, appendix C). Ids that a request leaves out are 0
/// (field ids of a new partition spec), an order id or spec id that is left out is 0. LAKE-101 says which member is wrong.
Result<PartitionSpec> SpecFromJson(const nlohmann::json& json);
Result<SortOrder> SortOrderFromJson(const nlohmann::json& json);
Result<Snapshot> SnapshotFromJson(const nlohmann::json& json);
Result<SnapshotRef> SnapshotRefFromJson(const nlohmann::json& json);

nlohmann::json SpecToJson(const PartitionSpec& spec);
nlohmann::json SortOrderToJson(const SortOrder& order);
/// The "fields" of a spec alone, as manifests carry them.
std::string SpecFieldsToText(const PartitionSpec& spec);

}  // namespace leat::lake
