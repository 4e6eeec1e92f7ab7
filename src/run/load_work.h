#pragma once

#include <memory>
#include <string>
#include <vector>

#include "run/gates_split.h"
#include "run/load_target.h"
#include "sql/session.h"
#include "sql/writer.h"

namespace leat::run {

/// What writing came to.
struct StepWrite {
  std::vector<lake::DataFile> files;
  int64_t rows = 0;          ///< out: the files' own counts
  int64_t rows_scanned = 0;  ///< in, for loads: what the reader delivered
  int64_t rows_staged = 0;   ///< in, for models: rows that left the SELECT
};

/// The engine side of one step: its connection (a session where tables of the lake are read), stopped by the step's cancel
/// token, with temporary tables of its own.
class StepWork {
 public:
  /// `checks`: quarantining checks; tables that they read are bound on `view`.
  static Result<std::unique_ptr<StepWork>> Open(StepContext& context, const lake::View& view,
                                                const std::vector<const project::CheckUse*>& checks,
                                                bool session = false);
  ~StepWork();
  StepWork(const StepWork&) = delete;
  StepWork& operator=(const StepWork&) = delete;

  sql::Connection& connection() { return session_ ? session_->connection() : *connection_; }
  sql::Session* session() { return session_.get(); }

  /// Splits and writes the rows of `input` into `folder`, in one pass where the layout and the checks allow it; else over
  /// temporary tables that the engine may spill.
  Result<StepWrite> Write(const SplitInput& input, const std::vector<const project::CheckUse*>& checks,
                          const Layout& layout, const std::string& folder, SplitResult& split);
  /// Splits `input` into the temporary table `name` instead of files.
  Result<StepWrite> WriteTable(const SplitInput& input, const std::vector<const project::CheckUse*>& checks,
                               const data::Schema& schema, const std::string& name, SplitResult& split);
  /// Writes the rows of `select` as data files of the layout. `rows`: how many there are, where that is known: many rows of a
  /// sorted table become one file for each range of its order.
  Result<sql::WriteResult> WriteFiles(const std::string& select, const Layout& layout, const std::string& folder,
                                      std::optional<int64_t> rows = std::nullopt);

 private:
  explicit StepWork(StepContext& context) : context_(context) {}
  Status Stage(SplitInput& input, StepWrite& write);

  StepContext& context_;
  std::unique_ptr<sql::Session> session_;
  std::unique_ptr<sql::Connection> connection_;
  std::vector<Split> splits_;
  int cancel_callback_ = -1;
};

/// SQL list of columns, quoted.
std::string ColumnList(const data::Schema& schema);

}  // namespace leat::run
