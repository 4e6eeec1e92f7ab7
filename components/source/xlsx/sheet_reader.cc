#include "components/source/xlsx/sheet_reader.h"

#include <fmt/format.h>

#include <charconv>

namespace leat::components::xlsx {
namespace {

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool IndexOf(std::string_view text, size_t& index) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

void SheetReader::Start(data::XmlParser& parser, const data::XmlName& name,
                        const std::vector<data::XmlAttribute>& attributes) {
  const In around = open_.empty() ? In::kOther : open_.back();
  In in = In::kOther;
  if (open_.empty() && name.local == "worksheet") {
    in = In::kSheet;
  } else if (open_.empty()) {
    parser.Stop("this is no sheet of cells");
  } else if (around == In::kSheet && name.local == "sheetData") {
    in = In::kData;
  } else if (around == In::kData && name.local == "row") {
    in = In::kRow;
    StartRow(parser, attributes);
  } else if (around == In::kRow && name.local == "c") {
    in = In::kCell;
    StartCell(parser, attributes);
  } else if (around == In::kCell && name.local == "v") {
    in = In::kValue;
    has_value_ = true;
  } else if (around == In::kCell && name.local == "f") {
    in = In::kFormula;
    has_formula_ = true;
  } else if (around == In::kCell && name.local == "is") {
    in = In::kInline;
    has_value_ = true;
  } else if (around == In::kInline && name.local == "r") {
    in = In::kRun;
  } else if ((around == In::kInline || around == In::kRun) && name.local == "t") {
    in = In::kText;
  }
  open_.push_back(in);
}

void SheetReader::StartRow(data::XmlParser& parser, const std::vector<data::XmlAttribute>& attributes) {
  const int64_t before = row_++;
  for (const data::XmlAttribute& one : attributes) {
    size_t number = 0;
    if (one.name.local != "r" || !one.name.space.empty()) continue;
    if (!IndexOf(one.value, number) || number > static_cast<size_t>(kMostRows))
      return parser.Stop(fmt::format("'{}' is no number of a row", one.value));
    row_ = static_cast<int64_t>(number);
  }
  if (row_ <= before || row_ > kMostRows) return parser.Stop(fmt::format("row {} stands behind row {}", row_, before));
  column_ = 0;
  bytes_ = 0;
  cells_.clear();
}

void SheetReader::StartCell(data::XmlParser& parser, const std::vector<data::XmlAttribute>& attributes) {
  const int before = column_++;
  int64_t row = row_;
  type_ = "n";
  style_ = 0;
  value_.clear();
  has_value_ = has_formula_ = false;
  for (const data::XmlAttribute& one : attributes) {
    if (!one.name.space.empty()) continue;
    if (one.name.local == "t") type_ = one.value;
    if (one.name.local == "s" && !IndexOf(one.value, style_)) parser.Stop(fmt::format("'{}' is no style", one.value));
    if (one.name.local == "r" && !ParsePlace(one.value, column_, row))
      parser.Stop(fmt::format("'{}' is no place of a cell", one.value));
  }
  if (row != row_ || column_ <= before || column_ > kMostColumns) {
    parser.Stop(fmt::format("cell {}{} stands behind column {} of row {}", ColumnLetters(column_), row,
                            ColumnLetters(before), row_));
  }
}

void SheetReader::Text(data::XmlParser& parser, std::string_view text) {
  if (open_.empty() || (open_.back() != In::kValue && open_.back() != In::kText)) return;
  bytes_ += text.size();
  if (bytes_ > kMostRowBytes) return parser.Stop(fmt::format("row {} is larger than {} MB", row_, kMostRowBytes >> 20));
  value_ += text;
}

void SheetReader::End(data::XmlParser& parser) {
  const In in = open_.back();
  open_.pop_back();
  if (in == In::kCell) EndCell(parser);
  if (in == In::kRow && !cells_.empty() && row_ >= range_.first_row && row_ <= range_.last_row) take_(row_, cells_);
}

void SheetReader::EndCell(data::XmlParser& parser) {
  if (column_ < range_.first_column || column_ > range_.last_column || row_ < range_.first_row ||
      row_ > range_.last_row)
    return;
  SheetCell cell;
  cell.column = column_;
  if (!has_value_ && has_formula_) {
    cell.kind = SheetCell::Kind::kNotKept;
  } else if (!has_value_ || !MakeCell(parser, cell)) {
    return;
  }
  cells_.push_back(std::move(cell));
}

/// False: the cell is empty, or the workbook is damaged.
bool SheetReader::MakeCell(data::XmlParser& parser, SheetCell& cell) {
  using Kind = SheetCell::Kind;
  const auto damaged = [&](const std::string& what) {
    parser.Stop(fmt::format("cell {}{} {}", ColumnLetters(column_), row_, what));
    return false;
  };
  if (type_ == "str" || type_ == "inlineStr") {
    cell.text = DecodedText(value_);
    return true;
  }
  const std::string_view value = Trimmed(value_);
  if (type_ == "s") {
    size_t index = 0;
    if (!IndexOf(value, index) || index >= book_.texts.size())
      return damaged(fmt::format("names text {}, and there are {}", value, book_.texts.size()));
    bytes_ += book_.texts.At(index).size();
    if (bytes_ > kMostRowBytes) parser.Stop(fmt::format("row {} is larger than {} MB", row_, kMostRowBytes >> 20));
    cell.text = book_.texts.At(index);
    return true;
  }
  if (value.empty()) {
    cell.kind = Kind::kNotKept;
    return has_formula_;
  }
  cell.text = value;
  if (type_ == "b") {
    cell.kind = Kind::kBoolean;
    cell.text = value == "1" || value == "true" ? "true" : "false";
    if (cell.text == "false" && value != "0" && value != "false")
      return damaged(fmt::format("is '{}', neither 0 nor 1", value));
  } else if (type_ == "e") {
    cell.kind = Kind::kError;
  } else if (type_ == "d") {
    cell.kind = Kind::kMoment;
  } else if (type_ != "n") {
    return damaged(fmt::format("is of the kind '{}', which is none", type_));
  } else {
    cell.kind = Kind::kNumber;
    const NumberShape shape = style_ < book_.shapes.size() ? book_.shapes[style_] : NumberShape::kNumber;
    if (shape == NumberShape::kNumber) return true;
    std::string text;
    const bool is_moment = MomentText(value, shape, book_.from_1904, text);
    cell.kind = is_moment ? Kind::kMoment : Kind::kNoDay;
    (is_moment ? cell.text : cell.why) = text;
  }
  return true;
}

}  // namespace leat::components::xlsx
