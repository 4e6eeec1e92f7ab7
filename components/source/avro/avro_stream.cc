#include "components/source/avro/avro_stream.h"

#include <algorithm>
#include <utility>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"
#include "components/source/avro/avro_json.h"
#include "components/source/avro/avro_type.h"
#include "data/text_bytes.h"

namespace leat::components::avro {
namespace {

using component::ArrowBatchBuilder;
using component::ColumnBatch;
using component::SourceColumn;
using data::AvroDecoder;
using data::AvroKind;
using data::AvroSchema;
using data::TypeId;

constexpr size_t kMostCells = 1 << 18;
constexpr size_t kBatchBytes = size_t{1} << 25;  // of rows as they stand in the file
constexpr size_t kMostText = size_t{1} << 30;    // of one value
constexpr size_t kPayloadBytes = size_t{1} << 20;

}  // namespace

Result<std::unique_ptr<component::ArrowStream>> AvroStream::Make(std::shared_ptr<AvroBlocks> blocks) {
  std::vector<ArrowBatchBuilder::Column> columns;
  std::vector<data::TypePtr> types;
  for (const SourceColumn& column : blocks->columns()) {
    types.push_back(component::BatchCarries(*column.type) ? column.type : data::Primitive(TypeId::kString));
    columns.push_back({"k" + std::to_string(columns.size()), types.back()});
  }
  columns.push_back({"leat_file", data::Primitive(TypeId::kInt)});
  component::AddRowColumns(columns);
  LEAT_ASSIGN(ColumnBatch batch, ColumnBatch::Make(std::move(columns)));
  return std::unique_ptr<component::ArrowStream>(new AvroStream(std::move(blocks), std::move(types), std::move(batch)));
}

AvroStream::AvroStream(std::shared_ptr<AvroBlocks> blocks, std::vector<data::TypePtr> types, ColumnBatch batch)
    : blocks_(std::move(blocks)),
      types_(std::move(types)),
      batch_(std::move(batch)),
      most_rows_(std::clamp<int64_t>(static_cast<int64_t>(kMostCells / std::max<size_t>(1, types_.size())), 64,
                                     ColumnBatch::kRows)) {}

Result<bool> AvroStream::Next(ArrowArray* array, ArrowSchema* schema) {
  int64_t rows = 0;
  if (told_columns_) {
    size_t taken = 0;
    while (rows < most_rows_ && taken < kBatchBytes) {
      if (row_in_block_ >= block_.rows) {
        LEAT_ASSIGN(const bool more, NextBlock());
        if (!more) break;
      }
      const size_t before = in_.position();
      LEAT_TRY(ReadRow(rows));
      taken += in_.position() - before;
      ++rows;
    }
    if (rows == 0) return false;
  }
  told_columns_ = true;
  rows_read_ += rows;
  batch_.Take(rows, array, schema);
  return true;
}

Result<bool> AvroStream::NextBlock() {
  do {
    LEAT_ASSIGN(const bool more, blocks_->Next(input_, block_));
    if (!more) {
      block_.rows = row_in_block_ = 0;
      return false;
    }
    bytes_read_ += static_cast<int64_t>(block_.packed.size());
    auto bytes = input_->reader->Unpack(block_);
    if (!bytes.ok()) return InputError(blocks_->table(), input_->origin, std::move(bytes).error());
    bytes_ = std::move(bytes).value();
    in_ = AvroDecoder(bytes_);
    row_in_block_ = 0;
    if (block_.rows == 0 && !in_.at_end()) {
      return InputError(blocks_->table(), input_->origin, data::AvroFileReader::RowError(block_, 0, in_));
    }
  } while (block_.rows == 0);
  return true;
}

Status AvroStream::ReadRow(int64_t row) {
  const size_t begin = in_.position();
  given_.assign(types_.size(), 0);
  bad_.clear();
  for (size_t i = 0; i < input_->fields.size() && !in_.failed(); ++i) {
    const AvroSchema& schema = *input_->fields[i].schema;
    const int column = input_->columns[i];
    if (column < 0) {
      data::SkipAvro(in_, schema);
      continue;
    }
    given_[static_cast<size_t>(column)] = 1;
    PutValue(in_, schema, static_cast<size_t>(column), row);
  }
  ++row_in_block_;
  const bool last = row_in_block_ == block_.rows;
  if (in_.failed() || (last && !in_.at_end())) {
    return InputError(blocks_->table(), input_->origin,
                      data::AvroFileReader::RowError(block_, in_.failed() ? row_in_block_ - 1 : block_.rows, in_));
  }
  const size_t columns = types_.size();
  for (size_t i = 0; i < columns; ++i) {
    if (given_[i] == 0) component::PutNull(batch_, i, row, *types_[i]);
  }
  batch_.Values<int32_t>(columns)[row] = static_cast<int32_t>(input_->file);
  batch_.Values<int64_t>(columns + 1)[row] = block_.first_row + row_in_block_ - 1;
  if (bad_.empty()) {
    batch_.AppendNullText(columns + 2);
    batch_.AppendNullText(columns + 3);
    return Ok();
  }
  AvroDecoder again(std::string_view(bytes_).substr(begin, in_.position() - begin));
  std::string payload = "{";
  for (const data::AvroField& field : input_->fields) {
    payload += (payload.size() > 1 ? "," : "") + JsonQuoted(field.name) + ":";
    AppendJson(again, *field.schema, payload);
  }
  batch_.AppendText(columns + 2, bad_);
  batch_.AppendText(columns + 3, data::ReadableText(payload + "}", kPayloadBytes));
  return Ok();
}

void AvroStream::PutValue(AvroDecoder& in, const AvroSchema& schema, size_t column, int64_t row) {
  const AvroSchema* of = &schema;
  while (of->kind == AvroKind::kLink || (of->kind == AvroKind::kUnion && !IsTagged(*of))) {
    of = of->kind == AvroKind::kLink ? of->link : data::TakeAvroBranch(in, *of);
    if (of == nullptr) return component::PutNull(batch_, column, row, *types_[column]);
  }
  if (of->kind == AvroKind::kNull) return component::PutNull(batch_, column, row, *types_[column]);
  if (of->kind >= AvroKind::kArray) return PutNested(in, *of, column, row);
  ReadLeaf(in, *of, leaf_);
  PutLeaf(column, row);
}

void AvroStream::PutNested(AvroDecoder& in, const AvroSchema& schema, size_t column, int64_t row) {
  const data::Type& wanted = *blocks_->columns()[column].type;
  json_.clear();
  refused_.clear();
  if (wanted.is_nested() && schema.kind != AvroKind::kUnion) AppendJsonAs(in, schema, wanted, json_, refused_);
  else AppendJson(in, schema, json_);
  const bool null = json_ == "null";
  if (refused_.empty() && !null && !wanted.is_nested() && wanted.id != TypeId::kString)
    refused_ = component::NotExactly(json_, wanted);
  if (refused_.empty() && wanted.is_nested() && schema.kind == AvroKind::kUnion && !null)
    refused_ = component::NotExactly(json_, wanted);
  if (json_.size() > kMostText) refused_ = "a value of more than 1 GB";
  if (!refused_.empty() || null || in.failed()) component::PutNull(batch_, column, row, *types_[column]);
  else batch_.AppendText(column, json_);
  if (!refused_.empty()) Refuse(column, refused_);
}

void AvroStream::PutLeaf(size_t column, int64_t row) {
  const data::Type& wanted = *blocks_->columns()[column].type;
  if (!component::PutLeaf(batch_, column, row, wanted, *types_[column], leaf_))
    Refuse(column, component::NotExactly(component::LeafText(leaf_), wanted));
}

void AvroStream::Refuse(size_t column, const std::string& what) {
  if (bad_.empty()) bad_ = component::RefusedRow("cast", blocks_->columns()[column].name, what);
}

}  // namespace leat::components::avro
