#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "data/type.h"
#include "lake/catalog.h"
#include "lake/scan.h"
#include "sql/connection.h"

namespace leat::sql {

/// AND-ed predicates of one mention of a table.
using FilePredicates = std::vector<lake::ScanPredicate>;

/// A table that a statement names, to be bound against an empty one of the same columns.
struct StandIn {
  lake::TableName table;
  data::Schema schema;
};

/// The predicates of each mention of each table, from the bound, unoptimised plan of `sql`: a file may be left out when
/// for every mention no row of it can pass. Conservative: a condition that is not understood is left out, and a mention
/// without any reads all files. Replaces the views of the tables named; the caller makes them again.
Result<std::map<lake::TableName, std::vector<FilePredicates>>> FindPredicates(DuckConnection& connection,
                                                                              const std::string& catalog,
                                                                              std::string_view sql,
                                                                              const std::vector<StandIn>& stand_ins);

}  // namespace leat::sql
