#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "component/source.h"
#include "data/type.h"
#include "io/file_system.h"
#include "lake/scan.h"
#include "lake/table_metadata.h"

namespace leat::component {

/// Data files to be read with their deletes, in the words of the lake's own format: what a source of another lake's tables gives
/// the engine, which reads them as it reads its own (SourceContext::scan).
struct TableScan {
  const lake::TableMetadata& metadata;  ///< specs, and schema.name-mapping.default
  const data::Schema& schema;           ///< columns that `select` and equality deletes name
  const lake::ScanPlan& plan;
  io::FileSystem& files;                           ///< deletion vectors are read from it
  const std::map<std::string, std::string>& here;  ///< copies of files: path in the plan -> path on this machine's disk
  bool by_name = false;                            ///< field ids in the footers of data files mean nothing
  std::string select;  ///< SQL over the schema's columns, `_row_id` and others: the columns of the batches
};

}  // namespace leat::component
