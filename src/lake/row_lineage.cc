#include "lake/row_lineage.h"

namespace leat::lake {

std::vector<data::Field> RowLineageFields() {
  data::Field id;
  id.id = kRowIdFieldId;
  id.name = kRowId;
  id.type = data::Primitive(data::TypeId::kLong);
  data::Field updated = id;
  updated.id = kLastUpdatedFieldId;
  updated.name = kLastUpdated;
  return {id, updated};
}

data::Schema WithRowLineage(data::Schema schema) {
  for (data::Field& field : RowLineageFields()) schema.fields.push_back(std::move(field));
  return schema;
}

}  // namespace leat::lake
