#pragma once

#include <string>

#include "data/type.h"
#include "lake/transform.h"
#include "sql/connection.h"

namespace leat::sql {

/// SQL of a partition transform over `expression`, a column of the DuckDB type of `source` (specification, "Partition
/// Transforms"); gives the DuckDB type of the transform's result. Needs RegisterBucketFunctions for bucket.
Result<std::string> TransformSql(const lake::Transform& transform, const data::Type& source,
                                 const std::string& expression);

/// Registers leat_hash_long(BIGINT), leat_hash_bytes(BLOB) and leat_hash_decimal(HUGEINT, the unscaled value): Murmur3
/// x86 32-bit with seed 0 of the bytes that the specification names (appendix B), as INTEGER. Once an instance.
Status RegisterBucketFunctions(duckdb_connection connection);

}  // namespace leat::sql
