#pragma once

#include <memory>

#include "component/table_scan.h"
#include "run/run.h"

namespace leat::run {

/// SourceContext::scan: the rows of data files of another lake's table, read as the lake's own are. `cancel` (may be null)
/// interrupts the statement.
Result<std::unique_ptr<component::ArrowStream>> OpenTableScan(Lakehouse& lakehouse, const component::TableScan& scan,
                                                              CancelToken* cancel);

}  // namespace leat::run
