#include "lake/table_metadata.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>

#include "lake/column_change.h"
#include "lake/transform.h"

namespace leat::lake {
namespace {

// Ids in the order in which a walk meets them.
void CollectIds(const std::vector<data::Field>& fields, std::vector<int>& ids) {
  for (const data::Field& field : fields) {
    ids.push_back(field.id);
    CollectIds(field.type->fields, ids);
  }
}

void ClearIds(std::vector<data::Field>& fields) {
  for (data::Field& field : fields) {
    field.id = 0;
    if (field.type->fields.empty()) continue;
    data::Type copy = *field.type;
    ClearIds(copy.fields);
    field.type = std::make_shared<const data::Type>(std::move(copy));
  }
}

// Some engines number columns from 0. Ids of a table begin at 1, so all are given anew and references follow.
void RenumberFromOne(data::Schema& schema, PartitionSpec& spec, SortOrder& order) {
  std::vector<int> before;
  CollectIds(schema.fields, before);
  ClearIds(schema.fields);
  data::AssignFieldIds(schema, 1);
  std::vector<int> after;
  CollectIds(schema.fields, after);
  std::map<int, int> renumbered;
  for (size_t i = 0; i < before.size(); ++i) renumbered[before[i]] = after[i];
  for (PartitionField& field : spec.fields) field.source_id = renumbered[field.source_id];
  for (SortField& field : order.fields) field.source_id = renumbered[field.source_id];
  for (int& id : schema.identifier_field_ids) id = renumbered[id];
}

template <typename T>
const T* FindIf(const std::vector<T>& all, const auto& matches) {
  const auto it = std::find_if(all.begin(), all.end(), matches);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

bool PartitionSpec::is_unpartitioned() const {
  return std::all_of(fields.begin(), fields.end(),
                     [](const PartitionField& field) { return field.transform == "void"; });
}

const data::Schema* TableMetadata::FindSchema(int id) const {
  return FindIf(schemas, [id](const data::Schema& schema) { return schema.schema_id == id; });
}

const PartitionSpec* TableMetadata::FindSpec(int id) const {
  return FindIf(specs, [id](const PartitionSpec& spec) { return spec.spec_id == id; });
}

const Snapshot* TableMetadata::FindSnapshot(int64_t id) const {
  // Newest first: nearly all look-ups are for recent ones.
  for (auto it = snapshots.rbegin(); it != snapshots.rend(); ++it) {
    if (it->id == id) return &*it;
  }
  return nullptr;
}

const data::Schema& TableMetadata::current_schema() const {
  const data::Schema* schema = FindSchema(current_schema_id);
  assert(schema != nullptr);
  return *schema;
}

const PartitionSpec& TableMetadata::default_spec() const {
  const PartitionSpec* spec = FindSpec(default_spec_id);
  assert(spec != nullptr);
  return *spec;
}

const SortOrder& TableMetadata::default_sort_order() const {
  static const SortOrder kUnsorted;
  const SortOrder* order =
      FindIf(sort_orders, [this](const SortOrder& candidate) { return candidate.order_id == default_sort_order_id; });
  return order == nullptr ? kUnsorted : *order;
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? FindSnapshot(*current_snapshot_id) : nullptr;
}

Result<TableMetadata> NewTableMetadata(std::string uuid, std::string location, data::Schema schema, PartitionSpec spec,
                                       SortOrder order, Properties properties, TimeMicros now, int format_version) {
  if (format_version < 1 || format_version > 3) {
    return MakeError("LAKE-102", ErrorKind::kUnsupported, "tables of format version {} cannot be made", format_version)
        .WithHint("set format-version to 2 or 3");
  }
  std::vector<int> ids;
  CollectIds(schema.fields, ids);
  const std::set<int> distinct(ids.begin(), ids.end());
  if (ids.size() > 1 && distinct.size() == ids.size() && distinct.contains(0)) {
    RenumberFromOne(schema, spec, order);
  } else {
    data::AssignFieldIds(schema, schema.HighestId() + 1);
  }
  ids.clear();
  CollectIds(schema.fields, ids);
  if (std::set<int>(ids.begin(), ids.end()).size() != ids.size()) {
    return MakeError("LAKE-105", ErrorKind::kUsage, "the schema uses a field id twice")
        .WithHint("leave the ids out to have them given");
  }
  schema.schema_id = 0;

  TableMetadata metadata;
  metadata.format_version = format_version;
  metadata.uuid = std::move(uuid);
  while (location.size() > 1 && location.ends_with('/')) location.pop_back();
  metadata.location = std::move(location);
  metadata.last_updated_ms = now / 1000;
  metadata.last_column_id = schema.HighestId();
  spec.spec_id = 0;
  int next_partition_id = 1000;
  for (PartitionField& field : spec.fields) next_partition_id = std::max(next_partition_id, field.field_id + 1);
  for (PartitionField& field : spec.fields) {
    if (field.field_id < 1000) field.field_id = next_partition_id++;
  }
  LEAT_TRY(PartitionTypes(spec, schema));
  metadata.last_partition_id = next_partition_id - 1;
  for (const SortField& field : order.fields) {
    if (schema.FindById(field.source_id) == nullptr) {
      return MakeError("LAKE-105", ErrorKind::kUsage,
                       "the sort order names field id {}, which the schema does not have", field.source_id);
    }
  }
  order.order_id = order.fields.empty() ? 0 : 1;
  metadata.default_sort_order_id = order.order_id;
  metadata.schemas.push_back(std::move(schema));
  metadata.specs.push_back(std::move(spec));
  metadata.sort_orders.push_back(std::move(order));
  // Only upkeep that sees all refs may delete files: other engines' expiry must not.
  properties["gc.enabled"] = "false";
  metadata.properties = std::move(properties);
  if (format_version > 2) metadata.next_row_id = 0;
  LEAT_TRY(CheckColumnsFitFormat(metadata));
  return metadata;
}

}  // namespace leat::lake
