#include "lake/table_update.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lake/column_change.h"
#include "lake/snapshot_writer.h"
#include "lake/transform.h"

// Applying the updates of a commit to table metadata.
namespace leat::lake {
namespace {

Error Wrong(std::string_view what) {
  return MakeError("LAKE-105", ErrorKind::kUsage, "the update cannot be applied: {}", what);
}

Error GarbageCollection() {
  return MakeError("LAKE-106", ErrorKind::kUnsupported, "gc.enabled must stay false in this lake")
      .WithHint(
          "branches and tags need files that other engines' clean-up would delete; only leat's own upkeep deletes");
}

// The keys of two members: statistics are kept as JSON text by TableMetadata.
std::string ListKey(bool partition) { return partition ? "partition-statistics" : "statistics"; }

/// Applies updates one by one; remembers what "the last one added" is.
class Updater {
 public:
  Updater(TableMetadata& metadata, bool fresh, TimeMicros now)
      : metadata_(metadata), fresh_(fresh), now_ms_(now / 1000) {}

  Status operator()(const AssignUuid& u) {
    if (!fresh_ && !metadata_.uuid.empty() && metadata_.uuid != u.uuid) {
      return Wrong(fmt::format("the table's uuid is {}, it cannot become {}", metadata_.uuid, u.uuid));
    }
    metadata_.uuid = u.uuid;
    return Ok();
  }

  Status operator()(const UpgradeFormatVersion& u) {
    if (u.version < 1 || u.version > 3) {
      return MakeError("LAKE-102", ErrorKind::kUnsupported, "format version {} is not supported", u.version)
          .WithHint("use format version 2 or 3");
    }
    if (!fresh_ && u.version < metadata_.format_version) {
      return Wrong(fmt::format("format version {} cannot go back to {}", metadata_.format_version, u.version));
    }
    metadata_.format_version = u.version;
    if (u.version > 2 && !metadata_.next_row_id) metadata_.next_row_id = 0;
    if (u.version < 3) metadata_.next_row_id.reset();
    return Ok();
  }

  Status operator()(const AddSchema& u) {
    for (const data::Schema& schema : metadata_.schemas) {
      if (SameColumns(schema.fields, u.schema.fields) && schema.identifier_field_ids == u.schema.identifier_field_ids) {
        last_schema_ = schema.schema_id;
        return Ok();
      }
    }
    data::Schema schema = u.schema;
    schema.schema_id = 0;
    for (const data::Schema& known : metadata_.schemas)
      schema.schema_id = std::max(schema.schema_id, known.schema_id + 1);
    last_schema_ = schema.schema_id;
    metadata_.last_column_id = std::max(metadata_.last_column_id, schema.HighestId());
    metadata_.schemas.push_back(std::move(schema));
    return Ok();
  }

  Status operator()(const SetCurrentSchema& u) {
    LEAT_ASSIGN(const int id, Resolve(u.id, last_schema_, "schema"));
    if (metadata_.FindSchema(id) == nullptr) return Wrong(fmt::format("the table has no schema {}", id));
    metadata_.current_schema_id = id;
    return Ok();
  }

  Status operator()(const RemoveSchemas& u) {
    for (const int id : u.ids) {
      if (id == metadata_.current_schema_id) return Wrong(fmt::format("schema {} is the current one", id));
      std::erase_if(metadata_.schemas, [id](const data::Schema& schema) { return schema.schema_id == id; });
    }
    return Ok();
  }

  Status operator()(const AddSpec& u) {
    PartitionSpec spec = u.spec;
    for (PartitionField& field : spec.fields) GiveId(field);
    for (const PartitionSpec& known : metadata_.specs) {
      if (Same(known, spec)) {
        last_spec_ = known.spec_id;
        return Ok();
      }
    }
    LEAT_TRY(PartitionTypes(spec, metadata_.current_schema()));
    spec.spec_id = 0;
    for (const PartitionSpec& known : metadata_.specs) spec.spec_id = std::max(spec.spec_id, known.spec_id + 1);
    last_spec_ = spec.spec_id;
    metadata_.specs.push_back(std::move(spec));
    return Ok();
  }

