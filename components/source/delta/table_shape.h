#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "components/source/delta/action.h"
#include "data/value.h"
#include "lake/table_metadata.h"

namespace leat::components::delta {

/// A Delta table's columns in the words of the lake's own format.
struct TableShape {
  data::Schema schema;                       ///< ids: those of the table's column mapping, else any
  lake::PartitionSpec spec;                  ///< an identity field for each partition column
  std::vector<std::string> partition_names;  ///< of its fields, as `partitionValues` of files name them
  std::string name_mapping;  ///< JSON, as schema.name-mapping.default: the names of columns in data files
  bool by_name = true;       ///< data files are read by these names, else by ids
  bool ids_stay = false;     ///< a column keeps its id when it is renamed
};

/// SRC-423 kUnsupported: a protocol that asks for what is not known here, by name. SRC-424: a type that is not known, or a schema
/// that is none. `what` begins messages.
Result<TableShape> ReadShape(const TableDefinition& definition, const Protocol& protocol, const std::string& what);

/// A partition value of the log as a value of the column's type, exactly. SRC-427 when it is none.
Result<data::Value> PartitionValue(const std::optional<std::string>& text, const data::Field& column,
                                   const std::string& what);

}  // namespace leat::components::delta
