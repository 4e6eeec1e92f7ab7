#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/column_batch.h"
#include "component/source.h"

namespace leat::component {

/// The statements of one reading that are still to be run: one SELECT, each time with another WHERE. Thread-safe but for `select`,
/// which stands before the first is taken.
class StatementQueue {
 public:
  std::string select;

  void Add(std::string where);
  /// The next statement; none at the end.
  std::optional<std::string> Take();
  int size();

 private:
  std::mutex mutex_;
  std::deque<std::string> wheres_;
};

/// What the streams of one reading share.
template <typename Column>
struct StatementReading {
  std::vector<Column> columns;  ///< of the request, with the request's types
  std::string what;             ///< is read, for errors
  StatementQueue statements;
};

/// Runs statements one after the other, puts their rows into batches and tells the budget what they cost.
class StatementStream : public ArrowStream {
 public:
  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) final;
  int64_t rows_read() const final { return rows_; }
  /// `failed` becomes true when a row cannot be had: what reads next takes another connection.
  void TellFailure(std::shared_ptr<std::atomic<bool>> failed) { failed_ = std::move(failed); }

 protected:
  StatementStream(ColumnBatch batch, const SourceContext& context) : batch_(std::move(batch)), context_(context) {}

  /// Puts the next row of all statements into row `row` of the batch, `bytes`: what it weighs; false behind the last.
  virtual Result<bool> PutNext(int64_t row, int64_t& bytes) = 0;
  /// To be called where a statement begins and when a row behind its last was asked for.
  void BeginStatement();
  void EndStatement();

  ColumnBatch batch_;

 private:
  SourceContext context_;
  SourceCost cost_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> rows_{0};
  bool first_ = true;
  std::shared_ptr<std::atomic<bool>> failed_;
};

}  // namespace leat::component
