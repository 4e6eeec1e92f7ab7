#include "component/row_columns.h"

namespace leat::component {

std::vector<ArrowBatchBuilder::Column> StreamColumns(const std::vector<SourceColumn>& asked) {
  std::vector<ArrowBatchBuilder::Column> columns;
  columns.reserve(asked.size() + 3);
  for (const SourceColumn& column : asked) {
    columns.push_back({"k" + std::to_string(columns.size()),
                       BatchCarries(*column.type) ? column.type : data::Primitive(data::TypeId::kString)});
  }
  AddRowColumns(columns);
  return columns;
}

void AddRowColumns(std::vector<ArrowBatchBuilder::Column>& columns) {
  columns.push_back({"leat_row", data::Primitive(data::TypeId::kLong)});
  columns.push_back({"leat_bad", data::Primitive(data::TypeId::kString)});
  columns.push_back({"leat_payload", data::Primitive(data::TypeId::kString)});
}

void PutVerdict(ColumnBatch& batch, size_t first, int64_t row, const std::string& bad, const std::string& payload) {
  batch.SetNull(first, row);
  if (bad.empty()) {
    batch.AppendNullText(first + 1);
    batch.AppendNullText(first + 2);
  } else {
    batch.AppendText(first + 1, bad);
    batch.AppendText(first + 2, payload);
  }
}

}  // namespace leat::component
