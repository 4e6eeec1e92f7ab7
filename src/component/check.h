#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/field.h"
#include "data/type.h"

namespace leat::component {

/// Plain facts about a check.
struct CheckCapabilities {
  bool row_level =
      false;           ///< a predicate per row: may quarantine; else a statement about the whole table: warn | block
  bool column = true;  ///< belongs under a column
  bool keyed = false;  ///< needs to see all rows of a key (unique)
  bool reads_other = false;  ///< reads another table (relationships): runs after that parent
};

/// What a check is asked about. `relation` is a name that SQL can read, `column` an already quoted identifier or "".
struct CheckTarget {
  std::string relation;
  std::string column;
  const data::Type* type = nullptr;  ///< of the column, null at the table level
  std::string now;                   ///< SQL literal of the run's time
};

/// SQL text of one configured check; pure data, no engine.
class Check {
 public:
  virtual ~Check() = default;
  /// Row level: an expression that is TRUE exactly for a bad row (never NULL). Columns unqualified. Of a keyed check it holds
  /// a window function over all rows of the statement: select it beside the columns, then filter.
  virtual std::string BadRow(const CheckTarget& target) const {
    (void)target;
    return "";
  }
  /// One row: failures (BIGINT), total (BIGINT), observed (VARCHAR: what was seen, for people). 0 failures: passed.
  virtual std::string Count(const CheckTarget& target) const = 0;
  /// Tables that BadRow or Count read besides the target, as quoted SQL ("lake"."trusted"."dim_airports").
  virtual std::vector<std::string> Reads() const { return {}; }
  /// keyed: the ORDER BY text of which row of a key is kept ("\"updated_at\" DESC"), "" when none is.
  virtual std::string KeepOrder() const { return ""; }
  /// "destination must be one of dim_airports.faa", for messages and dead letters.
  virtual std::string Describe(const CheckTarget& target) const = 0;
};

/// Makes a configured check from its validated arguments; those with `names_table` hold quoted SQL already.
using MakeCheck = Result<std::unique_ptr<Check>> (*)(const config::Values& arguments);

}  // namespace leat::component
