#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "components/source/avro/avro_input.h"
#include "components/source/avro/avro_leaf.h"

namespace leat::components::avro {

/// Decodes rows straight into batches: one thread's share of the blocks. Columns as component::ArrowStream says; nested values arrive as
/// JSON text that the engine casts. A value that is not exactly one of its column's type refuses its row ("cast"); damage ends all.
class AvroStream : public component::ArrowStream {
 public:
  static Result<std::unique_ptr<component::ArrowStream>> Make(std::shared_ptr<AvroBlocks> blocks);

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_read_; }
  int64_t bytes_read() const override { return bytes_read_; }

 private:
  AvroStream(std::shared_ptr<AvroBlocks> blocks, std::vector<data::TypePtr> types, component::ColumnBatch batch);

  /// The next block that has rows; false at the end.
  Result<bool> NextBlock();
  Status ReadRow(int64_t row);
  void PutValue(data::AvroDecoder& in, const data::AvroSchema& schema, size_t column, int64_t row);
  void PutNested(data::AvroDecoder& in, const data::AvroSchema& schema, size_t column, int64_t row);
  void PutLeaf(size_t column, int64_t row);
  void Refuse(size_t column, const std::string& what);

  std::shared_ptr<AvroBlocks> blocks_;
  std::vector<data::TypePtr> types_;  ///< as the batch has them
  component::ColumnBatch batch_;
  const int64_t most_rows_;  ///< of a batch: tables of many columns take fewer
  std::shared_ptr<const AvroInput> input_;
  data::AvroBlock block_;
  std::string bytes_;  ///< of the block, unpacked
  data::AvroDecoder in_{{}};
  int64_t row_in_block_ = 0;
  Leaf leaf_;
  std::vector<uint8_t> given_;  ///< columns of the row that got a value
  std::string bad_;             ///< what `leat_bad` says of the row
  std::string json_, refused_;
  int64_t rows_read_ = 0;
  int64_t bytes_read_ = 0;
  bool told_columns_ = false;
};

}  // namespace leat::components::avro
