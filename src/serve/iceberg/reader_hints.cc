#include "serve/iceberg/reader_hints.h"

#include <set>

namespace leat::serve::iceberg {

namespace {

constexpr const char* kVectorized = "read.parquet.vectorization.enabled";

void Collect(const std::vector<data::Field>& fields, data::TypeId wanted, std::set<int>& ids) {
  for (const data::Field& field : fields) {
    if (field.type->id == wanted) ids.insert(field.id);
    Collect(field.type->fields, wanted, ids);
  }
}

bool WasWidenedFromInt(const lake::TableMetadata& metadata) {
  std::set<int> now_long;
  Collect(metadata.current_schema().fields, data::TypeId::kLong, now_long);
  for (const data::Schema& schema : metadata.schemas) {
    std::set<int> once_int;
    Collect(schema.fields, data::TypeId::kInt, once_int);
    for (const int id : once_int) {
      if (now_long.count(id) != 0) return true;
    }
  }
  return false;
}

}  // namespace

lake::Properties ReaderHints(const lake::TableMetadata& metadata) {
  lake::Properties hints;
  if (metadata.properties.count(kVectorized) == 0 && WasWidenedFromInt(metadata)) hints[kVectorized] = "false";
  return hints;
}

}  // namespace leat::serve::iceberg
