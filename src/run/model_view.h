#pragma once

#include <string>
#include <vector>

#include "lake/view_metadata.h"
#include "run/load_target.h"
#include "sql/spark_text.h"

namespace leat::run {

/// Metadata of an Iceberg view (specification, "View Spec", version 1) with one version.
struct ViewDefinition {
  std::string uuid;
  std::string location;
  std::string sql;                               ///< DuckDB's dialect
  std::vector<lake::ViewRepresentation> others;  ///< texts in other dialects
  std::string default_namespace;
  data::Schema schema;
  lake::Properties properties;
  TimeMicros now = 0;
};
std::string FormatViewMetadata(const ViewDefinition& view);
/// The DuckDB text of a view's current version, "" when it has none or the bytes are no view metadata.
std::string ReadViewSql(const std::string& metadata_json);

/// The property of a model's view, and the key of its version's summary, that says where its text for Spark is from: "given"
/// (the model's spark_sql) or "generated". Missing: there is none, or another engine wrote it.
inline constexpr const char* kSparkTextFrom = "leat.dialect.spark";
/// Where a project keeps a model's `spark_sql` among the table properties of its asset; the view gets it as a text.
inline constexpr const char* kGivenSparkText = "leat.spark-sql";

struct CommittedView {
  bool changed = false;  ///< false: it is there already, nothing happened
  std::string note;      ///< what people should know: texts of other engines that had to go
};

/// Puts a view for `sql` at the step's name on the branch. Its text for Spark is the one that the model gives, else the one that
/// another engine wrote, else one from `spark` (if that has one). Texts of other engines in any dialect stay as long as the
/// columns do; else they go, which the note and the log say.
Result<CommittedView> CommitView(StepContext& context, const Target& target, const std::string& sql,
                                 const data::Schema& schema, const sql::SparkText& spark);

}  // namespace leat::run
