#include "lake/avro_record.h"

namespace leat::lake {
namespace {

const data::AvroSchema* WithoutNull(const data::AvroSchema& schema) {
  if (schema.kind != data::AvroKind::kUnion) return &schema;
  for (const data::AvroSchemaPtr& branch : schema.branches) {
    if (branch->kind != data::AvroKind::kNull) return branch.get();
  }
  return &schema;
}

}  // namespace

Result<data::AvroFile> ReadManifestAvro(std::string_view bytes) {
  auto file = data::ReadAvroFile(bytes);
  if (file.ok()) return file;
  if (file.error().kind() == ErrorKind::kUnsupported) {
    return MakeError("LAKE-112", ErrorKind::kUnsupported, "{}", file.error().message())
        .WithHint("have the other engine write manifests with write.avro.compression-codec=gzip");
  }
  return MakeError("LAKE-111", ErrorKind::kData, "not a sound Avro file: {}", file.error().message())
      .WithHint("the file is damaged; restore it, or roll the table back to an earlier snapshot");
}

AvroRecordView::AvroRecordView(const data::AvroSchema& record) {
  for (size_t i = 0; i < record.fields.size(); ++i) {
    if (record.fields[i].field_id >= 0) places_[record.fields[i].field_id] = {i, WithoutNull(*record.fields[i].schema)};
  }
}

const data::AvroValue* AvroRecordView::Find(const data::AvroValue& record, int field_id) const {
  const auto it = places_.find(field_id);
  if (it == places_.end() || it->second.index >= record.items.size()) return nullptr;
  const data::AvroValue& value = record.items[it->second.index];
  return value.is_null() ? nullptr : &value;
}

const data::AvroSchema* AvroRecordView::FindSchema(int field_id) const {
  const auto it = places_.find(field_id);
  return it == places_.end() ? nullptr : it->second.schema;
}

}  // namespace leat::lake
