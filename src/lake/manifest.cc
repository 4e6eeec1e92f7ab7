#include "lake/manifest.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/schema_json.h"
#include "lake/avro_record.h"
#include "lake/avro_schema.h"
#include "lake/metadata_json.h"
#include "lake/transform.h"

namespace leat::lake {
namespace {

// --- writing ----------------------------------------------------------------------------------------------------------

void EncodeOptional(data::AvroEncoder& out, const std::optional<int64_t>& value) {
  out.Long(value ? 1 : 0);
  if (value) out.Long(*value);
}

void EncodeOptional(data::AvroEncoder& out, const std::optional<std::string>& value) {
  out.Long(value ? 1 : 0);
  if (value) out.Bytes(*value);
}

void EncodeValue(data::AvroEncoder& out, int64_t value) { out.Long(value); }
void EncodeValue(data::AvroEncoder& out, const std::string& value) { out.Bytes(value); }

// An empty map says "not known", which is null.
template <typename T>
void EncodeMap(data::AvroEncoder& out, const std::map<int, T>& map) {
  out.Long(map.empty() ? 0 : 1);
  if (map.empty()) return;
  out.Long(static_cast<int64_t>(map.size()));
  for (const auto& [key, value] : map) {
    out.Long(key);
    EncodeValue(out, value);
  }
  out.Long(0);
}

template <typename T>
void EncodeList(data::AvroEncoder& out, const std::vector<T>& list) {
  out.Long(list.empty() ? 0 : 1);
  if (list.empty()) return;
  out.Long(static_cast<int64_t>(list.size()));
  for (const T value : list) out.Long(value);
  out.Long(0);
}

Status EncodeFile(data::AvroEncoder& out, const DataFile& file, const std::vector<data::TypePtr>& types,
                  int format_version) {
  if (format_version > 1) out.Long(static_cast<int>(file.content));
  out.Bytes(file.path);
  out.Bytes(file.format);
  if (file.partition.size() != types.size()) {
    return MakeError("LAKE-113", ErrorKind::kInternal, "'{}' has {} partition values, its spec has {} fields",
                     file.path, file.partition.size(), types.size());
  }
  for (size_t i = 0; i < types.size(); ++i) LEAT_TRY(EncodePartitionValue(out, file.partition[i], *types[i]));
  out.Long(file.record_count);
  out.Long(file.size_bytes);
  if (format_version == 1) out.Long(64LL << 20);  // required by version 1, read by nobody
  EncodeMap(out, file.column_sizes);
  EncodeMap(out, file.value_counts);
  EncodeMap(out, file.null_counts);
  EncodeMap(out, file.nan_counts);
  EncodeMap(out, file.lower_bounds);
  EncodeMap(out, file.upper_bounds);
  EncodeOptional(out, file.key_metadata);
  EncodeList(out, file.split_offsets);
  if (format_version > 1) EncodeList(out, file.equality_ids);
  EncodeOptional(out, file.sort_order_id ? std::optional<int64_t>(*file.sort_order_id) : std::nullopt);
  if (format_version > 2) EncodeOptional(out, file.first_row_id);
  if (format_version > 1) EncodeOptional(out, file.referenced_data_file);
  if (format_version > 2) {
    EncodeOptional(out, file.content_offset);
    EncodeOptional(out, file.content_size_bytes);
  }
  return Ok();
}

// --- reading ----------------------------------------------------------------------------------------------------------

/// Reads members of a record by field id, with the defaults of absent ones.
struct Row {
  const AvroRecordView& view;
  const data::AvroValue& record;

