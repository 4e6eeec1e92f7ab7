#pragma once

#include <string>

#include "data/type.h"
#include "project/project.h"

namespace leat::project {

/// What the step of a structured copy runs: made from the raw table's columns as they are on the branch.
struct StructuredSql {
  std::string select;           ///< names cleaned, local times in UTC, audit columns last
  lake::Properties properties;  ///< leat.run-bound, leat.column-mapping: {"clean": "name in raw"} where they differ
};

/// The SELECT of the structured copy `asset` over its raw table with columns `raw`. Columns that come from the raw table:
/// _loaded_at, _batch_id, _source_file; made here: _op (snapshot | insert | upsert), _source_ts (the update key as a time,
/// where there is one), _row_hash (of all other columns, NULL apart from ''). Pure: the same raw rows give the same rows.
/// PROJ-231: a configured column that the raw table does not have (nearest names). PROJ-232: a time zone on a column that is
/// no time.
Result<StructuredSql> StructuredSelect(const Project& project, const Asset& asset, const data::Schema& raw);

/// "Tail Num." -> "Tail_Num": letters, digits and '_' stay, runs of anything else become one '_'. Never empty, never begins
/// with a digit.
std::string CleanColumnName(std::string_view name);

}  // namespace leat::project
