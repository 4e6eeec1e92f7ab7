#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/step.h"

namespace leat::run {

/// A statement that hands over good rows and tells the bad ones apart in the same pass. Built from an inner SELECT whose
/// columns are: the final columns under their final names, then what `SplitInput` names.
struct SplitInput {
  std::string select;                ///< the inner SELECT
  std::vector<std::string> columns;  ///< final columns, unquoted, in order
  /// SQL text over the inner SELECT's columns that is NULL for a good row, else "<kind>|<detail>": what the reader found.
  std::string reader_reason;
  std::string origin = "NULL";  ///< SQL: file or table of a row
  std::string row = "NULL";     ///< SQL: its number there
  std::string payload;          ///< SQL: the row as text; "" is JSON of the final columns
  std::string skip_if;          ///< SQL: rows that are left out, filtered under `skip_rule`; "" none
  std::string skip_rule;
  std::string exempt_if;     ///< SQL: rows that the checks do not look at (they take rows out of the table); "" none
  bool count_input = false;  ///< the rows of `select` are counted before the split, whatever that costs
};

/// Rows that left a statement on the way. Not thread-safe by itself: filled by rejecters, which are called one at a time.
struct SplitResult {
  /// Takes the rejected rows as they leave; set before the statement runs.
  std::function<Status(const RejectedRow&)> keep;
  /// Explains a reason of the reader's (without "r|") in the row.
  std::function<void(const std::string& reason, RejectedRow& row)> describe_reader;
  std::vector<int64_t> check_failures;  ///< one per quarantining check
  int64_t skipped_rows = 0;
};

/// Name prefixes of reasons: reader's own ("r|…") and the asset's quarantining checks ("q|<number>").
inline constexpr const char* kReaderReason = "r|";
inline constexpr const char* kCheckReason = "q|";

/// The quarantining row checks of an asset, in order, as they are numbered in reasons.
std::vector<const project::CheckUse*> QuarantineChecks(const project::Asset& asset);
/// True when one of them needs all rows before the first is written (keys), or reads other tables.
bool NeedsStage(const std::vector<const project::CheckUse*>& checks);

/// Builds the outer SELECT and registers its rejecters on the connection; `result` must outlive the statement. The names of
/// the functions belong to this split until `release` is called.
struct Split {
  std::string select;
  std::vector<std::string> functions;
};
Result<Split> MakeSplit(sql::Connection& connection, const SplitInput& input,
                        const std::vector<const project::CheckUse*>& checks, const data::Schema& schema,
                        SplitResult& result);
/// Gives the functions' names free for other steps.
void ReleaseSplit(const Split& split);

/// A name for a rejecter that belongs to the caller until it is given back.
std::string TakeFunctionName();
void GiveFunctionName(const std::string& name);

/// What was found while writing, one per quarantining check.
std::vector<CheckResult> WriteTimeResults(const SplitResult& result,
                                          const std::vector<const project::CheckUse*>& checks, int64_t total);

/// Set when more rows were rejected than `max_reject` of what came in allows: the text of the block.
std::optional<std::string> OverMaxReject(const project::Asset& asset, int64_t rejected, int64_t total);

/// The SQL literal of a time, for checks.
std::string TimeLiteral(TimeMicros time);

}  // namespace leat::run
