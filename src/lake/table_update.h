#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lake/table_metadata.h"

namespace leat::lake {

/// The commit model of the REST catalogue specification ("CommitTableRequest"): requirements that must hold, updates that
/// are applied in order. Ids of -1 mean "the last one added by this commit".

struct AssertCreate {};
struct AssertTableUuid {
  std::string uuid;
};
struct AssertRefSnapshotId {
  std::string ref;
  std::optional<int64_t> snapshot_id;
};  ///< nullopt: the ref must not exist
struct AssertLastAssignedFieldId {
  int id = 0;
};
struct AssertCurrentSchemaId {
  int id = 0;
};
struct AssertLastAssignedPartitionId {
  int id = 0;
};
struct AssertDefaultSpecId {
  int id = 0;
};
struct AssertDefaultSortOrderId {
  int id = 0;
};

using TableRequirement =
    std::variant<AssertCreate, AssertTableUuid, AssertRefSnapshotId, AssertLastAssignedFieldId, AssertCurrentSchemaId,
                 AssertLastAssignedPartitionId, AssertDefaultSpecId, AssertDefaultSortOrderId>;

struct AssignUuid {
  std::string uuid;
};
struct UpgradeFormatVersion {
  int version = 2;
};
struct AddSchema {
  data::Schema schema;
};
struct SetCurrentSchema {
  int id = -1;
};
struct RemoveSchemas {
  std::vector<int> ids;
};
struct AddSpec {
  PartitionSpec spec;
};
struct SetDefaultSpec {
  int id = -1;
};
struct RemoveSpecs {
  std::vector<int> ids;
};
struct AddSortOrder {
  SortOrder order;
};
struct SetDefaultSortOrder {
  int id = -1;
};
struct AddSnapshot {
  Snapshot snapshot;
};
struct SetSnapshotRef {
  std::string name;
  SnapshotRef ref;
};
struct RemoveSnapshotRef {
  std::string name;
};
struct RemoveSnapshots {
  std::vector<int64_t> ids;
};
struct SetLocation {
  std::string location;
};
struct SetProperties {
  Properties properties;
};
struct RemoveProperties {
  std::vector<std::string> names;
};
struct SetStatistics {
  bool partition = false;
  int64_t snapshot_id = 0;
  std::string json;
};
struct RemoveStatistics {
  bool partition = false;
  int64_t snapshot_id = 0;
};
struct AddEncryptionKey {
  std::string json;
};
struct RemoveEncryptionKey {
  std::string key_id;
};

using TableUpdate =
    std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetCurrentSchema, RemoveSchemas, AddSpec, SetDefaultSpec,
                 RemoveSpecs, AddSortOrder, SetDefaultSortOrder, AddSnapshot, SetSnapshotRef, RemoveSnapshotRef,
                 RemoveSnapshots, SetLocation, SetProperties, RemoveProperties, SetStatistics, RemoveStatistics,
                 AddEncryptionKey, RemoveEncryptionKey>;

/// Reads the arrays "requirements" and "updates" of a request. LAKE-104 kUsage: a member is missing or of the wrong type, or
/// an action is not known; the message says which.
Result<std::vector<TableRequirement>> ParseRequirements(const nlohmann::json& array);
Result<std::vector<TableUpdate>> ParseUpdates(const nlohmann::json& array);

/// LAKE-301 kConflict with what was expected and what is. `base` is null when the table does not exist.
Status CheckRequirements(const std::vector<TableRequirement>& requirements, const TableMetadata* base);

/// Returns `base` (null: a new table) with the updates applied; nothing is written. Keeps the rules of the specification:
/// ids grow, refs point at known snapshots, sequence numbers grow, the snapshot and metadata logs follow, row ids (v3) are
/// handed out. At most leat.metadata.max-snapshots are kept. gc.enabled stays false: switching it on or removing it is
/// refused (LAKE-106), as Leat alone knows what other refs still need. LAKE-105 kUsage for an update that cannot be applied.
Result<TableMetadata> ApplyUpdates(const std::vector<TableUpdate>& updates, const TableMetadata* base, TimeMicros now);

/// Drops the oldest snapshots above leat.metadata.max-snapshots (those with refs stay) and log entries above 100.
void TrimHistory(TableMetadata& metadata);

}  // namespace leat::lake
