#pragma once

#include <string>
#include <vector>

#include "run/file_ledger.h"
#include "run/fingerprint.h"
#include "run/step.h"

namespace leat::run {

/// What a run knows of one of its steps once it has ended.
struct StepRecord {
  PlanStep step;
  StepOutcome outcome;             ///< `result` says what became of it
  Fingerprint fingerprint;         ///< with the inputs as the branch had them
  std::vector<LoadedFile> listed;  ///< one per listed file that it took in, hashes known
  TimeMicros started_at = 0;
  TimeMicros ended_at = 0;
  int attempt = 1;
  std::string adopted_from;  ///< run id
};

struct RunRow {
  std::string run_id;
  std::string pipeline_name;
  std::string status;
  std::string retry_of;
  std::string branch;
  std::string target;
  std::string project_hash;
  std::string options;  ///< JSON
  TimeMicros started_at = 0;
  std::optional<TimeMicros> ended_at;
};

/// The run's row, a row per planned step (skipped or pending), and renewed ledger rows of files that were only touched.
Status WriteRunStart(state::Transaction& tx, const RunRow& run, const Plan& plan, const PeriodOfFile& period_of);

/// Everything that one step left: its row, ledger, check results, inputs, filters, lineage, kept outcome. Replaces what an
/// earlier try of the same step in this run wrote. An adopted step's rows are copied from the run that it comes from.
Status WriteStepEnd(state::Transaction& tx, const std::string& run_id, const StepRecord& record);

/// The rows that belong to a publish, in its transaction: steps published, ledger and inputs with the snapshots of the
/// target, the files that are now done, the run's commit. RUN-201 kConflict names a file that another run has published
/// under the same load key since (`conflict` is set to the asset): the step must be planned again.
Status WritePublished(state::Transaction& tx, const std::string& run_id, const std::vector<StepRecord*>& records,
                      const lake::PublishResult& result, const Reach& target_reach, const PeriodOfFile& period_of,
                      std::string& conflict);

/// The end of a run: status, error, run log.
struct RunEnd {
  std::string status;
  std::string error;
  std::string retry_of;
  std::string branch;
  TimeMicros ended_at = 0;
  std::vector<std::pair<std::string, std::string>> log;  ///< stage, JSON
};
Status WriteRunEnd(state::Transaction& tx, const std::string& run_id, const RunEnd& end);

/// Inserts rows with as few statements as the limits of parameters allow.
Status InsertRows(state::Transaction& tx, const std::string& table, const std::vector<std::string>& columns,
                  const std::vector<state::Row>& rows);

}  // namespace leat::run
