#pragma once

#include "lake/table_metadata.h"

namespace leat::serve::iceberg {

/// Properties that other engines need to read the table rightly, beyond those that it has. They go into answers only, not
/// into metadata files.
///
/// read.parquet.vectorization.enabled=false for tables whose column was widened from int to long: DuckDB annotates int
/// columns in Parquet files, and the vectorised reader of Iceberg's Spark runtime (1.10) fails on such a file under the new
/// type (ClassCastException: BigIntVector cannot be cast to IntVector); its row reader is right.
lake::Properties ReaderHints(const lake::TableMetadata& metadata);

}  // namespace leat::serve::iceberg