  Status operator()(const SetDefaultSpec& u) {
    LEAT_ASSIGN(const int id, Resolve(u.id, last_spec_, "partition spec"));
    if (metadata_.FindSpec(id) == nullptr) return Wrong(fmt::format("the table has no partition spec {}", id));
    metadata_.default_spec_id = id;
    return Ok();
  }

  Status operator()(const RemoveSpecs& u) {
    for (const int id : u.ids) {
      if (id == metadata_.default_spec_id) return Wrong(fmt::format("partition spec {} is the default one", id));
      std::erase_if(metadata_.specs, [id](const PartitionSpec& spec) { return spec.spec_id == id; });
    }
    return Ok();
  }

  Status operator()(const AddSortOrder& u) {
    SortOrder order = u.order;
    for (const SortField& field : order.fields) {
      if (metadata_.current_schema().FindById(field.source_id) == nullptr) {
        return Wrong(fmt::format("the sort order names field id {}, which the schema does not have", field.source_id));
      }
    }
    for (const SortOrder& known : metadata_.sort_orders) {
      if (Same(known, order)) {
        last_order_ = known.order_id;
        return Ok();
      }
    }
    order.order_id = 0;
    if (!order.fields.empty()) {
      order.order_id = 1;
      for (const SortOrder& known : metadata_.sort_orders)
        order.order_id = std::max(order.order_id, known.order_id + 1);
    }
    last_order_ = order.order_id;
    metadata_.sort_orders.push_back(std::move(order));
    return Ok();
  }

  Status operator()(const SetDefaultSortOrder& u) {
    LEAT_ASSIGN(const int id, Resolve(u.id, last_order_, "sort order"));
    const bool known = std::any_of(metadata_.sort_orders.begin(), metadata_.sort_orders.end(),
                                   [id = id](const SortOrder& order) { return order.order_id == id; });
    if (!known) return Wrong(fmt::format("the table has no sort order {}", id));
    metadata_.default_sort_order_id = id;
    return Ok();
  }

  Status operator()(const AddSnapshot& u) {
    const Snapshot& snapshot = u.snapshot;
    if (metadata_.FindSnapshot(snapshot.id) != nullptr)
      return Wrong(fmt::format("snapshot {} exists already", snapshot.id));
    // Two writers that built on one state: the later one must read the new state first.
    if (metadata_.format_version > 1 && snapshot.parent_id &&
        snapshot.sequence_number <= metadata_.last_sequence_number) {
      return MakeError("LAKE-301", ErrorKind::kConflict,
                       "snapshot {} has sequence number {}, which is not above the table's last one, {}", snapshot.id,
                       snapshot.sequence_number, metadata_.last_sequence_number)
          .WithHint("the table was changed by somebody else: load it again and repeat the change");
    }
    if (metadata_.format_version > 2) {
      if (!snapshot.first_row_id || !snapshot.added_rows) {
        return Wrong("a snapshot of format version 3 needs first-row-id and added-rows");
      }
      const int64_t next_row_id = metadata_.next_row_id.value_or(0);
      if (*snapshot.first_row_id < next_row_id) {
        return MakeError("LAKE-301", ErrorKind::kConflict,
                         "snapshot {} begins with row id {}, rows up to {} have been given", snapshot.id,
                         *snapshot.first_row_id, next_row_id);
      }
      metadata_.next_row_id = *snapshot.first_row_id + *snapshot.added_rows;
    }
    metadata_.last_sequence_number = std::max(metadata_.last_sequence_number, snapshot.sequence_number);
    metadata_.last_updated_ms = std::max(metadata_.last_updated_ms, snapshot.timestamp_ms);
    added_.insert(snapshot.id);
    metadata_.snapshots.push_back(snapshot);
    // Other engines know nothing of bookmarks: without this, expiry would drop the last snapshot that holds them.
    const Snapshot* parent = snapshot.parent_id ? metadata_.FindSnapshot(*snapshot.parent_id) : nullptr;
    metadata_.snapshots.back().summary.merge(CollectBookmarks(metadata_, parent));
    return Ok();
  }

