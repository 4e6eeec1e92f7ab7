#include "sql/arrow_abi.h"
#include "sql/connection.h"
#include "sql/sql_error.h"
#include "sql/value_text.h"

namespace leat::sql {
namespace {

using ConvertedSchema = Handle<duckdb_arrow_converted_schema, duckdb_destroy_arrow_converted_schema>;
using Appender = Handle<duckdb_appender, [](duckdb_appender* appender) { (void)duckdb_appender_destroy(appender); }>;

struct Batch {
  ArrowArray array{};
  ArrowSchema schema{};
  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    if (array.release != nullptr) array.release(&array);
    if (schema.release != nullptr) schema.release(&schema);
  }
};

Status CheckArrow(duckdb_error_data raw, const std::string& table) {
  ErrorData error(raw);
  if (!error || !duckdb_error_data_has_error(error.get())) return Ok();
  return MakeError("SQL-206", ErrorKind::kData, "an Arrow batch for {} cannot be read: {}", table,
                   duckdb_error_data_message(error.get()));
}

std::string CreateText(const std::string& table, const ArrowSchema& schema, duckdb_data_chunk chunk) {
  std::string sql = "CREATE OR REPLACE TEMP TABLE " + QuoteName(table) + " (";
  for (int64_t i = 0; i < schema.n_children; ++i) {
    LogicalType type(duckdb_vector_get_column_type(duckdb_data_chunk_get_vector(chunk, static_cast<idx_t>(i))));
    const char* name = schema.children[i]->name;
    sql += (i == 0 ? "" : ", ") + QuoteName(name == nullptr ? "" : name) + " " + LogicalTypeName(type.get());
  }
  return sql + ")";
}

}  // namespace

Result<int64_t> DuckConnection::LoadArrow(const std::string& table,
                                          const std::function<Result<bool>(ArrowArray*, ArrowSchema*)>& next) {
  Appender appender;
  int64_t rows = 0;
  auto append_failed = [&] {
    ErrorData error(duckdb_appender_error_data(appender.get()));
    return MakeError("SQL-206", ErrorKind::kData, "an Arrow batch cannot be stored in {}: {}", table,
                     duckdb_error_data_message(error.get()));
  };
  while (true) {
    Batch batch;
    LEAT_ASSIGN(bool more, next(&batch.array, &batch.schema));
    if (!more) break;
    int64_t length = batch.array.length;
    ConvertedSchema converted;
    LEAT_TRY(CheckArrow(duckdb_schema_from_arrow(raw_, &batch.schema, converted.out()), table));
    DataChunk chunk;
    LEAT_TRY(CheckArrow(duckdb_data_chunk_from_arrow(raw_, &batch.array, converted.get(), chunk.out()), table));
    if (!appender) {
      LEAT_TRY(Execute(CreateText(table, batch.schema, chunk.get())));
      if (duckdb_appender_create_ext(raw_, "temp", "main", table.c_str(), appender.out()) != DuckDBSuccess)
        return append_failed();
    }
    if (length > 0 && duckdb_append_data_chunk(appender.get(), chunk.get()) != DuckDBSuccess) return append_failed();
    rows += length;
  }
  if (appender && duckdb_appender_close(appender.get()) != DuckDBSuccess) return append_failed();
  return rows;
}

}  // namespace leat::sql
