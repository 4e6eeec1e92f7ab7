#include <cstdlib>
#include <string>

#include "sql/connection.h"

namespace leat::sql {
namespace {

std::string Metric(duckdb_profiling_info info, const char* key) {
  ApiValue value(duckdb_profiling_info_get_value(info, key));
  if (!value) return "";
  char* text = duckdb_get_varchar(value.get());
  if (text == nullptr) return "";
  std::string copy = text;
  duckdb_free(text);
  return copy;
}

int64_t Cardinality(duckdb_profiling_info info) {
  return std::strtoll(Metric(info, "OPERATOR_CARDINALITY").c_str(), nullptr, 10);
}

struct Walk {
  StatementCounts& counts;
  bool copy = false;

  void Visit(duckdb_profiling_info node) {
    std::string type = Metric(node, "OPERATOR_TYPE");
    idx_t children = duckdb_profiling_info_get_child_count(node);
    // What a source's query reads is not what it answers: scans of the answer are counted, those behind it are not.
    if (type == "CTE" && children == 2 && Metric(node, "EXTRA_INFO").find("leat_query") != std::string::npos) {
      VisitAnswer(duckdb_profiling_info_get_child(node, 1));
      return;
    }
    if (type == "TABLE_SCAN") {
      counts.rows_scanned += Cardinality(node);
      counts.scan_filtered = counts.scan_filtered || Metric(node, "EXTRA_INFO").find("Filters") != std::string::npos;
    } else if (type.find("COPY_TO_FILE") != std::string::npos || type.find("CREATE_TABLE_AS") != std::string::npos) {
      if (!copy) counts.result_rows = 0;
      copy = true;
      for (idx_t i = 0; i < children; ++i) counts.result_rows += Cardinality(duckdb_profiling_info_get_child(node, i));
    }
    for (idx_t i = 0; i < children; ++i) Visit(duckdb_profiling_info_get_child(node, i));
  }

  void VisitAnswer(duckdb_profiling_info node) {
    if (Metric(node, "OPERATOR_TYPE") == "CTE_SCAN") counts.rows_scanned += Cardinality(node);
    const idx_t children = duckdb_profiling_info_get_child_count(node);
    for (idx_t i = 0; i < children; ++i) VisitAnswer(duckdb_profiling_info_get_child(node, i));
  }
};

}  // namespace

void ReadProfile(duckdb_connection connection, StatementCounts& counts) {
  duckdb_profiling_info root = duckdb_get_profiling_info(connection);
  if (root == nullptr) return;
  counts = {};
  counts.result_rows = std::strtoll(Metric(root, "ROWS_RETURNED").c_str(), nullptr, 10);
  Walk{counts}.Visit(root);
}

}  // namespace leat::sql
