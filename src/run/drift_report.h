#pragma once

#include <string>
#include <vector>

#include "run/run.h"
#include "run/schema_note.h"

namespace leat::run {

/// A column of an asset that is made, over any number of steps, from one that changed.
struct DriftReader {
  std::string asset;
  std::string
      column;  ///< "": it reads the table, which of its columns is not known (it has not run yet, or is too involved)
};

/// A difference, as a load would find it now, and who is reached by it.
struct DriftFinding {
  DriftNote note;
  std::vector<DriftReader> readers;
};

/// One source table.
struct DriftOfTable {
  std::string asset;
  lake::TableName table;
  std::string not_compared;  ///< why: "never loaded", "no new files"; "" it was
  std::vector<DriftFinding> findings;
};

/// What the next load of each source table that is selected would find to be otherwise than registered, and do about it.
/// Reads catalogues, headers and footers of the sources; writes nothing. Readers are those of lineage, else of the project's
/// graph. Errors of a source are the call's.
Result<std::vector<DriftOfTable>> LookForDrift(Lakehouse& lakehouse, const project::Project& project,
                                               const PlanOptions& options, CancelToken* cancel);

bool WouldFail(const std::vector<DriftOfTable>& tables);
std::string DriftToText(const std::vector<DriftOfTable>& tables);
/// {"tables": [{"asset", "table", "not_compared", "drift": [{"class", "column", "was", "became", "policy", "action", "fails",
/// "origin", "confidence", "readers": [{"asset", "column"}]}]}], "fails"}.
std::string DriftToJson(const std::vector<DriftOfTable>& tables);

}  // namespace leat::run
