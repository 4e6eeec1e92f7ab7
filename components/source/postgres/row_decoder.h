#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "component/column_batch.h"
#include "components/source/postgres/wire_type.h"

namespace leat::components::postgres {

/// Rows of binary COPY into a ColumnBatch: the columns of the plans, then leat_row, leat_bad and leat_payload. A value that is
/// not exactly of its column's type is NULL, and its row says so in leat_bad. Not thread-safe.
class RowDecoder {
 public:
  /// DATA-103 for a type that batches do not carry. `check_utf8`: the server does not promise UTF-8 (SQL_ASCII).
  static Result<RowDecoder> Make(std::vector<ColumnPlan> plans, bool check_utf8);

  /// Forgets the header and what is left over: another COPY begins.
  void StartCopy();
  /// Takes rows from the front of `bytes` until it is empty or the batch is full. False, with what was wrong, when it is no
  /// binary COPY of these columns.
  bool Decode(std::string_view& bytes, std::string& wrong);
  /// The last message of the COPY came and was whole.
  bool ended() const { return ended_ && rest_.empty(); }

  int64_t rows() const { return rows_; }
  bool full() const { return rows_ == component::ColumnBatch::kRows || batch_bytes_ >= kBatchBytes; }
  void Take(ArrowArray* array, ArrowSchema* schema);

 private:
  static constexpr size_t kBatchBytes = 16U << 20;  ///< rows with long values come in shorter batches

  RowDecoder(std::vector<ColumnPlan> plans, component::ColumnBatch batch, bool check_utf8);
  bool DecodeRow(std::string_view bytes, size_t& used, std::string& wrong);
  /// False when the value does not fit.
  bool DecodeCell(size_t column, std::string_view bytes);
  bool DecodeArray(size_t column, std::string_view bytes);
  void Refuse(size_t column, std::string_view bytes);
  std::string RowAsJson() const;

  std::vector<ColumnPlan> plans_;
  component::ColumnBatch batch_;
  bool check_utf8_;
  std::vector<void*> values_;             ///< of each column of fixed size, in the batch that is being filled
  std::vector<std::string_view> fields_;  ///< of the row that is being read; NULL has no data
  std::string rest_;                      ///< the beginning of a row whose end was not there yet
  std::string bad_;
  int64_t rows_ = 0;
  size_t batch_bytes_ = 0;
  bool header_read_ = false;
  bool ended_ = false;
};

}  // namespace leat::components::postgres
