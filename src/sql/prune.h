#pragma once

#include <map>
#include <optional>
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

/// Makes an empty temporary table leat_standin_<n> for each table and a view of the table's name over it; DropStandIns
/// drops the temporary tables again.
Status MakeStandIns(DuckConnection& connection, const std::string& catalog, const std::vector<StandIn>& stand_ins);
void DropStandIns(DuckConnection& connection, const std::vector<StandIn>& stand_ins);
/// The number in a stand-in's name, or nullopt.
std::optional<size_t> StandInNumber(std::string_view table);

/// The predicates of each mention of each table, from the bound, unoptimised plan of `sql`: a file may be left out when
/// for every mention no row of it can pass. Conservative: a condition that is not understood is left out, and a mention
/// without any reads all files. Replaces the views of the tables named; the caller makes them again.
Result<std::map<lake::TableName, std::vector<FilePredicates>>> FindPredicates(DuckConnection& connection,
                                                                              const std::string& catalog,
                                                                              std::string_view sql,
                                                                              const std::vector<StandIn>& stand_ins);

}  // namespace leat::sql
