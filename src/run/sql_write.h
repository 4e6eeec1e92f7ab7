#pragma once

#include <memory>
#include <string>

#include "run/run.h"
#include "sql/session.h"

namespace leat::run {

struct SqlWriteOptions {
  std::string ref;      ///< env/<name>
  std::string author;   ///< of the commits
  std::string message;  ///< of the commits; "": the statement's verb and table
};

/// What one statement did: one commit on the branch.
struct SqlWritten {
  std::string verb;           ///< "INSERT INTO"
  std::string object;         ///< "raw_shop.orders"
  lake::CommitId commit = 0;  ///< 0: nothing had to be changed
  int64_t snapshot_id = 0;    ///< of the table; 0: no data was changed
  int64_t rows_inserted = 0;
  int64_t rows_updated = 0;
  int64_t rows_deleted = 0;
};

/// Statements of people that write (`leat sql --write`): each reads the branch as it is now and is one commit there, through
/// the same writer, row deltas and commit path as a run's steps. One thread; Interrupt from any.
///
/// Only branches env/<name> are written: RUN-601 for every other ref. A statement that another commit overtook is done again.
/// Errors: SQL-420 (not understood), SQL-4xx and SQL-2xx with their place in the statement, RUN-602 (the target is a view, or
/// of a format whose rows cannot be deleted), RUN-603 (a row would be updated twice), RUN-604 (columns that do not fit).
class SqlWriter {
 public:
  static Result<std::unique_ptr<SqlWriter>> Open(Lakehouse& lakehouse, SqlWriteOptions options);
  virtual ~SqlWriter() = default;
  virtual Result<SqlWritten> Run(const std::string& sql) = 0;
  virtual void Interrupt() = 0;
};

}  // namespace leat::run