  std::optional<int64_t> Int(int id) const {
    const data::AvroValue* value = view.Find(record, id);
    return value == nullptr ? std::nullopt : std::optional(value->number);
  }
  int64_t Int(int id, int64_t otherwise) const { return Int(id).value_or(otherwise); }
  int SmallInt(int id, int otherwise) const { return static_cast<int>(Int(id, otherwise)); }
  std::optional<std::string> Bytes(int id) const {
    const data::AvroValue* value = view.Find(record, id);
    return value == nullptr ? std::nullopt : std::optional(value->bytes);
  }
  template <typename T>
  std::vector<T> List(int id) const {
    std::vector<T> list;
    if (const data::AvroValue* value = view.Find(record, id)) {
      for (const data::AvroValue& item : value->items) list.push_back(static_cast<T>(item.number));
    }
    return list;
  }
  template <typename Put>
  void Map(int id, const Put& put) const {
    const data::AvroValue* value = view.Find(record, id);
    if (value == nullptr) return;
    for (const data::AvroValue& item : value->items) {
      if (item.items.size() == 2) put(static_cast<int>(item.items[0].number), item.items[1]);
    }
  }
};

Error Missing(std::string_view what) {
  return MakeError("LAKE-111", ErrorKind::kData, "the manifest has no field {}", what)
      .WithHint("its writer does not follow the Iceberg specification");
}

/// Decodes entries of one manifest.
class EntryDecoder {
 public:
  EntryDecoder(const data::AvroSchema& entry, const PartitionSpec& spec, std::vector<data::TypePtr> types)
      : entry_(entry),
        file_(Nested(entry_, 2)),
        partition_(Nested(file_, 102)),
        spec_(spec),
        types_(std::move(types)) {}

  Result<ManifestEntry> Decode(const data::AvroValue& record) const {
    const Row row{entry_, record};
    const data::AvroValue* file = entry_.Find(record, 2);
    if (file == nullptr) return Missing("2 (data_file)");
    const auto status = row.Int(0);
    if (!status || *status < 0 || *status > 2) return Missing("0 (status) with a value from 0 to 2");
    ManifestEntry entry;
    entry.status = static_cast<EntryStatus>(*status);
    entry.snapshot_id = row.Int(1);
    entry.sequence_number = row.Int(3);
    entry.file_sequence_number = row.Int(4);
    LEAT_TRY(DecodeFile(*file, entry.file));
    return entry;
  }

 private:
  static AvroRecordView Nested(const AvroRecordView& outer, int id) {
    static const data::AvroSchema kEmpty;
    const data::AvroSchema* schema = outer.FindSchema(id);
    return AvroRecordView(schema == nullptr ? kEmpty : *schema);
  }

  Status DecodeFile(const data::AvroValue& record, DataFile& file) const {
    const Row row{file_, record};
    const auto path = row.Bytes(100);
    if (!path) return Missing("100 (file_path)");
    const int64_t content = row.Int(134, 0);
    if (content < 0 || content > 2) return Missing("134 (content) with a value from 0 to 2");
    file.content = static_cast<FileContent>(content);
    file.path = *path;
    file.format = row.Bytes(101).value_or("PARQUET");
    for (char& c : file.format) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    file.spec_id = spec_.spec_id;
    const data::AvroValue* partition = file_.Find(record, 102);
    for (size_t i = 0; i < types_.size(); ++i) {
      const data::AvroValue* value =
          partition == nullptr ? nullptr : partition_.Find(*partition, spec_.fields[i].field_id);
      LEAT_ASSIGN(data::Value decoded, DecodePartitionValue(value, *types_[i]));
      file.partition.push_back(std::move(decoded));
    }
    file.record_count = row.Int(103, 0);
    file.size_bytes = row.Int(104, 0);
    const auto into = [&row](int id, std::map<int, int64_t>& map) {
      row.Map(id, [&map](int key, const data::AvroValue& value) { map[key] = value.number; });
    };
    const auto into_bytes = [&row](int id, std::map<int, std::string>& map) {
      row.Map(id, [&map](int key, const data::AvroValue& value) { map[key] = value.bytes; });
    };
    into(108, file.column_sizes);
    into(109, file.value_counts);
    into(110, file.null_counts);
    into(137, file.nan_counts);
    into_bytes(125, file.lower_bounds);
    into_bytes(128, file.upper_bounds);
    file.key_metadata = row.Bytes(131);
    file.split_offsets = row.List<int64_t>(132);
    file.equality_ids = row.List<int>(135);
    if (const auto order = row.Int(140)) file.sort_order_id = static_cast<int>(*order);
    file.first_row_id = row.Int(142);
    file.referenced_data_file = row.Bytes(143);
    file.content_offset = row.Int(144);
    file.content_size_bytes = row.Int(145);
    return Ok();
  }

