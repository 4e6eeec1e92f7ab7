#include "components/source/orc/orc_stream.h"

#include <algorithm>
#include <utility>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"
#include "components/source/orc/orc_json.h"
#include "data/text_bytes.h"

namespace leat::components::orc {
namespace {

using component::ArrowBatchBuilder;
using component::ColumnBatch;
using data::TypeId;

constexpr size_t kMostCells = 1 << 18;
constexpr size_t kBatchBytes = size_t{1} << 25;
constexpr size_t kPayloadBytes = size_t{1} << 20;

}  // namespace

Result<std::unique_ptr<component::ArrowStream>> OrcStream::Make(std::shared_ptr<OrcStripes> stripes) {
  std::vector<ArrowBatchBuilder::Column> columns;
  std::vector<data::TypePtr> types;
  for (const component::SourceColumn& column : stripes->columns()) {
    types.push_back(component::BatchCarries(*column.type) ? column.type : data::Primitive(TypeId::kString));
    columns.push_back({"k" + std::to_string(columns.size()), types.back()});
  }
  columns.push_back({"leat_file", data::Primitive(TypeId::kInt)});
  component::AddRowColumns(columns);
  LEAT_ASSIGN(ColumnBatch batch, ColumnBatch::Make(std::move(columns)));
  return std::unique_ptr<component::ArrowStream>(new OrcStream(std::move(stripes), std::move(types), std::move(batch)));
}

OrcStream::OrcStream(std::shared_ptr<OrcStripes> stripes, std::vector<data::TypePtr> types, ColumnBatch batch)
    : stripes_(std::move(stripes)),
      types_(std::move(types)),
      batch_(std::move(batch)),
      most_rows_(std::clamp<int64_t>(static_cast<int64_t>(kMostCells / std::max<size_t>(1, types_.size())), 64,
                                     ColumnBatch::kRows)) {}

Result<bool> OrcStream::Next(ArrowArray* array, ArrowSchema* schema) {
  if (stripes_->cancel() != nullptr) LEAT_TRY(stripes_->cancel()->Check());
  int64_t rows = 0;
  taken_ = 0;
  while (told_columns_ && rows < most_rows_ && taken_ < kBatchBytes) {
    LEAT_ASSIGN(const bool more, NextRow());
    if (!more) break;
    PutRow(rows++);
  }
  if (told_columns_ && rows == 0) return false;
  told_columns_ = true;
  rows_read_ += rows;
  batch_.Take(rows, array, schema);
  return true;
}

Result<bool> OrcStream::NextRow() {
  while (true) {
    if (rows_ == nullptr) {
      LEAT_ASSIGN(rows_, stripes_->Next());
      if (rows_ == nullptr) return false;
    }
    LEAT_ASSIGN(const bool more, rows_->Next(values_));
    if (more) return true;
    rows_ = nullptr;
  }
}

void OrcStream::PutRow(int64_t row) {
  const OrcInput& input = rows_->input();
  given_.assign(types_.size(), 0);
  std::string bad;
  for (size_t i = 0; i < input.columns.size(); ++i) {
    if (input.columns[i] < 0) continue;
    const auto column = static_cast<size_t>(input.columns[i]);
    given_[column] = 1;
    const std::string refused = Put(values_[i], *input.types[i], column, row);
    if (!refused.empty() && bad.empty()) bad = component::RefusedRow("cast", stripes_->columns()[column].name, refused);
  }
  const size_t columns = types_.size();
  for (size_t i = 0; i < columns; ++i) {
    if (given_[i] == 0) component::PutNull(batch_, i, row, *types_[i]);
  }
  batch_.Values<int32_t>(columns)[row] = static_cast<int32_t>(input.file);
  batch_.Values<int64_t>(columns + 1)[row] = rows_->row();
  if (bad.empty()) {
    batch_.AppendNullText(columns + 2);
    batch_.AppendNullText(columns + 3);
    return;
  }
  std::string payload = "{";
  for (size_t i = 0; i < input.names.size(); ++i) {
    payload += (i == 0 ? "" : ",") + JsonQuoted(input.names[i]) + ":";
    AppendJson(values_[i], *input.types[i], payload);
  }
  batch_.AppendText(columns + 2, bad);
  batch_.AppendText(columns + 3, data::ReadableText(payload + "}", kPayloadBytes));
}

/// What is not exactly a value of the column, "" for nothing.
std::string OrcStream::Put(const OrcValue& value, const data::OrcType& type, size_t column, int64_t row) {
  const data::Type& wanted = *stripes_->columns()[column].type;
  if (!value.nested) {
    taken_ += value.leaf.form == component::Leaf::Form::kText || value.leaf.form == component::Leaf::Form::kBinary
                  ? value.leaf.bytes.size()
                  : sizeof(int64_t);
    if (component::PutLeaf(batch_, column, row, wanted, *types_[column], value.leaf)) return "";
    return component::NotExactly(component::LeafText(value.leaf), wanted);
  }
  json_.clear();
  std::string refused;
  if (wanted.is_nested()) AppendJsonAs(value, type, wanted, json_, refused);
  else AppendJson(value, type, json_);
  taken_ += json_.size();
  if (refused.empty() && !wanted.is_nested() && wanted.id != TypeId::kString)
    refused = component::NotExactly(json_, wanted);
  if (refused.empty()) batch_.AppendText(column, json_);
  else component::PutNull(batch_, column, row, *types_[column]);
  return refused;
}

}  // namespace leat::components::orc
