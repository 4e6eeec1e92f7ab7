#pragma once

#include <optional>
#include <string>

#include "run/load_work.h"

namespace leat::run {

/// Summary keys of a structured copy: the snapshot of its raw table that it was made from, and a hash of how.
inline constexpr const char* kMadeFrom = "leat.made-from";
inline constexpr const char* kMadeBy = "leat.made-by";

/// The rows that a structured copy has to add to have those of its raw table.
struct NewRawRows {
  std::string relation;  ///< SELECT over the raw table's columns
  int64_t files = 0;
  int64_t bytes = 0;
  size_t snapshots = 0;  ///< of the raw table since then
};

/// What the copy is made by: changes whenever the same raw rows would become other rows, or be checked otherwise.
std::string MadeBy(const project::Asset& asset, const std::string& select);

/// The new rows, if the copy can follow: it is as it was made from an earlier snapshot of `raw`, in the same way, the raw table
/// only got rows since, and no check has to see all rows while writing. Nothing otherwise: it is then made anew.
Result<std::optional<NewRawRows>> FindNewRawRows(StepContext& context, sql::Connection& connection,
                                                 const Target& target, const lake::TableMetadata& raw,
                                                 const std::string& made_by,
                                                 const std::vector<const project::CheckUse*>& checks);

}  // namespace leat::run
