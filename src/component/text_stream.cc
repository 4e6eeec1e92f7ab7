#include "component/text_stream.h"

#include <algorithm>
#include <cstring>

#include "component/row_columns.h"
#include "data/text_bytes.h"

namespace leat::component {
namespace {

std::vector<data::TypePtr> BatchTypes(const std::vector<SourceColumn>& columns) {
  std::vector<data::TypePtr> types;
  types.reserve(columns.size());
  for (const SourceColumn& column : columns) {
    const bool text = !BatchCarries(*column.type) || column.type->id == data::TypeId::kBinary;
    types.push_back(text ? data::Primitive(data::TypeId::kString) : column.type);
  }
  return types;
}

}  // namespace

Result<ColumnBatch> TextStream::MakeBatch(const std::vector<SourceColumn>& columns) {
  std::vector<ArrowBatchBuilder::Column> made;
  for (const data::TypePtr& type : BatchTypes(columns)) made.push_back({"k" + std::to_string(made.size()), type});
  made.push_back({"leat_file", data::Primitive(data::TypeId::kInt)});
  AddRowColumns(made);
  return ColumnBatch::Make(std::move(made));
}

TextStream::TextStream(TextPieces& pieces, const std::vector<SourceColumn>& columns, ColumnBatch batch)
    : types_(BatchTypes(columns)), batch_(std::move(batch)), line_numbers_(ColumnBatch::kRows), pieces_(pieces) {}

Result<bool> TextStream::Next(ArrowArray* array, ArrowSchema* schema) {
  rows_ = 0;
  bad_.clear();
  if (told_columns_) {
    while (rows_ == 0) {
      if (at_ >= piece_.size) {
        LEAT_ASSIGN(const bool more, pieces_.Next(piece_));
        if (!more) {
          piece_.size = at_ = 0;
          return false;
        }
        bytes_read_ += static_cast<int64_t>(piece_.size);
        StartPiece();
      }
      is_bad_.assign(ColumnBatch::kRows, 0);
      ReadRows();
    }
    Convert();
  }
  told_columns_ = true;
  rows_read_ += rows_;
  batch_.Take(rows_, array, schema);
  return true;
}

void TextStream::Refuse(int64_t row, const std::string& code, const std::string& column, const std::string& message) {
  uint8_t& bad = is_bad_[static_cast<size_t>(row)];
  if (bad == 0) bad_[row] = {code, RefusedRow(code, column, message)};
  bad = 1;
}

std::string TextStream::Payload(int64_t row, const std::string&) const { return data::ReadableText(Line(row)); }

void TextStream::Convert() {
  const size_t columns = types_.size();
  for (size_t i = 0; i < columns; ++i) ConvertColumn(i);
  auto* files = batch_.Values<int32_t>(columns);
  std::fill(files, files + rows_, static_cast<int32_t>(piece_.file));
  std::memcpy(batch_.Values<int64_t>(columns + 1), line_numbers_.data(), static_cast<size_t>(rows_) * sizeof(int64_t));
  auto bad = bad_.begin();
  for (int64_t row = 0; row < rows_; ++row) {
    if (bad == bad_.end() || bad->first != row) {
      batch_.AppendNullText(columns + 2);
      if (keeps_lines_) batch_.AppendText(columns + 3, Line(row));
      else batch_.AppendNullText(columns + 3);
      continue;
    }
    const auto& [code, text] = bad->second;
    batch_.AppendText(columns + 2, text);
    batch_.AppendText(columns + 3, Payload(row, code));
    ++bad;
  }
}

}  // namespace leat::component
