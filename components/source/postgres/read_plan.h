#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/source.h"
#include "components/source/postgres/catalog.h"
#include "components/source/postgres/ranges.h"

namespace leat::components::postgres {

/// What decides how a table is read.
struct ReadWish {
  bool one_snapshot = true;
  std::string condition;  ///< of all rows that are asked for, "" for the whole table
  std::string update_key, bookmark, upper;
};

struct ReadPlan {
  std::optional<Axis> axis;  ///< nullopt: one statement
  std::string reason;
  bool lasting = false;  ///< as component::TableParts
};

/// The values of the table's own key where a first load takes rows up to an update key and lie in the key's order: as fast as pages, and parts
/// of them outlive a broken connection. Else pages where a scan can be bound to them; the values of an indexed update key behind a bookmark; the values of the first
/// column of a primary key (whole number, date, moment); else one statement. The reason says which and why.
Result<ReadPlan> ChooseReadPlan(Connection& connection, const ServerTable& table, const ReadWish& wish);

}  // namespace leat::components::postgres
