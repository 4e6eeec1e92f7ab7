#include "components/source/csv/csv_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "component/text_cell.h"
#include "components/source/csv/csv_fixed.h"
#include "data/exact_text.h"
#include "data/text_bytes.h"
#include "data/value.h"

namespace leat::components::csv {
namespace {

using component::ColumnBatch;
using data::TypeId;

static_assert(component::TextPieces::kSlack >= StructureScanner::kSlack);

}  // namespace

Result<std::unique_ptr<component::ArrowStream>> CsvStream::Make(std::shared_ptr<CsvReading> reading) {
  LEAT_ASSIGN(ColumnBatch batch, MakeBatch(reading->columns));
  return std::unique_ptr<component::ArrowStream>(new CsvStream(std::move(reading), std::move(batch)));
}

void CsvStream::StartPiece() {
  file_ = &reading_->files[piece_.file];
  layout_ = &reading_->layouts[file_->layout];
  std::memset(piece_.text.data() + piece_.size, 0, StructureScanner::kSlack);
  scanner_ = StructureScanner(piece_.text.data(), piece_.size, file_->dialect.delimiter, file_->dialect.quote,
                              file_->line_end);
  at_ = 0;
  high_bytes_ = false;
  line_ = piece_.first_line;
  spans_.resize(static_cast<size_t>(ColumnBatch::kRows) * std::max<size_t>(1, layout_->width));
  lines_.resize(static_cast<size_t>(ColumnBatch::kRows));
}

void CsvStream::ReadRows() {
  unescaped_.clear();
  while (at_ < piece_.size && rows_ < ColumnBatch::kRows) {
    size_t begin = at_;
    line_numbers_[static_cast<size_t>(rows_)] = line_;
    if (!ReadRecord(&spans_[static_cast<size_t>(rows_) * layout_->width])) continue;
    lines_[static_cast<size_t>(rows_)] = {piece_.text.data() + begin, static_cast<uint32_t>(at_ - begin)};
    ++rows_;
  }
}

bool CsvStream::ReadRecord(Span* spans) {
  const char* text = piece_.text.data();
  const size_t size = piece_.size;
  const char delimiter = file_->dialect.delimiter;
  const char quote = file_->dialect.quote;
  const char line_end = file_->line_end;
  const size_t width = layout_->width;
  const size_t begin = at_;
  auto end_line = [&](size_t at) {
    at_ = std::min(at + 1, size);
    ++line_;
  };
  if (file_->comment != 0 && text[at_] == file_->comment) {
    const void* end = std::memchr(text + at_, line_end, size - at_);
    end_line(end == nullptr ? size : static_cast<size_t>(static_cast<const char*>(end) - text));
    scanner_.SkipTo(at_);
    return false;
  }
  if (!reading_->widths.empty()) return ReadFixed(spans);
  size_t count = 0;
  const char* broken = nullptr;
  size_t field = at_;
  while (true) {
    Span span;
    size_t end = 0;
    if (quote != 0 && field < size && text[field] == quote) {
      size_t close = FindClosingQuote(text, size, field, file_->dialect);
      if (close == static_cast<size_t>(-1)) {  // its line alone is broken
        broken = "unterminated_quote";
        const void* found = std::memchr(text + field, line_end, size - field);
        end = found == nullptr ? size : static_cast<size_t>(static_cast<const char*>(found) - text);
        scanner_.SkipTo(end + 1);
      } else {
        span = {text + field + 1, static_cast<uint32_t>(close - field - 1)};
        line_ += data::CountByte(span.text, span.size, line_end);
        high_bytes_ = high_bytes_ || data::HasHighByte(span.text, span.size);
        const char escape = file_->dialect.escape;
        if (escape != 0 && std::memchr(span.text, escape, span.size) != nullptr) {
          std::string& value = unescaped_.emplace_back();
          for (uint32_t i = 0; i < span.size; ++i) {
            bool escapes = span.text[i] == escape && i + 1 < span.size &&
                           (span.text[i + 1] == quote || span.text[i + 1] == escape);
            value += span.text[escapes ? ++i : i];
          }
          span = {value.data(), static_cast<uint32_t>(value.size())};
        }
        scanner_.SkipTo(close + 1);
        end = scanner_.Next();
        while (end < size && text[end] == quote && quote != delimiter) end = scanner_.Next();
        bool line_ends = end < size && text[end] == line_end;
        bool carriage = end == close + 2 && text[close + 1] == '\r' && (line_ends || end >= size);
        if (end != close + 1 && !carriage && broken == nullptr) broken = "unquoted_value";
      }
    } else {
      end = scanner_.Next();
      while (end < size && text[end] == quote && quote != delimiter) end = scanner_.Next();
      size_t length = end - field;
      if (length > 0 && (end >= size || text[end] == line_end) && text[end - 1] == '\r' && line_end == '\n') --length;
      span = {text + field, static_cast<uint32_t>(length)};
    }
    if (count < width) spans[count] = span;
    ++count;
    if (end >= size || text[end] == line_end) {
      bool blank = count == 1 && span.size == 0 && text[begin] != quote && width > 1;
      end_line(end);
      if (blank) return false;
      break;
    }
    field = end + 1;
  }
  if (broken != nullptr) {
    Refuse(rows_, std::string("csv.") + broken, "",
           std::strcmp(broken, "unquoted_value") == 0 ? "text stands behind a closing quote"
                                                      : "a quote is not closed: look at `quote:` and `escape:`");
  } else if (count != width) {
    Refuse(rows_, count > width ? "csv.too_many_columns" : "csv.missing_columns", "",
           "expected " + std::to_string(width) + " values, found " + std::to_string(count));
  }
  return true;
}

bool CsvStream::ReadFixed(Span* spans) {
  const char* begin = piece_.text.data() + at_;
  const void* end = std::memchr(begin, file_->line_end, piece_.size - at_);
  std::string_view line(
      begin, end == nullptr ? piece_.size - at_ : static_cast<size_t>(static_cast<const char*>(end) - begin));
  at_ = std::min(at_ + line.size() + 1, piece_.size);
  ++line_;
  if (file_->line_end == '\n' && line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return false;
  high_bytes_ = high_bytes_ || data::HasHighByte(line.data(), line.size());
  const std::vector<size_t>& widths = reading_->widths;
  cut_.resize(widths.size());
  const size_t begun = CutLine(line, widths, cut_.data());
  for (size_t i = 0; i < cut_.size(); ++i) spans[i] = {cut_[i].data(), static_cast<uint32_t>(cut_[i].size())};
  if (begun < widths.size()) {
    Refuse(rows_, "csv.line_too_short", "",
           fmt::format("the line ends before column {} of {} begins: look at `widths:`", begun + 1, widths.size()));
  } else if (begun > widths.size()) {
    Refuse(rows_, "csv.line_too_long", "",
           fmt::format("text stands behind the last of {} columns: look at `widths:`", widths.size()));
  }
  return true;
}

bool CsvStream::IsNull(Span span) const {
  if (span.size == 0) return true;
  for (const std::string& null_text : reading_->null_text) {
    if (span.view() == null_text) return true;
  }
  return false;
}

template <typename T, typename Parse>
void CsvStream::ConvertValues(size_t column, size_t place, const Parse& parse) {
  T* values = batch_.Values<T>(column);
  const size_t width = layout_->width;
  for (int64_t row = 0; row < rows_; ++row) {
    Span span = spans_[static_cast<size_t>(row) * width + place];
    if (!is_bad(row)) {
      if (span.size != 0 && parse(span.view(), values[row])) [[likely]]
        continue;
      if (!IsNull(span)) {
        const component::SourceColumn& known = reading_->columns[column];
        Refuse(row, "cast", known.name, component::NotExactly(span.view(), *known.type));
      }
    }
    values[row] = T{};
    batch_.SetNull(column, row);
  }
}

void CsvStream::ConvertText(size_t column, size_t place) {
  const size_t width = layout_->width;
  const bool check = high_bytes_ || scanner_.non_ascii();
  for (int64_t row = 0; row < rows_; ++row) {
    Span span = spans_[static_cast<size_t>(row) * width + place];
    if (is_bad(row) || IsNull(span)) {
      batch_.AppendNullText(column);
    } else if (check && !data::IsUtf8(span.view())) {
      Refuse(row, "csv.invalid_encoding", reading_->columns[column].name,
             "the line is not UTF-8: set the `encoding:` that the file really has");
      batch_.AppendNullText(column);
    } else {
      batch_.AppendText(column, span.view());
    }
  }
}

void CsvStream::ConvertColumn(size_t column) {
  if (layout_->place[column] < 0) {
    for (int64_t row = 0; row < rows_; ++row) component::PutNull(batch_, column, row, *types_[column]);
    return;
  }
  const auto place = static_cast<size_t>(layout_->place[column]);
  const data::Type& type = *reading_->columns[column].type;
  auto exact = [](std::string_view text, auto& value) { return data::ParseExact(text, value); };
  switch (type.id) {
    case TypeId::kBoolean: return ConvertValues<bool>(column, place, exact);
    case TypeId::kInt: return ConvertValues<int32_t>(column, place, exact);
    case TypeId::kLong: return ConvertValues<int64_t>(column, place, exact);
    case TypeId::kDouble: return ConvertValues<double>(column, place, exact);
    case TypeId::kFloat: return ConvertValues<float>(column, place, exact);
    case TypeId::kDate: return ConvertValues<int32_t>(column, place, data::ParseExactDate);
    case TypeId::kTime: return ConvertValues<int64_t>(column, place, data::ParseExactTime);
    case TypeId::kTimestamp: return ConvertValues<int64_t>(column, place, data::ParseExactTimestamp);
    case TypeId::kTimestampTz: return ConvertValues<int64_t>(column, place, data::ParseExactTimestampTz);
    case TypeId::kDecimal:
      if (type.precision <= 18) {
        return ConvertValues<int64_t>(column, place, [&](std::string_view text, int64_t& value) {
          return data::ParseExactDecimal(text, type.precision, type.scale, value);
        });
      }
      return ConvertValues<component::WideDecimal>(
          column, place, [&](std::string_view text, component::WideDecimal& value) {
            data::Int128 number;
            if (!data::ParseExactDecimal(text, type.precision, type.scale, number)) return false;
            value = {number.low, number.high};
            return true;
          });
    default: return ConvertText(column, place);
  }
}

std::string_view CsvStream::Line(int64_t row) const {
  std::string_view line = lines_[static_cast<size_t>(row)].view();
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string CsvStream::Payload(int64_t row, const std::string& code) const {
  if (code != "cast") return TextStream::Payload(row, code);
  nlohmann::ordered_json payload = nlohmann::ordered_json::object();
  for (size_t i = 0; i < reading_->columns.size(); ++i) {
    nlohmann::ordered_json& value = payload[reading_->columns[i].name];
    if (layout_->place[i] < 0) continue;
    Span span = spans_[static_cast<size_t>(row) * layout_->width + static_cast<size_t>(layout_->place[i])];
    if (!IsNull(span)) value = data::ReadableText(span.view());
  }
  return payload.dump();
}

}  // namespace leat::components::csv
