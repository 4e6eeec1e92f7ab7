#pragma once

#include <string>
#include <vector>

#include "lake/catalog.h"
#include "lake/catalog_names.h"

namespace leat::lake {

/// The pointer moves that put back what `run_id` replaced on `ref`, tables and views. Namespaces that it
/// made and its rejected rows stay.
/// LAKE-201: it changed nothing there. LAKE-303: somebody changed one of its tables since, or between its own commits.
Result<std::vector<PointerChange>> PlanRollback(state::Transaction& tx, const std::string& ref,
                                                const std::string& run_id, const Locations& locations);

}  // namespace leat::lake
