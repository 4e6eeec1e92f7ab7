#include "component/json_stream.h"

#include <algorithm>
#include <cstring>

#include "component/row_columns.h"
#include "component/server_reading.h"
#include "component/nested_json.h"
#include "component/text_cell.h"
#include "data/json_scan.h"
#include "data/text_bytes.h"

namespace leat::component {
namespace {

using data::JsonCell;

constexpr size_t kMostCells = 1 << 18;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
static_assert(TextPieces::kSlack >= data::JsonRowScanner::kSlack);

size_t WholeLines(const char* text, size_t size, bool last) {
  if (last) return size;
  const void* end = memrchr(text, '\n', size);
  return end == nullptr ? 0 : static_cast<size_t>(static_cast<const char*>(end) - text) + 1;
}

bool IsJson(std::string_view text) {
  data::JsonScanner scanner(text, data::JsonScanner::Rules::kEngine);
  std::string_view value;
  return scanner.TakeSoundValue(value) && scanner.AtEnd();
}

}  // namespace

JsonReading::JsonReading(std::vector<TextFile> files, CancelToken* cancel, size_t piece_bytes)
    : pieces(
          std::move(files),
          [](const char* text, size_t size, size_t, bool last) { return WholeLines(text, size, last); },
          "is it a file with one JSON object a line? Documents are read by `type: json`", cancel, piece_bytes) {}

Result<std::unique_ptr<ArrowStream>> JsonStream::Make(std::shared_ptr<JsonReading> reading) {
  LEAT_ASSIGN(ColumnBatch batch, MakeBatch(reading->columns));
  return std::unique_ptr<ArrowStream>(new JsonStream(std::move(reading), std::move(batch)));
}

JsonStream::JsonStream(std::shared_ptr<JsonReading> reading, ColumnBatch batch)
    : TextStream(reading->pieces, reading->columns, std::move(batch)),
      reading_(std::move(reading)),
      scanner_(NamesOf(reading_->columns), reading_->others),
      most_rows_(std::clamp<int64_t>(static_cast<int64_t>(kMostCells / std::max<size_t>(1, types_.size())), 64,
                                     ColumnBatch::kRows)) {
  // The engine may refuse a row that is good here.
  for (size_t i = 0; i < types_.size(); ++i)
    keeps_lines_ = keeps_lines_ || types_[i]->id != reading_->columns[i].type->id;
  const auto rows = static_cast<size_t>(most_rows_);
  cells_.resize(rows * types_.size());
  lines_.resize(rows);
}

void JsonStream::StartPiece() {
  std::memset(piece_.text.data() + piece_.size, 0, TextPieces::kSlack);
  line_ = piece_.first_line;
  at_ = line_ == 1 && std::string_view(piece_.text.data(), piece_.size).starts_with(kByteOrderMark)
            ? kByteOrderMark.size()
            : 0;
  high_bytes_ = data::HasHighByte(piece_.text.data() + at_, piece_.size - at_);
}

void JsonStream::ReadRows() {
  scanner_.Forget();
  while (at_ < piece_.size && rows_ < most_rows_) {
    const char* const begin = piece_.text.data() + at_;
    const void* const end = std::memchr(begin, '\n', piece_.size - at_);
    const size_t size = end == nullptr ? piece_.size - at_ : static_cast<size_t>(static_cast<const char*>(end) - begin);
    at_ += size + (end == nullptr ? 0 : 1);
    ReadLine({begin, size});
    ++rows_;
    ++line_;
  }
}

void JsonStream::ReadLine(std::string_view line) {
  const auto row = static_cast<size_t>(rows_);
  lines_[row] = line;
  line_numbers_[row] = line_;
  if (high_bytes_ && !data::IsUtf8(line)) {
    Refuse(rows_, reading_->rules.reason, "", "the line is not UTF-8: set the `encoding:` that the file really has");
  } else if (!scanner_.Scan(line.data(), line.size(), cells_.data() + row * types_.size())) {
    if (reading_->rules.refusals && ReadRefusal(line)) return;
    const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    Refuse(rows_, blank ? kBlankLine : reading_->rules.reason, "", "the entry cannot be read");
  } else if (!scanner_.strangers().empty()) {
    const std::string& name = scanner_.strangers()[0];
    Refuse(rows_, "json.new_member", name,
           "the member '" + name +
               "' is no column, and was not seen before the load: name it in `columns:` with its `data_type`, "
               "or say `on_new_column: ignore`");
  }
}

bool JsonStream::ReadRefusal(std::string_view line) {
  data::JsonScanner scanner(line);
  std::string parts[3];
  std::string_view raw;
  if (!scanner.Take('[')) return false;
  for (std::string& part : parts) {
    if (!scanner.TakeString(raw) || !data::UnescapeJson(raw, part) || !scanner.Take(',')) return false;
  }
  if (!scanner.TakeValue(raw)) return false;
  Refuse(rows_, parts[0], parts[1], parts[2]);
  lines_[static_cast<size_t>(rows_)] = raw;
  return true;
}

std::string_view JsonStream::Line(int64_t row) const {
  std::string_view line = lines_[static_cast<size_t>(row)];
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void JsonStream::ConvertColumn(size_t column) {
  const SourceColumn& known = reading_->columns[column];
  const data::Type& type = *types_[column];
  const bool nested = known.type->is_nested();
  const bool empty_is_null = reading_->rules.empty_is_null && known.type->id != data::TypeId::kString;
  const JsonCell* cell = cells_.data() + column;
  for (int64_t row = 0; row < rows_; ++row, cell += types_.size()) {
    if (is_bad(row) || !cell->has_value() || (empty_is_null && cell->size == 0)) {
      PutNull(batch_, column, row, type);
      continue;
    }
    // Text that is JSON in its turn is as good as what it says.
    const bool fits = !nested || ((cell->kind != JsonCell::Kind::kString || IsJson(cell->view())) &&
                                  KeepsNested(cell->view(), *known.type, reading_->rules.drops_members));
    if (fits && PutText(batch_, column, row, type, cell->view())) continue;
    if (!fits) PutNull(batch_, column, row, type);
    Refuse(row, "cast", known.name, NotExactly(cell->view(), *known.type));
  }
}

}  // namespace leat::component
