#include "components/source/xlsx/sheet_rows.h"

#include <fmt/format.h>

#include "component/header_names.h"

namespace leat::components::xlsx {
namespace {

using component::CellKind;
using Kind = SheetCell::Kind;

CellKind KindOf(const SheetCell& cell) {
  if (cell.kind == Kind::kNumber) return CellKind::kNumber;
  return cell.kind == Kind::kBoolean ? CellKind::kBoolean : CellKind::kString;
}

struct Refusal {
  std::string code;  ///< "" for a cell that is taken
  std::string message;
};

Refusal RefusalOf(const SheetCell& cell, int64_t row) {
  const std::string place = ColumnLetters(cell.column) + std::to_string(row);
  switch (cell.kind) {
    case Kind::kError: return {"xlsx.error_cell", fmt::format("cell {} is {}", place, cell.text)};
    case Kind::kNoDay: return {"xlsx.no_day", fmt::format("cell {}: {}", place, cell.why)};
    case Kind::kNotKept:
      return {
          "xlsx.no_value",
          fmt::format("cell {} has a formula without its value: save the workbook with a spreadsheet program", place)};
    default: return {};
  }
}

}  // namespace

void SheetRows::Take(int64_t row, const std::vector<SheetCell>& cells) {
  if (!status_.ok() || row < header_) return;
  if (header_ >= 0 && !has_header_ && (header_ == 0 || row == header_)) return TakeHeader(cells);
  if (row < range_.first_row) return;
  if (last_row_ == 0) columns_.first_line = row;
  for (; last_row_ != 0 && last_row_ + 1 < row; ++last_row_) writer_.Blank();
  last_row_ = row;
  status_ = Write(row, cells);
}

void SheetRows::TakeHeader(const std::vector<SheetCell>& cells) {
  has_header_ = true;
  names_.resize(Index(cells.back().column) + 1);
  for (const SheetCell& cell : cells) names_[Index(cell.column)] = cell.text;
  names_ = component::UniqueNames(std::move(names_));
  // Also a column without values is one.
  for (const SheetCell& cell : cells) columns_.FactsOf(names_[Index(cell.column)]);
}

/// Names for all columns of a row: those that the header does not have are called by their number.
void SheetRows::NameAll(const std::vector<SheetCell>& cells) {
  const size_t columns = Index(cells.back().column) + 1;
  if (columns <= names_.size()) return;
  names_.resize(columns);
  names_ = component::UniqueNames(std::move(names_));
}

Status SheetRows::Write(int64_t row, const std::vector<SheetCell>& cells) {
  record_.clear();
  NameAll(cells);
  Refusal first;
  std::string column;
  for (const SheetCell& cell : cells) {
    component::RecordCell& made = record_.emplace_back();
    made.name = names_[Index(cell.column)];
    made.text = cell.text;
    made.kind = KindOf(cell);
    made.null = cell.kind == Kind::kError && errors_are_null_;
    if (made.null) continue;
    Refusal refusal = RefusalOf(cell, row);
    made.odd = !refusal.code.empty();
    if (!made.odd || !first.code.empty()) continue;
    first = std::move(refusal);
    column = made.name;
  }
  return first.code.empty() ? writer_.Put(record_) : writer_.Refuse(first.code, column, first.message, record_);
}

}  // namespace leat::components::xlsx
