#include "sql/connection.h"

#include "sql/script.h"
#include "sql/sql_error.h"
#include "sql/value_text.h"

namespace leat::sql {
namespace {

/// A SELECT whose columns are all cast to VARCHAR; the user's text begins at `shift`.
struct TextCast {
  std::string sql;
  size_t shift = 0;
};

TextCast CastAllToText(std::string_view sql, size_t columns) {
  std::string head = "SELECT ";
  std::string names;
  for (size_t i = 0; i < columns; ++i) {
    std::string name = "c" + std::to_string(i);
    head += (i == 0 ? "CAST(" : ", CAST(") + name + " AS VARCHAR)";
    names += (i == 0 ? "" : ", ") + name;
  }
  head += " FROM (";
  return {head + std::string(sql) + "\n) AS leat_text(" + names + ")", head.size()};
}

bool AllHaveText(duckdb_prepared_statement prepared) {
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared); ++i)
    if (!HasValueText(LogicalType(duckdb_prepared_statement_column_logical_type(prepared, i)).get())) return false;
  return true;
}

Result<std::string_view> OneStatement(std::string_view sql) {
  auto statements = ScanStatements(sql);
  if (statements.size() != 1)
    return MakeError("SQL-401", ErrorKind::kUnsupported, "expected one SQL statement, found {}", statements.size());
  return statements[0];
}

}  // namespace

Result<std::unique_ptr<DuckConnection>> DuckConnection::Open(std::shared_ptr<Instance> instance) {
  duckdb_connection raw = nullptr;
  if (duckdb_connect(instance->database, &raw) != DuckDBSuccess)
    return MakeError("SQL-102", ErrorKind::kInternal, "DuckDB gave no connection");
  return std::unique_ptr<DuckConnection>(new DuckConnection(std::move(instance), raw));
}

DuckConnection::~DuckConnection() {
  for (auto& [name, slot] : slots_) {
    std::lock_guard lock(slot->mutex);
    slot->take = nullptr;
  }
  CloseStreams();
  duckdb_disconnect(&raw_);
}

Error DuckConnection::Explain(Error error) {
  if (std::optional<Error> reason = TakeStreamError()) return std::move(*reason);
  for (auto& [name, slot] : slots_) {
    std::lock_guard lock(slot->mutex);
    if (slot->failed) {
      Error reason = std::move(*slot->failed);
      slot->failed.reset();
      return reason;
    }
  }
  if (catalog_alias_.empty()) return error;
  auto known = [&](std::string text) {
    for (size_t at = text.find(catalog_alias_); at != std::string::npos; at = text.find(catalog_alias_, at + 1))
      text.replace(at, catalog_alias_.size(), catalog_name_);
    return text;
  };
  return Error(error.code(), error.kind(), known(error.message()))
      .WithHint(known(error.hint()))
      .At(error.where())
      .WithRetry(error.retry());
}

void DuckConnection::SetCatalogAlias(std::string name, std::string alias) {
  catalog_name_ = std::move(name);
  catalog_alias_ = std::move(alias);
}

std::string DuckConnection::TimeTravelSchema(std::string_view key) {
  const auto known = time_travel_.find(key);
  if (known != time_travel_.end()) return known->second;
  return time_travel_.emplace(key, "at" + std::to_string(time_travel_.size())).first->second;
}

std::string DuckConnection::Adapt(std::string_view sql) const {
  std::string text(sql);
  if (!time_travel_.empty()) {
    for (const AtMention& at : AtMentions(sql)) {
      const auto known = time_travel_.find(at.Key(sql));
      if (known == time_travel_.end()) continue;
      std::string name = known->second + ".";
      name += sql.substr(at.last, at.at - at.last);  // with the alias
      for (size_t i = at.begin; i < at.end; ++i) {
        const size_t in_name = i - at.begin;
        if (in_name < name.size()) text[i] = name[in_name];
        else if (text[i] != '\n') text[i] = ' ';
      }
    }
  }
  if (!catalog_alias_.empty())
    for (size_t at : CatalogMentions(text, catalog_name_)) text.replace(at, catalog_alias_.size(), catalog_alias_);
  return text;
}

Result<Prepared> DuckConnection::Prepare(std::string_view sql, size_t shift) {
  std::string_view user = sql.substr(std::min(shift, sql.size()));
  Prepared prepared;
  if (duckdb_prepare(raw_, Adapt(sql).c_str(), prepared.out()) != DuckDBSuccess) {
    const char* text = duckdb_prepare_error(prepared.get());
    return Explain(MakeSqlError(text == nullptr ? "unknown error" : text, user, shift));
  }
  return prepared;
}

Status DuckConnection::Run(std::string_view sql, size_t shift, const std::function<Status(QueryResult&)>& use) {
  LEAT_ASSIGN(Prepared prepared, Prepare(sql, shift));
  QueryResult result;
  if (duckdb_execute_prepared(prepared.get(), result.get()) != DuckDBSuccess) {
    const char* text = duckdb_result_error(result.get());
    return Explain(
        MakeSqlError(text == nullptr ? "unknown error" : text, sql.substr(std::min(shift, sql.size())), shift));
  }
  return use(result);
}

Status DuckConnection::RunProfiled(std::string_view sql, size_t shift, StatementCounts& counts,
                                   const std::function<Status(QueryResult&)>& use) {
  LEAT_TRY(Execute("PRAGMA enable_profiling='no_output'"));
  LEAT_TRY(Execute("SET profiling_coverage='ALL'"));
  Status status = Run(sql, shift, [&](QueryResult& result) {
    ReadProfile(raw_, counts);
    return use(result);
  });
  Status off = Execute("PRAGMA disable_profiling");
  LEAT_TRY(std::move(status));
  return off;
}