  AvroRecordView entry_;
  AvroRecordView file_;
  AvroRecordView partition_;
  const PartitionSpec& spec_;
  std::vector<data::TypePtr> types_;
};

bool IsNan(const data::Value& value) {
  if (const auto* narrow = std::get_if<float>(&value)) return std::isnan(*narrow);
  if (const auto* wide = std::get_if<double>(&value)) return std::isnan(*wide);
  return false;
}

// Nulls and the range of one partition field over all entries.
PartitionSummary Summarize(const std::vector<ManifestEntry>& entries, size_t field, const data::Type& type) {
  PartitionSummary summary;
  const data::Value* lower = nullptr;
  const data::Value* upper = nullptr;
  bool nan = false;
  for (const ManifestEntry& entry : entries) {
    const data::Value& value = entry.file.partition[field];
    if (std::holds_alternative<std::monostate>(value)) {
      summary.contains_null = true;
    } else if (IsNan(value)) {
      nan = true;
    } else {
      if (lower == nullptr || data::Compare(value, *lower, type) < 0) lower = &value;
      if (upper == nullptr || data::Compare(value, *upper, type) > 0) upper = &value;
    }
  }
  if (type.id == data::TypeId::kFloat || type.id == data::TypeId::kDouble) summary.contains_nan = nan;
  if (lower != nullptr) summary.lower = data::EncodeSingleValue(*lower, type);
  if (upper != nullptr) summary.upper = data::EncodeSingleValue(*upper, type);
  return summary;
}

}  // namespace

Result<std::string> EncodeManifest(const std::vector<ManifestEntry>& entries, const data::Schema& schema,
                                   const PartitionSpec& spec, bool deletes, int format_version) {
  LEAT_ASSIGN(const std::vector<data::TypePtr> types, PartitionTypes(spec, schema));
  if (deletes && format_version == 1) {
    return MakeError("LAKE-114", ErrorKind::kUnsupported, "tables of format version 1 cannot have delete files")
        .WithHint("upgrade the table: format-version 2");
  }
  data::AvroEncoder out;
  for (const ManifestEntry& entry : entries) {
    out.Long(static_cast<int>(entry.status));
    if (format_version == 1) {
      out.Long(entry.snapshot_id.value_or(0));
    } else {
      EncodeOptional(out, entry.snapshot_id);
      EncodeOptional(out, entry.sequence_number);
      EncodeOptional(out, entry.file_sequence_number);
    }
    LEAT_TRY(EncodeFile(out, entry.file, types, format_version));
  }
  std::map<std::string, std::string> metadata = {{"schema", data::SchemaToJson(schema).dump()},
                                                 {"schema-id", std::to_string(schema.schema_id)},
                                                 {"partition-spec", SpecFieldsToText(spec)},
                                                 {"partition-spec-id", std::to_string(spec.spec_id)},
                                                 {"format-version", std::to_string(format_version)}};
  if (format_version > 1) metadata["content"] = deletes ? "deletes" : "data";
  return data::WriteAvroFile(ManifestSchemaJson(spec, types, format_version), metadata,
                             static_cast<int64_t>(entries.size()), out.bytes());
}

Result<ManifestFile> DescribeManifest(std::string path, int64_t length_bytes, const std::vector<ManifestEntry>& entries,
                                      const data::Schema& schema, const PartitionSpec& spec, bool deletes,
                                      int64_t snapshot_id, int64_t sequence_number) {
  LEAT_ASSIGN(const std::vector<data::TypePtr> types, PartitionTypes(spec, schema));
  ManifestFile listed;
  listed.path = std::move(path);
  listed.length_bytes = length_bytes;
  listed.spec_id = spec.spec_id;
  listed.deletes = deletes;
  listed.sequence_number = sequence_number;
  listed.min_sequence_number = sequence_number;
  listed.added_snapshot_id = snapshot_id;
  for (const ManifestEntry& entry : entries) {
    const int64_t rows = entry.file.record_count;
    if (entry.status != EntryStatus::kDeleted && entry.sequence_number) {
      listed.min_sequence_number = std::min(listed.min_sequence_number, *entry.sequence_number);
    }
    switch (entry.status) {
      case EntryStatus::kAdded: ++listed.added_files, listed.added_rows += rows; break;
      case EntryStatus::kExisting: ++listed.existing_files, listed.existing_rows += rows; break;
      case EntryStatus::kDeleted: ++listed.deleted_files, listed.deleted_rows += rows; break;
    }
  }
  for (size_t i = 0; i < types.size(); ++i) listed.partitions.push_back(Summarize(entries, i, *types[i]));
  return listed;
}

Result<std::vector<ManifestEntry>> DecodeManifestAsWritten(std::string_view bytes, const ManifestFile& listed,
                                                           const TableMetadata& metadata) {
  const auto named = [&listed](Error&& error) {
    return std::move(error).In(fmt::format("manifest '{}'", listed.path));
  };
  const PartitionSpec* spec = metadata.FindSpec(listed.spec_id);
  if (spec == nullptr) {
    return named(MakeError("LAKE-101", ErrorKind::kData, "the table has no partition spec {}", listed.spec_id));
  }
  auto types = PartitionTypes(*spec, metadata);
  if (!types.ok()) return named(std::move(types).error());
  auto file = ReadManifestAvro(bytes);
  if (!file.ok()) return named(std::move(file).error());
  if (file->schema->kind != data::AvroKind::kRecord) return named(Missing("at all: its rows are not records"));
  const EntryDecoder decoder(*file->schema, *spec, std::move(types).value());
  std::vector<ManifestEntry> entries;
  entries.reserve(file->rows.size());
  for (const data::AvroValue& row : file->rows) {
    auto entry = decoder.Decode(row);
    if (!entry.ok()) return named(std::move(entry).error());
    entries.push_back(std::move(entry).value());
  }
  return entries;
}

Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes, const ManifestFile& listed,
                                                  const TableMetadata& metadata) {
  LEAT_ASSIGN(std::vector<ManifestEntry> entries, DecodeManifestAsWritten(bytes, listed, metadata));
  int64_t next_row_id = listed.first_row_id.value_or(0);
  for (ManifestEntry& entry : entries) {
    if (!entry.snapshot_id) entry.snapshot_id = listed.added_snapshot_id;
    // Only added files inherit; a missing number on others means version 1, whose files all have number 0.
    const bool inherits = entry.status == EntryStatus::kAdded || listed.sequence_number == 0;
    if (!entry.sequence_number) entry.sequence_number = inherits ? listed.sequence_number : 0;
    if (!entry.file_sequence_number) entry.file_sequence_number = inherits ? listed.sequence_number : 0;
    if (listed.first_row_id && entry.file.content == FileContent::kData && entry.status != EntryStatus::kDeleted &&
        !entry.file.first_row_id) {
      entry.file.first_row_id = next_row_id;
      next_row_id += entry.file.record_count;
    }
  }
  return entries;
}