  Status operator()(const SetSnapshotRef& u) {
    const Snapshot* snapshot = metadata_.FindSnapshot(u.ref.snapshot_id);
    if (snapshot == nullptr)
      return Wrong(fmt::format("ref '{}' names snapshot {}, which is not there", u.name, u.ref.snapshot_id));
    if (u.name == "main" && u.ref.type != "branch") return Wrong("'main' is a branch");
    metadata_.refs[u.name] = u.ref;
    if (u.name != "main" || metadata_.current_snapshot_id == snapshot->id) return Ok();
    metadata_.current_snapshot_id = snapshot->id;
    // A new snapshot became current when it was made; going back to an old one happens now.
    const int64_t when =
        added_.contains(snapshot->id) ? snapshot->timestamp_ms : std::max(now_ms_, metadata_.last_updated_ms);
    metadata_.snapshot_log.push_back({when, snapshot->id});
    return Ok();
  }

  Status operator()(const RemoveSnapshotRef& u) {
    metadata_.refs.erase(u.name);
    if (u.name == "main") metadata_.current_snapshot_id.reset();
    return Ok();
  }

  Status operator()(const RemoveSnapshots& u) {
    const std::set<int64_t> ids(u.ids.begin(), u.ids.end());
    for (const auto& [name, ref] : metadata_.refs) {
      if (ids.contains(ref.snapshot_id))
        return Wrong(fmt::format("snapshot {} is used by ref '{}'", ref.snapshot_id, name));
    }
    // TrimHistory cuts the log.
    std::erase_if(metadata_.snapshots, [&ids](const Snapshot& snapshot) { return ids.contains(snapshot.id); });
    for (const int64_t id : ids) {  // what was counted of them is of no use either
      LEAT_TRY((*this)(RemoveStatistics{false, id}));
      LEAT_TRY((*this)(RemoveStatistics{true, id}));
    }
    return Ok();
  }

  Status operator()(const SetLocation& u) {
    metadata_.location = u.location;
    while (metadata_.location.size() > 1 && metadata_.location.ends_with('/')) metadata_.location.pop_back();
    return Ok();
  }

  Status operator()(const SetProperties& u) {
    for (const auto& [name, value] : u.properties) {
      if (name == "gc.enabled" && value != "false") {
        // Engines that make a table may send their default with it; afterwards it is a request to collect.
        if (!fresh_) return GarbageCollection();
        continue;
      }
      metadata_.properties[name] = value;
    }
    return Ok();
  }

  Status operator()(const RemoveProperties& u) {
    for (const std::string& name : u.names) {
      if (name == "gc.enabled") return GarbageCollection();
      metadata_.properties.erase(name);
    }
    return Ok();
  }

  Status operator()(const SetStatistics& u) {
    auto list = Statistics(u.partition, u.snapshot_id);
    list.push_back(u.json);
    return Store(ListKey(u.partition), list);
  }
  Status operator()(const RemoveStatistics& u) {
    return Store(ListKey(u.partition), Statistics(u.partition, u.snapshot_id));
  }
  Status operator()(const AddEncryptionKey&) {
    return MakeError("LAKE-115", ErrorKind::kUnsupported, "encrypted tables are not supported");
  }
  Status operator()(const RemoveEncryptionKey&) { return (*this)(AddEncryptionKey{}); }

 private:
  Result<int> Resolve(int id, const std::optional<int>& last, std::string_view what) {
    if (id != -1) return id;
    if (last) return *last;
    return Wrong(fmt::format("-1 names the {} that was added last, none was", what));
  }

  static bool Same(const PartitionSpec& a, const PartitionSpec& b) {
    return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                      [](const PartitionField& x, const PartitionField& y) {
                        return x.source_id == y.source_id && x.name == y.name && x.transform == y.transform &&
                               x.field_id == y.field_id;
                      });
  }
  static bool Same(const SortOrder& a, const SortOrder& b) {
    return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                      [](const SortField& x, const SortField& y) {
                        return x.source_id == y.source_id && x.transform == y.transform && x.ascending == y.ascending &&
                               x.nulls_first == y.nulls_first;
                      });
  }

  // The same transform of the same column keeps its id over all specs.
  void GiveId(PartitionField& field) {
    if (field.field_id >= 1000) {
      metadata_.last_partition_id = std::max(metadata_.last_partition_id, field.field_id);
      return;
    }
    for (const PartitionSpec& spec : metadata_.specs) {
      for (const PartitionField& known : spec.fields) {
        if (known.source_id == field.source_id && known.transform == field.transform) {
          field.field_id = known.field_id;
          return;
        }
      }
    }
    field.field_id = ++metadata_.last_partition_id;
  }

