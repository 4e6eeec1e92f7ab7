#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace leat::sql {

/// Registers the checked casts of data/exact_text.h as SQL functions of the instance: NULL where the text is not exactly a value
/// (DuckDB's own casts round '1.5'::BIGINT, cut '…00.1234567'::TIMESTAMP and drop zones in silence; tried).
///   leat_boolean, leat_integer, leat_bigint, leat_float, leat_double, leat_date, leat_time, leat_timestamp, leat_timestamptz (VARCHAR)
///   leat_decimal_18_<scale>(VARCHAR, precision INTEGER) -> DECIMAL(18, scale), leat_decimal_38_<scale> likewise
///   leat_text_facts(VARCHAR) -> BIGINT: data::FactsOf as types | scale << 8 | digits << 32, for inference
/// And readings of what parquet files store (data/parquet_value.h), where the engine's own loses digits:
///   leat_int96(BLOB) -> TIMESTAMP, NULL where it is finer; leat_int96_text(BLOB) -> VARCHAR, all of it
///   leat_long_decimal(BLOB, scale INTEGER) -> VARCHAR: a decimal of more than 38 digits
/// They are volatile so that the optimiser never evaluates one twice (below and above a filter).
Status RegisterExactFunctions(duckdb_connection connection);

}  // namespace leat::sql