Status DuckConnection::Execute(std::string_view sql) {
  for (std::string_view statement : ScanStatements(sql)) LEAT_TRY(Run(statement, 0, [](QueryResult&) { return Ok(); }));
  return Ok();
}

Result<TextRows> DuckConnection::QueryWith(std::string_view sql, StatementCounts* counts) {
  LEAT_ASSIGN(std::string_view statement, OneStatement(sql));
  size_t lead = static_cast<size_t>(statement.data() - sql.data());
  TextRows rows;
  std::string text(sql.substr(0, lead + statement.size()));  // keeps positions; drops a trailing semicolon
  size_t shift = 0;
  {
    LEAT_ASSIGN(Prepared prepared, Prepare(text));
    rows.columns = ColumnsOf(prepared.get());
    if (duckdb_prepared_statement_type(prepared.get()) == DUCKDB_STATEMENT_TYPE_SELECT &&
        !AllHaveText(prepared.get())) {
      TextCast cast = CastAllToText(text, rows.columns.size());
      text = std::move(cast.sql);
      shift = cast.shift;
    }
  }
  auto use = [&](QueryResult& result) -> Status {
    while (DataChunk chunk{duckdb_fetch_chunk(*result.get())}) LEAT_TRY(AppendTextRows(chunk.get(), rows));
    return Ok();
  };
  if (counts == nullptr) {
    LEAT_TRY(Run(text, shift, use));
  } else {
    LEAT_TRY(RunProfiled(text, shift, *counts, use));
  }
  return rows;
}

Result<TextRows> DuckConnection::Query(std::string_view sql) { return QueryWith(sql, nullptr); }

Result<TextRows> DuckConnection::QueryProfiled(std::string_view sql, StatementCounts& counts) {
  return QueryWith(sql, &counts);
}

Result<std::vector<Column>> DuckConnection::Describe(std::string_view sql) {
  LEAT_ASSIGN(Prepared prepared, Prepare(sql));
  return ColumnsOf(prepared.get());
}

Status DuckConnection::Stream(std::string_view sql, const std::function<Status(const TextRows&)>& sink) {
  LEAT_ASSIGN(std::string_view statement, OneStatement(sql));
  size_t lead = static_cast<size_t>(statement.data() - sql.data());
  std::string text(sql.substr(0, lead + statement.size()));
  size_t shift = 0;
  LEAT_ASSIGN(Prepared prepared, Prepare(text));
  std::vector<Column> columns = ColumnsOf(prepared.get());
  if (!AllHaveText(prepared.get())) {
    TextCast cast = CastAllToText(text, columns.size());
    text = std::move(cast.sql);
    shift = cast.shift;
    LEAT_ASSIGN(prepared, Prepare(text, shift));
  }
  QueryResult result;
  auto failure = [&] {
    const char* reason = duckdb_result_error(result.get());
    return Explain(
        MakeSqlError(reason == nullptr ? "unknown error" : reason, std::string_view(text).substr(shift), shift));
  };
  if (duckdb_execute_prepared_streaming(prepared.get(), result.get()) != DuckDBSuccess) return failure();
  bool any = false;
  while (DataChunk chunk{duckdb_fetch_chunk(*result.get())}) {
    TextRows rows;
    rows.columns = columns;
    LEAT_TRY(AppendTextRows(chunk.get(), rows));
    if (rows.rows.empty()) continue;
    any = true;
    LEAT_TRY(sink(rows));
  }
  if (const char* reason = duckdb_result_error(result.get()); reason != nullptr && *reason != '\0') return failure();
  if (!any) {
    TextRows none;
    none.columns = columns;
    return sink(none);
  }
  return Ok();
}

std::vector<Column> ColumnsOf(duckdb_prepared_statement prepared) {
  std::vector<Column> columns;
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared); ++i) {
    const char* name = duckdb_prepared_statement_column_name(prepared, i);
    LogicalType type(duckdb_prepared_statement_column_logical_type(prepared, i));
    columns.push_back({name, LogicalTypeName(type.get())});
    duckdb_free(const_cast<char*>(name));  // NOLINT: the caller owns it
  }
  return columns;
}

Status AppendTextRows(duckdb_data_chunk chunk, TextRows& rows) {
  idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  idx_t count = duckdb_data_chunk_get_size(chunk);
  size_t first = rows.rows.size();
  rows.rows.resize(first + count, std::vector<std::optional<std::string>>(columns));
  for (idx_t c = 0; c < columns; ++c) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
    LogicalType type(duckdb_vector_get_column_type(vector));
    uint64_t* validity = duckdb_vector_get_validity(vector);
    for (idx_t r = 0; r < count; ++r) {
      if (validity != nullptr && !duckdb_validity_row_is_valid(validity, r)) continue;
      AppendValueText(vector, type.get(), r, rows.rows[first + r][c].emplace());
    }
  }
  return Ok();
}

Result<int64_t> ParquetRowCount(Connection& connection, const std::vector<std::string>& files) {
  if (files.empty()) return int64_t{0};
  std::string list;
  for (const auto& file : files) list += (list.empty() ? "" : ", ") + QuoteLiteral(file);
  LEAT_ASSIGN(TextRows rows,
              connection.Query("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata([" + list + "])"));
  return std::stoll(rows.At(0, 0).value_or("0"));
}

}  // namespace leat::sql