  // The statistics files of one kind as JSON texts, without those of a snapshot.
  std::vector<std::string> Statistics(bool partition, int64_t without_snapshot) const {
    std::vector<std::string> list;
    const auto it = metadata_.other_json.find(ListKey(partition));
    if (it == metadata_.other_json.end()) return list;
    for (const nlohmann::json& item : nlohmann::json::parse(it->second, nullptr, false)) {
      if (!item.is_object() || item.value("snapshot-id", int64_t{-1}) != without_snapshot) list.push_back(item.dump());
    }
    return list;
  }
  Status Store(const std::string& key, const std::vector<std::string>& list) {
    if (list.empty()) {
      metadata_.other_json.erase(key);
      return Ok();
    }
    std::string text;
    for (const std::string& item : list) text += (text.empty() ? "[" : ",") + item;
    metadata_.other_json[key] = text + "]";
    return Ok();
  }

  TableMetadata& metadata_;
  const bool fresh_;
  const int64_t now_ms_;
  std::optional<int> last_schema_;
  std::optional<int> last_spec_;
  std::optional<int> last_order_;
  std::set<int64_t> added_;
};

}  // namespace

Result<TableMetadata> ApplyUpdates(const std::vector<TableUpdate>& updates, const TableMetadata* base, TimeMicros now) {
  TableMetadata metadata = base == nullptr ? TableMetadata{} : *base;
  if (base == nullptr) metadata.properties["gc.enabled"] = "false";
  Updater updater(metadata, base == nullptr, now);
  for (const TableUpdate& update : updates) {
    // A new table gets its schema first; what needs one before that cannot be applied.
    const bool needs_schema = std::holds_alternative<AddSpec>(update) || std::holds_alternative<AddSortOrder>(update);
    if (needs_schema && metadata.FindSchema(metadata.current_schema_id) == nullptr)
      return Wrong("the schema must come first");
    LEAT_TRY(std::visit([&updater](const auto& one) { return updater(one); }, update));
  }
  if (metadata.uuid.empty()) return Wrong("a new table needs its uuid (assign-uuid)");
  if (metadata.location.empty()) return Wrong("a new table needs its location (set-location)");
  if (metadata.FindSchema(metadata.current_schema_id) == nullptr) return Wrong("a new table needs a schema");
  if (metadata.specs.empty()) metadata.specs.push_back({});
  if (metadata.sort_orders.empty()) metadata.sort_orders.push_back({});
  if (metadata.FindSpec(metadata.default_spec_id) == nullptr) return Wrong("the default partition spec is not there");
  if (base != nullptr) LEAT_TRY(CheckTypesFollow(*base, metadata));
  LEAT_TRY(CheckColumnsFitFormat(metadata));
  metadata.last_updated_ms = std::max(metadata.last_updated_ms, now / 1000);
  TrimHistory(metadata);
  return metadata;
}

void TrimHistory(TableMetadata& metadata) {
  const auto most = static_cast<size_t>(PositiveProperty(metadata.properties, "leat.metadata.max-snapshots", 100));
  if (metadata.snapshots.size() > most) {
    std::set<int64_t> needed;
    for (const auto& [name, ref] : metadata.refs) needed.insert(ref.snapshot_id);
    size_t surplus = metadata.snapshots.size() - most;
    std::erase_if(metadata.snapshots, [&](const Snapshot& old) {
      if (surplus == 0 || needed.contains(old.id)) return false;
      --surplus;
      return true;
    });
  }
  // The log may name only snapshots that are there, and has no gaps: what is before a gap goes too.
  std::set<int64_t> there;
  for (const Snapshot& snapshot : metadata.snapshots) there.insert(snapshot.id);
  const auto gap = std::find_if(metadata.snapshot_log.rbegin(), metadata.snapshot_log.rend(),
                                [&there](const SnapshotLogEntry& entry) { return !there.contains(entry.snapshot_id); });
  metadata.snapshot_log.erase(metadata.snapshot_log.begin(), gap.base());
  if (metadata.snapshot_log.size() > 100) {
    metadata.snapshot_log.erase(metadata.snapshot_log.begin(), metadata.snapshot_log.end() - 100);
  }
}

}  // namespace leat::lake
