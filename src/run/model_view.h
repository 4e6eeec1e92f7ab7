#pragma once

#include <string>

#include "run/load_target.h"

namespace leat::run {

/// Metadata of an Iceberg view (specification, "View Spec", version 1) with one version.
struct ViewDefinition {
  std::string uuid;
  std::string location;
  std::string sql;  ///< DuckDB's dialect
  std::string default_namespace;
  data::Schema schema;
  lake::Properties properties;
  TimeMicros now = 0;
};
std::string FormatViewMetadata(const ViewDefinition& view);
/// The DuckDB text of a view's current version, "" when it has none or the bytes are no view metadata.
std::string ReadViewSql(const std::string& metadata_json);

/// Puts a view for `sql` at the step's name on the branch. Nothing happens, and false comes back, when it is there already.
Result<bool> CommitView(StepContext& context, const Target& target, const std::string& sql, const data::Schema& schema);

}  // namespace leat::run
