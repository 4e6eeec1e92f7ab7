#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "components/source/odbc/row_block.h"

namespace leat::components::odbc {

/// What the streams of one reading share: the statements that are still to be run.
struct Reading {
  std::vector<Column> columns;  ///< of the request, with the request's types
  std::string select;
  std::string what;
  int64_t block_rows = 0;
  std::mutex mutex;
  std::deque<std::string> conditions;

  std::optional<std::string> Take();
};

/// Statements one after the other over one connection; their rows in blocks.
class OdbcStream : public component::ArrowStream {
 public:
  OdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
             const component::SourceContext& context);
  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_; }

 private:
  Result<bool> NextBlock();
  void Note();
  void Put(int64_t row);
  bool PutValue(size_t column, int64_t row, std::string& found);
  std::string RowAsJson();

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
  component::ColumnBatch batch_;
  component::SourceContext context_;
  RowBlock block_;
  std::unique_ptr<Statement> statement_;  ///< null: none is running
  int64_t in_block_ = 0, at_ = 0;
  component::SourceCost cost_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> rows_{0};
  bool first_ = true;
};

}  // namespace leat::components::odbc
