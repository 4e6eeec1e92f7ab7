#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "components/source/orc/orc_input.h"

namespace leat::components::orc {

/// Decodes rows straight into batches: one thread's share of the stripes. Columns as component::ArrowStream says; nested values arrive as
/// JSON text that the engine casts. A value that is not exactly one of its column's type refuses its row ("cast"); damage ends all.
class OrcStream : public component::ArrowStream {
 public:
  static Result<std::unique_ptr<component::ArrowStream>> Make(std::shared_ptr<OrcStripes> stripes);

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_read_; }

 private:
  OrcStream(std::shared_ptr<OrcStripes> stripes, std::vector<data::TypePtr> types, component::ColumnBatch batch);

  /// The next row of all; false at the end.
  Result<bool> NextRow();
  void PutRow(int64_t row);
  std::string Put(const OrcValue& value, const data::OrcType& type, size_t column, int64_t row);

  std::shared_ptr<OrcStripes> stripes_;
  std::vector<data::TypePtr> types_;  ///< as the batch has them
  component::ColumnBatch batch_;
  const int64_t most_rows_;  ///< of a batch: tables of many columns take fewer
  std::unique_ptr<StripeRows> rows_;
  std::vector<OrcValue> values_;
  std::vector<uint8_t> given_;  ///< columns of the row that got a value
  std::string json_;
  size_t taken_ = 0;  ///< bytes of texts in the batch
  int64_t rows_read_ = 0;
  bool told_columns_ = false;
};

}  // namespace leat::components::orc
