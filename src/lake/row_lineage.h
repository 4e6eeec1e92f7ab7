#pragma once

#include "data/type.h"

namespace leat::lake {

// Row lineage of format v3 (specification, "Row Lineage"; ids: "Reserved Field IDs"). A row has the id that its file stores for
// it, else the file's first row id and its place; a row that is written again keeps its id.
inline constexpr int kRowIdFieldId = 2147483540;
inline constexpr int kLastUpdatedFieldId = 2147483539;
inline constexpr const char* kRowId = "_row_id";
inline constexpr const char* kLastUpdated = "_last_updated_sequence_number";

/// The two columns, optional longs, as data files store them.
std::vector<data::Field> RowLineageFields();
/// The columns of a data file that holds rows with ids of their own.
data::Schema WithRowLineage(data::Schema schema);

}  // namespace leat::lake