Result<std::string> EncodeManifestList(const std::vector<ManifestFile>& manifests, const Snapshot& snapshot,
                                       int format_version) {
  data::AvroEncoder out;
  for (const ManifestFile& manifest : manifests) {
    out.Bytes(manifest.path);
    out.Long(manifest.length_bytes);
    out.Long(manifest.spec_id);
    if (format_version > 1) {
      out.Long(manifest.deletes ? 1 : 0);
      out.Long(manifest.sequence_number);
      out.Long(manifest.min_sequence_number);
    }
    out.Long(manifest.added_snapshot_id);
    out.Long(manifest.added_files);
    out.Long(manifest.existing_files);
    out.Long(manifest.deleted_files);
    out.Long(manifest.added_rows);
    out.Long(manifest.existing_rows);
    out.Long(manifest.deleted_rows);
    out.Long(manifest.partitions.empty() ? 0 : 1);
    if (!manifest.partitions.empty()) {
      out.Long(static_cast<int64_t>(manifest.partitions.size()));
      for (const PartitionSummary& summary : manifest.partitions) {
        out.Bool(summary.contains_null);
        out.Long(summary.contains_nan ? 1 : 0);
        if (summary.contains_nan) out.Bool(*summary.contains_nan);
        EncodeOptional(out, summary.lower);
        EncodeOptional(out, summary.upper);
      }
      out.Long(0);
    }
    out.Long(0);  // key_metadata
    if (format_version > 2) EncodeOptional(out, manifest.first_row_id);
  }
  std::map<std::string, std::string> metadata = {
      {"snapshot-id", std::to_string(snapshot.id)},
      {"parent-snapshot-id", snapshot.parent_id ? std::to_string(*snapshot.parent_id) : "null"},
      {"format-version", std::to_string(format_version)}};
  if (format_version > 1) metadata["sequence-number"] = std::to_string(snapshot.sequence_number);
  if (format_version > 2 && snapshot.first_row_id) metadata["first-row-id"] = std::to_string(*snapshot.first_row_id);
  return data::WriteAvroFile(ManifestListSchemaJson(format_version), metadata, static_cast<int64_t>(manifests.size()),
                             out.bytes());
}

Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes, const std::string& path) {
  const auto named = [&path](Error&& error) { return std::move(error).In(fmt::format("manifest list '{}'", path)); };
  auto file = ReadManifestAvro(bytes);
  if (!file.ok()) return named(std::move(file).error());
  const AvroRecordView view(*file->schema);
  const data::AvroSchema* partitions = view.FindSchema(507);
  const bool has_items = partitions != nullptr && partitions->kind == data::AvroKind::kArray;
  const AvroRecordView summary_view(has_items ? *partitions->branches[0] : *file->schema);
  std::vector<ManifestFile> manifests;
  manifests.reserve(file->rows.size());
  for (const data::AvroValue& record : file->rows) {
    const Row row{view, record};
    ManifestFile manifest;
    const auto manifest_path = row.Bytes(500);
    if (!manifest_path) return named(Missing("500 (manifest_path)"));
    if (row.Bytes(519)) {
      return named(MakeError("LAKE-115", ErrorKind::kUnsupported, "the manifest '{}' is encrypted", *manifest_path)
                       .WithHint("encrypted tables can be read only by the engine that has the keys"));
    }
    manifest.path = *manifest_path;
    manifest.length_bytes = row.Int(501, 0);
    manifest.spec_id = row.SmallInt(502, 0);
    manifest.deletes = row.Int(517, 0) == 1;
    manifest.sequence_number = row.Int(515, 0);
    manifest.min_sequence_number = row.Int(516, 0);
    manifest.added_snapshot_id = row.Int(503, 0);
    const bool counted = row.Int(504) && row.Int(505);
    manifest.added_files = row.SmallInt(504, 0);
    manifest.existing_files = counted ? row.SmallInt(505, 0) : 1;
    manifest.deleted_files = row.SmallInt(506, 0);
    manifest.added_rows = row.Int(512, 0);
    manifest.existing_rows = row.Int(513, 0);
    manifest.deleted_rows = row.Int(514, 0);
    manifest.first_row_id = row.Int(520);
    if (const data::AvroValue* list = has_items ? view.Find(record, 507) : nullptr) {
      for (const data::AvroValue& item : list->items) {
        const Row in{summary_view, item};
        PartitionSummary summary;
        summary.contains_null = in.Int(509, 1) != 0;
        if (const auto nan = in.Int(518)) summary.contains_nan = *nan != 0;
        summary.lower = in.Bytes(510);
        summary.upper = in.Bytes(511);
        manifest.partitions.push_back(std::move(summary));
      }
    }
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

}  // namespace leat::lake
