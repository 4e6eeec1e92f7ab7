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
#include "component/statement_limit.h"

namespace leat::component {

/// The statements of one reading that are still to be run: one SELECT, each time with another WHERE. Thread-safe but for what stands
/// before the first is taken.
class StatementQueue {
 public:
  std::string select;
  std::string condition;                ///< of the whole reading, or ""
  std::chrono::milliseconds longest{};  ///< after it the server ends a statement; 0: never
  PieceCut cut;                         ///< where there is such a limit
  std::string locks;                    ///< where locks of others are seen, for hints

  /// A part of the table; `bounds`, `rows`: as StatementPiece has them.
  void Add(std::string bounds, int64_t rows = 0);
  /// The next piece; none at the end. One that will take too long, by what the others took, is cut before.
  Result<std::optional<StatementPiece>> Take(const AskRows& ask);
  std::string TextOf(const StatementPiece& piece) const;
  int size();

  bool limited() const { return longest.count() > 0; }
  /// The statement for the piece was run to its end.
  void Done(const StatementPiece& piece, const SourceCost& cost);
  /// It was ended, for its time or (`heavy`) for the weight of its rows: they come again in smaller pieces. False: they cannot.
  Result<bool> Stopped(const StatementPiece& piece, bool heavy, const AskRows& ask);

 private:
  void GiveBack(std::vector<StatementPiece> pieces, size_t from);

  std::mutex mutex_;
  std::deque<StatementPiece> pieces_;
  int64_t fitting_ = 0;  ///< rows of a piece, 0: not known yet
};

/// What the streams of one reading share.
template <typename Column>
struct StatementReading {
  std::vector<Column> columns;  ///< of the request, with the request's types
  std::string what;             ///< is read, for errors
  StatementQueue statements;
};

/// Runs statements one after the other, puts their rows into batches and tells the budget what they cost. Where a statement may be ended for
/// its time, each is read as quickly as the server gives it and its rows are kept until it has ended: none comes twice when they are read again.
class StatementStream : public ArrowStream {
 public:
  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) final;
  int64_t rows_read() const final { return rows_; }
  ~StatementStream() override;
  StatementStream(const StatementStream&) = delete;
  StatementStream& operator=(const StatementStream&) = delete;
  /// `failed` becomes true when a row cannot be had: what reads next takes another connection.
  void TellFailure(std::shared_ptr<std::atomic<bool>> failed) { failed_ = std::move(failed); }

 protected:
  /// `reading`: of a StatementReading.
  template <typename Reading>
  StatementStream(const std::shared_ptr<Reading>& reading, ColumnBatch batch, const SourceContext& context)
      : batch_(std::move(batch)),
        context_(context),
        what_(reading->what),
        statements_(std::shared_ptr<StatementQueue>(reading, &reading->statements)) {}

  /// Begins a statement. Where there is a limit, the server ends it: SRC-440, from here or from PutRow.
  virtual Status Begin(const std::string& sql) = 0;
  /// Puts the next row of the statement into row `row` of the batch, `bytes`: what it weighs; false behind its last.
  virtual Result<bool> PutRow(int64_t row, int64_t& bytes) = 0;
  /// Ends the statement that runs, whose other rows nobody wants, or forgets one that failed.
  virtual void Drop() {}
  /// All rows of a short question, with the limit of a statement.
  virtual Result<std::vector<TextRow>> Ask(const std::string& sql) = 0;

  std::chrono::milliseconds longest() const { return statements_->longest; }

  ColumnBatch batch_;

 private:
  /// A batch that is given when its statement has ended.
  struct Held {
    ArrowArray array;
    ArrowSchema schema;
    int64_t rows = 0;
  };

  Result<bool> NextBatch(ArrowArray* array, ArrowSchema* schema);
  /// False: there is none.
  Result<bool> StartNext();
  Result<bool> PutNext(int64_t row, int64_t& bytes);
  /// Puts rows until the batch is full or the statement has ended.
  Result<int64_t> Fill();
  Status ReadHeld();
  Status Spend(int64_t bytes);
  void EndStatement();
  /// After an error of a statement whose rows were not given: they come again, or the error is returned that says why not.
  Status Again(const Error& error, bool heavy);
  void Hold(int64_t rows);
  void ForgetHeld(size_t from);

  SourceContext context_;
  const std::string what_;
  std::shared_ptr<StatementQueue> statements_;
  AskRows ask_ = [this](const std::string& sql) { return Ask(sql); };
  SourceCost cost_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> rows_{0};
  bool first_ = true;
  bool running_ = false;  ///< a statement is
  StatementPiece piece_;  ///< that it reads
  std::deque<Held> held_;
  std::shared_ptr<std::atomic<bool>> failed_;
};

}  // namespace leat::component
