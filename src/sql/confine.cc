#include <algorithm>
#include <set>

#include "sql/walker.h"

namespace leat::sql {
namespace {

// Table functions that compute from their arguments alone.
const std::set<std::string, std::less<>>& AllowedTableFunctions() {
  static const std::set<std::string, std::less<>> kNames{
      "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "generate_subscripts"};
  return kNames;
}

// Readers of files, open to a project that allows them below a folder.
bool ReadsFiles(std::string_view name) {
  static const std::set<std::string, std::less<>> kNames{"read_csv",
                                                         "read_csv_auto",
                                                         "sniff_csv",
                                                         "read_parquet",
                                                         "parquet_scan",
                                                         "parquet_metadata",
                                                         "parquet_schema",
                                                         "parquet_file_metadata",
                                                         "parquet_kv_metadata",
                                                         "parquet_bloom_probe",
                                                         "parquet_full_metadata",
                                                         "read_json",
                                                         "read_json_auto",
                                                         "read_json_objects",
                                                         "read_json_objects_auto",
                                                         "read_ndjson",
                                                         "read_ndjson_auto",
                                                         "read_ndjson_objects",
                                                         "read_text",
                                                         "read_blob",
                                                         "glob",
                                                         "read_xlsx",
                                                         "read_avro"};
  return kNames.count(name) > 0;
}

// Scalar functions that run SQL, touch the machine or the engine.
const std::set<std::string, std::less<>>& RefusedFunctions() {
  static const std::set<std::string, std::less<>> kNames{"query",
                                                         "query_table",
                                                         "json_execute_serialized_sql",
                                                         "getenv",
                                                         "write_log",
                                                         "parse_duckdb_log_message",
                                                         "nextval",
                                                         "currval",
                                                         "enable_logging",
                                                         "disable_logging",
                                                         "truncate_duckdb_logs",
                                                         "enable_profiling",
                                                         "disable_profiling",
                                                         "set_config",
                                                         "force_checkpoint",
                                                         "checkpoint",
                                                         "getvariable",
                                                         "current_query",
                                                         "current_setting",
                                                         "file_exists",
                                                         "load_aws_credentials"};
  return kNames;
}

Error Refused(std::string_view sql, size_t offset, size_t length, const std::string& what, const std::string& hint) {
  return MakeError("SQL-402", ErrorKind::kPermission, "{} is not allowed here", what)
      .At(PositionAt(sql, offset, length, ""))
      .WithHint(hint);
}

bool IsQuotedPath(const TableReference& table, std::string_view sql) {
  bool looks_like_file =
      table.schema.empty() && table.catalog.empty() && table.table.find_first_of("/*?:") != std::string::npos;
  return looks_like_file || (table.offset < sql.size() && sql[table.offset] == '\'');
}

/// The literal path that a reader is called with must lie below the folder; anything else is refused.
bool PathBelow(std::string_view sql, size_t offset, const std::string& folder) {
  size_t open = sql.find('(', offset);
  if (open == std::string_view::npos) return false;
  size_t quote = sql.find_first_not_of(" \t\r\n", open + 1);
  if (quote == std::string_view::npos || sql[quote] != '\'') return false;
  size_t end = sql.find('\'', quote + 1);
  if (end == std::string_view::npos) return false;
  std::string_view path = sql.substr(quote + 1, end - quote - 1);
  size_t after = sql.find_first_not_of(" \t\r\n", end + 1);
  bool ends = after != std::string_view::npos && (sql[after] == ')' || sql[after] == ',');
  std::string root = folder.back() == '/' ? folder : folder + "/";
  return ends && path.find("..") == std::string_view::npos && path.substr(0, root.size()) == root;
}

}  // namespace

Status CheckConfined(const StatementShape& shape, std::string_view sql, const std::string& allow_read_below) {
  for (const TableReference& table : shape.tables)
    if (IsQuotedPath(table, sql))
      return Refused(sql, table.offset, table.length, "reading the file " + table.table,
                     "declare the file as a source, then name its table");
  for (const FunctionReference& function : shape.functions) {
    bool allowed = function.table_function ? AllowedTableFunctions().count(function.name) > 0
                                           : RefusedFunctions().count(function.name) == 0 && !ReadsFiles(function.name);
    if (!allowed && ReadsFiles(function.name) && !allow_read_below.empty())
      allowed = PathBelow(sql, function.offset, allow_read_below);
    if (allowed) continue;
    std::string hint = ReadsFiles(function.name) ? "declare the file as a source, then name its table"
                       : function.name.rfind("show", 0) == 0
                           ? "`leat ls` lists tables; DESCRIBE <table> shows its columns"
                       : function.table_function
                           ? "allowed table functions: range, generate_series, unnest, repeat, json_each, json_tree"
                           : "leave it out";
    return Refused(sql, function.offset, function.name.size(), "the function " + function.name, hint);
  }
  return Ok();
}

}  // namespace leat::sql
