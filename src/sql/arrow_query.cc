#include "sql/arrow_query.h"

#include "data/arrow_abi.h"
#include "sql/connection.h"
#include "sql/sql_error.h"

namespace leat::sql {
namespace {

using ArrowOptions = Handle<duckdb_arrow_options, duckdb_destroy_arrow_options>;

Status Check(duckdb_error_data raw) {
  const ErrorData error(raw);
  if (!error || !duckdb_error_data_has_error(error.get())) return Ok();
  return MakeError("SQL-206", ErrorKind::kInternal, "rows cannot be given as an Arrow batch: {}",
                   duckdb_error_data_message(error.get()));
}

class DuckArrowQuery : public ArrowQuery {
 public:
  DuckArrowQuery(DuckConnection& connection, std::string sql) : connection_(connection), sql_(std::move(sql)) {}

  Status Open() {
    LEAT_ASSIGN(prepared_, connection_.Prepare(sql_));
    if (duckdb_execute_prepared_streaming(prepared_.get(), result_.get()) != DuckDBSuccess) return Failure();
    options_ = ArrowOptions(duckdb_result_get_arrow_options(result_.get()));
    for (idx_t i = 0; i < duckdb_column_count(result_.get()); ++i) {
      types_.emplace_back(duckdb_column_logical_type(result_.get(), i));
      names_.emplace_back(duckdb_column_name(result_.get(), i));
    }
    return Ok();
  }

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    if (ended_) return false;  // a result that came to its end is closed
    DataChunk chunk;
    do {
      chunk = DataChunk(duckdb_fetch_chunk(*result_.get()));
    } while (chunk && duckdb_data_chunk_get_size(chunk.get()) == 0);
    if (!chunk) {
      const char* reason = duckdb_result_error(result_.get());
      if (reason != nullptr && *reason != '\0') return Failure();
      ended_ = true;
      if (!first_) return false;
      chunk = NoRows();
    }
    first_ = false;
    std::vector<duckdb_logical_type> types;
    std::vector<const char*> names;
    for (size_t i = 0; i < types_.size(); ++i) {
      types.push_back(types_[i].get());
      names.push_back(names_[i].c_str());
    }
    LEAT_TRY(Check(duckdb_to_arrow_schema(options_.get(), types.data(), names.data(), types.size(), schema)));
    LEAT_TRY(Check(duckdb_data_chunk_to_arrow(options_.get(), chunk.get(), array)));
    return true;
  }

 private:
  Error Failure() {
    const char* reason = duckdb_result_error(result_.get());
    return MakeSqlError(reason == nullptr ? "unknown error" : reason, sql_, 0);
  }

  DataChunk NoRows() const {
    std::vector<duckdb_logical_type> types;
    types.reserve(types_.size());
    for (const LogicalType& type : types_) types.push_back(type.get());
    return DataChunk(duckdb_create_data_chunk(types.data(), types.size()));
  }

  DuckConnection& connection_;
  const std::string sql_;
  Prepared prepared_;
  QueryResult result_;
  ArrowOptions options_;
  std::vector<LogicalType> types_;
  std::vector<std::string> names_;
  bool first_ = true;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ArrowQuery>> OpenArrowQuery(Connection& connection, std::string_view sql) {
  auto query = std::make_unique<DuckArrowQuery>(static_cast<DuckConnection&>(connection), std::string(sql));
  LEAT_TRY(query->Open());
  return std::unique_ptr<ArrowQuery>(std::move(query));
}

}  // namespace leat::sql
