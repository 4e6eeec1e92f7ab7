#pragma once

#include <map>
#include <string_view>

#include "data/avro_file.h"

namespace leat::lake {

/// Avro as Iceberg's manifests use it: fields go by their id.

/// LAKE-111 kData (broken: what, and at which byte), LAKE-112 kUnsupported (codec). The caller adds the file's name.
Result<data::AvroFile> ReadManifestAvro(std::string_view bytes);

/// Finds members of a record by Iceberg field id. Made once per schema, used for every row.
class AvroRecordView {
 public:
  explicit AvroRecordView(const data::AvroSchema& record);
  /// Null when the writer's schema does not have the field, or its value is null.
  const data::AvroValue* Find(const data::AvroValue& record, int field_id) const;
  /// The schema of a field without its union with null; null when the writer does not have it.
  const data::AvroSchema* FindSchema(int field_id) const;

 private:
  struct Place {
    size_t index = 0;
    const data::AvroSchema* schema = nullptr;
  };
  std::map<int, Place> places_;
};

}  // namespace leat::lake
