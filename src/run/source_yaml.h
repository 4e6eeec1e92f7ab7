#pragma once

#include <string>
#include <vector>

#include "component/table_list.h"
#include "run/source_advice.h"

namespace leat::run {

struct AdvisedTable {
  component::ListedTable table;
  TableAdvice advice;
};

/// "about 6,001,215 rows, 1.1 GB".
std::string SizeText(const component::ListedTable& table);

/// The text of sources/<source>.yml: an entry for each table, each choice with its reason beside it.
std::string SourceYaml(const std::string& source, const std::string& connection,
                       const std::vector<AdvisedTable>& tables);

}  // namespace leat::run
