#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "components/source/adbc/arrow_value.h"
#include "components/source/adbc/connection.h"
#include "components/source/adbc/dialect.h"

namespace leat::components::adbc {

/// What the streams of one reading share: the statements that are still to be run.
struct Reading {
  std::vector<Column> columns;  ///< of the request, with the request's types
  std::string select;
  std::string what;
  std::mutex mutex;
  std::deque<std::string> conditions;

  std::optional<std::string> Take();
};

/// Statements one after the other over one connection; the driver's batches as batches of ours, each value exactly or its row refused.
class AdbcStream : public component::ArrowStream {
 public:
  AdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, component::ColumnBatch batch,
             const component::SourceContext& context);
  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_; }

 private:
  Status NextArray();
  void Note();
  void Put(int64_t row);
  bool PutValue(size_t column, int64_t row, const ArrowValue& value);
  bool PutMarked(size_t column, int64_t row, std::string_view text);
  ArrowValue ValueOf(size_t column) const;
  std::string RowAsJson() const;

  std::shared_ptr<Reading> reading_;
  std::shared_ptr<Connection> connection_;
  component::ColumnBatch batch_;
  component::SourceContext context_;
  std::unique_ptr<Answer> answer_;     ///< null: none is running
  const ArrowArray* array_ = nullptr;  ///< null: behind the last
  int64_t at_ = 0, bytes_ = 0;
  component::SourceCost cost_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> rows_{0};
  bool first_ = true, begun_ = false;
};

}  // namespace leat::components::adbc
