#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "component/record_files.h"
#include "components/source/xlsx/sheet_reader.h"

namespace leat::components::xlsx {

/// Makes records of a sheet's rows, in order. A row without a value between others is an empty entry, so that the number of a
/// record is that of its row.
class SheetRows {
 public:
  /// `header`: where names of columns come from: the first row that has a value (0), nowhere (-1), or this row of the sheet.
  SheetRows(const CellRange& range, int64_t header, bool errors_are_null, component::RecordWriter& writer,
            component::RecordColumns& columns)
      : range_(range), header_(header), errors_are_null_(errors_are_null), writer_(writer), columns_(columns) {}

  void Take(int64_t row, const std::vector<SheetCell>& cells);
  /// What the writer said; after an error no more rows are taken.
  const Status& status() const { return status_; }
  /// The row of names is empty, and there are others.
  bool lacks_header() const { return header_ > 0 && !has_header_ && last_row_ != 0; }

 private:
  void TakeHeader(const std::vector<SheetCell>& cells);
  void NameAll(const std::vector<SheetCell>& cells);
  size_t Index(int column) const { return static_cast<size_t>(column - range_.first_column); }
  Status Write(int64_t row, const std::vector<SheetCell>& cells);

  const CellRange& range_;
  const int64_t header_;
  const bool errors_are_null_;
  component::RecordWriter& writer_;
  component::RecordColumns& columns_;
  std::vector<std::string> names_;
  std::vector<component::RecordCell> record_;
  bool has_header_ = false;
  int64_t last_row_ = 0;
  Status status_;
};

}  // namespace leat::components::xlsx
