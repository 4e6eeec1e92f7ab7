#pragma once

#include <string>
#include <vector>

#include "component/table_list.h"
#include "run/source_advice.h"

namespace leat::run {

struct AdvisedTable {
  component::ListedTable table;
  TableAdvice advice;
  TimeMicros measured = 0;  ///< when what the advice is based on was measured, 0: it was not
  bool counted = false;     ///< its rows were
};

/// "about 6,001,215 rows, 1.1 GB"; `counted`: its rows are no estimate.
std::string SizeText(const component::ListedTable& table, bool counted = false);

/// The text of sources/<source>.yml: an entry for each table, each choice with its reason beside it.
std::string SourceYaml(const std::string& source, const std::string& connection,
                       const std::vector<AdvisedTable>& tables);

}  // namespace leat::run
