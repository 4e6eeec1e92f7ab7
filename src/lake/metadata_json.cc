#include "lake/metadata_json.h"

#include <algorithm>
#include <iterator>

#include "data/schema_json.h"
#include "lake/json_reader.h"
#include "lake/json_writer.h"

namespace leat::lake {
namespace {

using nlohmann::json;

constexpr const char* kCode = "LAKE-101";
constexpr ErrorKind kKind = ErrorKind::kData;

// Members that are read into TableMetadata; all others are kept as text.
constexpr std::string_view kKnown[] = {"format-version",
                                       "table-uuid",
                                       "location",
                                       "last-sequence-number",
                                       "last-updated-ms",
                                       "last-column-id",
                                       "schema",
                                       "schemas",
                                       "current-schema-id",
                                       "partition-spec",
                                       "partition-specs",
                                       "default-spec-id",
                                       "last-partition-id",
                                       "sort-orders",
                                       "default-sort-order-id",
                                       "properties",
                                       "current-snapshot-id",
                                       "snapshots",
                                       "snapshot-log",
                                       "metadata-log",
                                       "refs",
                                       "next-row-id"};

Properties StringMap(JsonReader& reader, const char* name) {
  Properties out;
  const json* object = reader.Find(name);
  if (object == nullptr) return out;
  if (!object->is_object()) {
    reader.Fail(fmt::format("the member \"{}\" is not an object", name));
    return out;
  }
  for (const auto& [key, value] : object->items()) {
    // Some writers put numbers and booleans here; as text they mean the same.
    if (!value.is_null()) out[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return out;
}

void WriteMap(JsonWriter& out, const Properties& map) {
  out.BeginObject();
  for (const auto& [key, value] : map) out.Key(key).String(value);
  out.EndObject();
}

void WriteSnapshot(JsonWriter& out, const Snapshot& snapshot, int format_version) {
  out.BeginObject();
  out.Key("snapshot-id").Int(snapshot.id);
  if (snapshot.parent_id) out.Key("parent-snapshot-id").Int(*snapshot.parent_id);
  if (format_version > 1) out.Key("sequence-number").Int(snapshot.sequence_number);
  out.Key("timestamp-ms").Int(snapshot.timestamp_ms);
  out.Key("manifest-list").String(snapshot.manifest_list);
  if (!snapshot.summary.empty()) {
    out.Key("summary");
    WriteMap(out, snapshot.summary);
  }
  if (snapshot.schema_id) out.Key("schema-id").Int(*snapshot.schema_id);
  if (snapshot.first_row_id) out.Key("first-row-id").Int(*snapshot.first_row_id);
  if (snapshot.added_rows) out.Key("added-rows").Int(*snapshot.added_rows);
  out.EndObject();
}

void WriteRefs(JsonWriter& out, const std::map<std::string, SnapshotRef>& refs) {
  out.BeginObject();
  for (const auto& [name, ref] : refs) {
    out.Key(name).BeginObject();
    out.Key("snapshot-id").Int(ref.snapshot_id);
    out.Key("type").String(ref.type);
    if (ref.min_snapshots_to_keep) out.Key("min-snapshots-to-keep").Int(*ref.min_snapshots_to_keep);
    if (ref.max_snapshot_age_ms) out.Key("max-snapshot-age-ms").Int(*ref.max_snapshot_age_ms);
    if (ref.max_ref_age_ms) out.Key("max-ref-age-ms").Int(*ref.max_ref_age_ms);
    out.EndObject();
  }
  out.EndObject();
}

void ReadSchemas(JsonReader& reader, TableMetadata& metadata) {
  if (reader.Has("schemas")) {
    for (const json& schema : reader.Array("schemas"))
      metadata.schemas.push_back(reader.Take(data::SchemaFromJson(schema)));
    metadata.current_schema_id = reader.SmallInt("current-schema-id");
  } else if (const json* schema = reader.Required("schema")) {
    metadata.schemas.push_back(reader.Take(data::SchemaFromJson(*schema)));
    metadata.current_schema_id = metadata.schemas.back().schema_id;
  }
  if (reader.ok() && metadata.FindSchema(metadata.current_schema_id) == nullptr) {
    reader.Fail(
        fmt::format("\"current-schema-id\" is {}, which \"schemas\" does not have", metadata.current_schema_id));
  }
}

// Version 1 files may leave out the ids of partition fields: they count from 1000.
void NumberPartitionFields(PartitionSpec& spec) {
  int next = 1000;
  for (PartitionField& field : spec.fields) {
    if (field.field_id == 0) field.field_id = next;
    next = std::max(next, field.field_id) + 1;
  }
}

void ReadSpecs(JsonReader& reader, TableMetadata& metadata) {
  if (reader.Has("partition-specs")) {
    for (const json& spec : reader.Array("partition-specs")) metadata.specs.push_back(reader.Take(SpecFromJson(spec)));
    metadata.default_spec_id = reader.SmallInt("default-spec-id");
  } else {
    PartitionSpec spec;
    if (reader.Has("partition-spec")) {
      spec = reader.Take(SpecFromJson({{"spec-id", 0}, {"fields", reader.Array("partition-spec")}}));
    }
    metadata.specs.push_back(std::move(spec));
  }
  int highest = 999;
  for (PartitionSpec& spec : metadata.specs) {
    NumberPartitionFields(spec);
    for (const PartitionField& field : spec.fields) highest = std::max(highest, field.field_id);
  }
  metadata.last_partition_id = reader.SmallInt("last-partition-id", highest);
  if (reader.ok() && metadata.FindSpec(metadata.default_spec_id) == nullptr) {
    reader.Fail(
        fmt::format("\"default-spec-id\" is {}, which \"partition-specs\" does not have", metadata.default_spec_id));
  }
}

void ReadSortOrders(JsonReader& reader, TableMetadata& metadata) {
  if (reader.Has("sort-orders")) {
    for (const json& order : reader.Array("sort-orders")) {
      metadata.sort_orders.push_back(reader.Take(SortOrderFromJson(order)));
    }
  }
  if (metadata.sort_orders.empty()) metadata.sort_orders.push_back({});
  metadata.default_sort_order_id = reader.SmallInt("default-sort-order-id", metadata.sort_orders.front().order_id);
}

void ReadHistory(JsonReader& reader, TableMetadata& metadata) {
  if (const auto current = reader.OptionalInt("current-snapshot-id"); current && *current >= 0) {
    metadata.current_snapshot_id = current;
  }
  if (reader.Has("snapshots")) {
    for (const json& snapshot : reader.Array("snapshots")) {
      metadata.snapshots.push_back(reader.Take(SnapshotFromJson(snapshot)));
    }
  }
  if (metadata.current_snapshot_id && metadata.current_snapshot() == nullptr) {
    reader.Fail(
        fmt::format("\"current-snapshot-id\" is {}, which \"snapshots\" does not have", *metadata.current_snapshot_id));
  }
  if (reader.Has("snapshot-log")) {
    for (const json& entry : reader.Array("snapshot-log")) {
      JsonReader in(entry, "snapshot-log", kCode, kKind);
      metadata.snapshot_log.push_back({in.Int("timestamp-ms"), in.Int("snapshot-id")});
      reader.Check(in.Finish());
    }
  }
  if (reader.Has("metadata-log")) {
    for (const json& entry : reader.Array("metadata-log")) {
      JsonReader in(entry, "metadata-log", kCode, kKind);
      metadata.metadata_log.push_back({in.Int("timestamp-ms"), in.Text("metadata-file")});
      reader.Check(in.Finish());
    }
  }
  if (const json* refs = reader.Find("refs"); refs != nullptr && refs->is_object()) {
    for (const auto& [name, ref] : refs->items()) metadata.refs[name] = reader.Take(SnapshotRefFromJson(ref));
  }
  if (metadata.current_snapshot_id && !metadata.refs.contains("main")) {
    metadata.refs["main"].snapshot_id = *metadata.current_snapshot_id;
  }
}

}  // namespace

namespace {

// Version 3 lists the columns of transforms with several arguments; none of those is defined yet.
int SourceId(JsonReader& member) {
  const json* ids = member.Find("source-ids");
  if (ids == nullptr || member.Has("source-id")) return member.SmallInt("source-id");
  if (ids->is_array() && ids->size() == 1 && (*ids)[0].is_number_integer()) return (*ids)[0].get<int>();
  member.Fail("transforms over several columns (\"source-ids\") are not supported");
  return 0;
}

}  // namespace

Result<PartitionSpec> SpecFromJson(const json& in) {
  JsonReader reader(in, "partition spec", kCode, kKind);
  PartitionSpec spec;
  spec.spec_id = reader.SmallInt("spec-id", 0);
  for (const json& field : reader.Array("fields")) {
    JsonReader member(field, "partition field", kCode, kKind);
    PartitionField out;
    out.source_id = SourceId(member);
    out.field_id = member.SmallInt("field-id", 0);
    out.name = member.Text("name");
    out.transform = member.Text("transform");
    reader.Check(member.Finish());
    spec.fields.push_back(std::move(out));
  }
  LEAT_TRY(reader.Finish());
  return spec;
}

Result<SortOrder> SortOrderFromJson(const json& in) {
  JsonReader reader(in, "sort order", kCode, kKind);
  SortOrder order;
  order.order_id = reader.SmallInt("order-id", 0);
  for (const json& field : reader.Array("fields")) {
    JsonReader member(field, "sort field", kCode, kKind);
    SortField out;
    out.source_id = SourceId(member);
    out.transform = member.Text("transform");
    out.ascending = member.Text("direction", "asc") != "desc";
    out.nulls_first = member.Text("null-order", out.ascending ? "nulls-first" : "nulls-last") != "nulls-last";
    reader.Check(member.Finish());
    order.fields.push_back(std::move(out));
  }
  LEAT_TRY(reader.Finish());
  return order;
}

Result<Snapshot> SnapshotFromJson(const json& in) {
  JsonReader reader(in, "snapshot", kCode, kKind);
  Snapshot snapshot;
  snapshot.id = reader.Int("snapshot-id");
  snapshot.parent_id = reader.OptionalInt("parent-snapshot-id");
  snapshot.sequence_number = reader.Int("sequence-number", 0);
  snapshot.timestamp_ms = reader.Int("timestamp-ms");
  // Version 1 allowed a list of manifests inside the snapshot; no writer has made one since 2019.
  snapshot.manifest_list = reader.Text("manifest-list");
  snapshot.summary = StringMap(reader, "summary");
  snapshot.schema_id = reader.OptionalSmallInt("schema-id");
  snapshot.first_row_id = reader.OptionalInt("first-row-id");
  snapshot.added_rows = reader.OptionalInt("added-rows");
  LEAT_TRY(reader.Finish());
  return snapshot;
}

Result<SnapshotRef> SnapshotRefFromJson(const json& in) {
  JsonReader reader(in, "ref", kCode, kKind);
  SnapshotRef ref;
  ref.snapshot_id = reader.Int("snapshot-id");
  ref.type = reader.Text("type", "branch");
  ref.min_snapshots_to_keep = reader.OptionalSmallInt("min-snapshots-to-keep");
  ref.max_snapshot_age_ms = reader.OptionalInt("max-snapshot-age-ms");
  ref.max_ref_age_ms = reader.OptionalInt("max-ref-age-ms");
  LEAT_TRY(reader.Finish());
  return ref;
}

json SpecToJson(const PartitionSpec& spec) {
  json fields = json::array();
  for (const PartitionField& field : spec.fields) {
    fields.push_back({{"source-id", field.source_id},
                      {"field-id", field.field_id},
                      {"name", field.name},
                      {"transform", field.transform}});
  }
  return {{"spec-id", spec.spec_id}, {"fields", std::move(fields)}};
}

std::string SpecFieldsToText(const PartitionSpec& spec) { return SpecToJson(spec)["fields"].dump(); }

json SortOrderToJson(const SortOrder& order) {
  json fields = json::array();
  for (const SortField& field : order.fields) {
    fields.push_back({{"source-id", field.source_id},
                      {"transform", field.transform},
                      {"direction", field.ascending ? "asc" : "desc"},
                      {"null-order", field.nulls_first ? "nulls-first" : "nulls-last"}});
  }
  return {{"order-id", order.order_id}, {"fields", std::move(fields)}};
}

Result<TableMetadata> ParseTableMetadata(std::string_view text) {
  const json in = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (in.is_discarded()) {
    return MakeError(kCode, kKind, "table metadata: not JSON ({} bytes)", text.size())
        .WithHint("the file is damaged, or it is not a table's metadata file");
  }
  JsonReader reader(in, "table metadata", kCode, kKind);
  TableMetadata metadata;
  metadata.format_version = reader.SmallInt("format-version");
  if (metadata.format_version > 3) {
    return MakeError("LAKE-102", ErrorKind::kUnsupported, "table metadata: format version {} is newer than 3",
                     metadata.format_version)
        .WithHint("a newer version of leat is needed to read this table");
  }
  if (reader.ok() && metadata.format_version < 1) reader.Fail("\"format-version\" is below 1");
  metadata.uuid = reader.Text("table-uuid", "");
  if (metadata.format_version > 1 && metadata.uuid.empty()) reader.Fail("the member \"table-uuid\" is missing");
  metadata.location = reader.Text("location");
  metadata.last_updated_ms = reader.Int("last-updated-ms");
  metadata.last_column_id = reader.SmallInt("last-column-id");
  if (metadata.format_version > 1) metadata.last_sequence_number = reader.Int("last-sequence-number");
  if (metadata.format_version > 2) metadata.next_row_id = reader.Int("next-row-id", 0);
  ReadSchemas(reader, metadata);
  ReadSpecs(reader, metadata);
  ReadSortOrders(reader, metadata);
  metadata.properties = StringMap(reader, "properties");
  ReadHistory(reader, metadata);
  if (in.is_object()) {
    for (const auto& [name, value] : in.items()) {
      if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
        metadata.other_json[name] = value.dump();
    }
  }
  LEAT_TRY(reader.Finish());
  return metadata;
}

std::string FormatTableMetadata(const TableMetadata& metadata) {
  JsonWriter out;
  out.BeginObject();
  out.Key("format-version").Int(metadata.format_version);
  if (!metadata.uuid.empty()) out.Key("table-uuid").String(metadata.uuid);
  out.Key("location").String(metadata.location);
  if (metadata.format_version > 1) out.Key("last-sequence-number").Int(metadata.last_sequence_number);
  out.Key("last-updated-ms").Int(metadata.last_updated_ms);
  out.Key("last-column-id").Int(metadata.last_column_id);
  if (metadata.format_version == 1) {
    out.Key("schema").Raw(data::SchemaToJson(metadata.current_schema()).dump());
    out.Key("partition-spec").Raw(SpecFieldsToText(metadata.default_spec()));
  }
  out.Key("current-schema-id").Int(metadata.current_schema_id);
  out.Key("schemas").BeginArray();
  for (const data::Schema& schema : metadata.schemas) out.Raw(data::SchemaToJson(schema).dump());
  out.EndArray();
  out.Key("default-spec-id").Int(metadata.default_spec_id);
  out.Key("partition-specs").BeginArray();
  for (const PartitionSpec& spec : metadata.specs) out.Raw(SpecToJson(spec).dump());
  out.EndArray();
  out.Key("last-partition-id").Int(metadata.last_partition_id);
  out.Key("default-sort-order-id").Int(metadata.default_sort_order_id);
  out.Key("sort-orders").BeginArray();
  for (const SortOrder& order : metadata.sort_orders) out.Raw(SortOrderToJson(order).dump());
  out.EndArray();
  out.Key("properties");
  WriteMap(out, metadata.properties);
  if (metadata.current_snapshot_id) out.Key("current-snapshot-id").Int(*metadata.current_snapshot_id);
  if (metadata.format_version > 2) out.Key("next-row-id").Int(metadata.next_row_id.value_or(0));
  out.Key("refs");
  WriteRefs(out, metadata.refs);
  out.Key("snapshots").BeginArray();
  for (const Snapshot& snapshot : metadata.snapshots) WriteSnapshot(out, snapshot, metadata.format_version);
  out.EndArray();
  for (const auto& [name, text] : metadata.other_json) out.Key(name).Raw(text);
  out.Key("snapshot-log").BeginArray();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    out.BeginObject().Key("timestamp-ms").Int(entry.timestamp_ms).Key("snapshot-id").Int(entry.snapshot_id).EndObject();
  }
  out.EndArray();
  out.Key("metadata-log").BeginArray();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    out.BeginObject();
    out.Key("timestamp-ms").Int(entry.timestamp_ms).Key("metadata-file").String(entry.metadata_file);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return out.Take();
}

}  // namespace leat::lake
