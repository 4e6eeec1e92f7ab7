#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "component/spec.h"
#include "components/source/xlsx/sheet_rows.h"
#include "config/field_builders.h"

namespace leat::components::xlsx {
namespace {

using component::InputFile;

class XlsxSource : public component::RecordFileSource {
 public:
  XlsxSource(const config::Values& connection, const config::Values& table, std::string name,
             component::SourceContext context)
      : RecordFileSource(connection, table, std::move(name), std::move(context)) {}

  Status Init() {
    const std::string range = Pick("range").Text("range");
    if (!range.empty()) {
      const auto parsed = CellRange::Parse(range);
      if (!parsed) return BadOption("range", range, "write it as A3:H, A3:H200, B:D or 3:200");
      range_ = *parsed;
    }
    const std::string header = Pick("header").Text("header");
    if (header == "true") header_ = 0;
    else if (header == "false") header_ = -1;
    else if (const int64_t row = Number(header); row > 0) header_ = row;
    else return BadOption("header", header, "write true, false, or the number of the row that has the names");
    if (header_ > range_.last_row) return BadOption("header", header, "the row lies behind the range");
    sheet_ = Pick("sheet").Text("sheet");
    errors_are_null_ = Pick("error_cells").Text("error_cells") == "null";
    return Ok();
  }

 private:
  static int64_t Number(const std::string& text) {
    int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? number : 0;
  }

  Error BadOption(const std::string& field, const std::string& text, const std::string& hint) const {
    return MakeError("SRC-343", ErrorKind::kConfig, "table {}: {}: '{}' has no meaning", name_, field, text)
        .At(Pick(field).Where(field))
        .WithHint(hint);
  }

  /// A workbook is a zip archive itself; others may have workbooks in them.
  Result<std::vector<InputFile>> Unpacked(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(const std::vector<InputFile> fetched, Fetch(files));
    std::vector<InputFile> unpacked;
    for (const InputFile& file : fetched) {
      LEAT_ASSIGN(const BookKind kind, KindOfBook(file.path, "table " + name_ + ": " + file.origin));
      if (kind != BookKind::kArchive) {
        unpacked.push_back(file);
        continue;
      }
      LEAT_ASSIGN(std::vector<InputFile> members, component::PrepareInputFiles({file}, "", context_));
      std::move(members.begin(), members.end(), std::back_inserter(unpacked));
    }
    return unpacked;
  }

  Status WriteRecords(const InputFile& file, component::RecordWriter& writer,
                      component::RecordColumns& columns) override {
    if (file.size_bytes == 0) return Ok();
    const std::string shown = "table " + name_ + ": " + file.origin;
    LEAT_ASSIGN(const Workbook book, Workbook::Open(file.path, shown, context_.cancel));
    LEAT_ASSIGN(const Workbook::Sheet* const sheet, SheetOf(book, shown));
    SheetRows rows(range_, header_, errors_are_null_, writer, columns);
    CellRange read = range_;
    if (header_ > 0) read.first_row = std::min(read.first_row, header_);  // it may stand above the range
    SheetReader reader(book, read, [&](int64_t row, const std::vector<SheetCell>& cells) { rows.Take(row, cells); });
    LEAT_TRY(ReadPart(file.path, shown, sheet->part, context_.cancel, reader));
    if (!rows.status().ok()) return Error(rows.status().error()).In(shown);
    if (!rows.lacks_header()) return Ok();
    return MakeError("SRC-344", ErrorKind::kData, "{}: row {} of the sheet {} has no names", shown, header_,
                     sheet->name)
        .WithHint("is it another kind of sheet? Else say where the names stand: `header:`, `range:`");
  }

  Result<const Workbook::Sheet*> SheetOf(const Workbook& book, const std::string& shown) const {
    const Workbook::Sheet* found = nullptr;
    for (const Workbook::Sheet& one : book.sheets) found = found == nullptr && one.name == sheet_ ? &one : found;
    const int64_t number = Number(sheet_);
    if (found == nullptr && number > 0 && number <= static_cast<int64_t>(book.sheets.size()))
      found = &book.sheets[static_cast<size_t>(number - 1)];
    if (found != nullptr && !found->part.empty()) return found;
    return MakeError("SRC-342", ErrorKind::kData, "{} {} '{}'; its sheets are: {}", shown,
                     found == nullptr ? "has no sheet" : "has a chart, and no cells, on the sheet", sheet_,
                     book.SheetNames())
        .WithHint("`sheet:` is a name, or a number from 1 on");
  }

  CellRange range_;
  int64_t header_ = 0;  ///< as of SheetRows
  std::string sheet_;
  bool errors_are_null_ = false;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  auto source = std::make_unique<XlsxSource>(connection, table, table_name, context);
  LEAT_TRY(source->Init());
  return std::unique_ptr<component::Source>(std::move(source));
}

std::vector<config::FieldSpec> ReaderFields() {
  return {config::TextField("sheet", "The sheet, by name or by number from 1 on; hidden ones count.", "1", "Orders"),
          config::TextField("range", "The part of the sheet that is read: all of it by default.", "", "A3:H"),
          config::TextField("header",
                            "Where the names of columns stand: in the first row that is not empty (true), nowhere "
                            "(false), or in this row of the sheet.",
                            "true", "3"),
          config::WordField("error_cells", "A cell with an error (#N/A, #DIV/0!): its row is rejected, or it is NULL.",
                            "reject", {"reject", "null"}),
          component::OnNewColumnField("A column")};
}

}  // namespace
}  // namespace leat::components::xlsx

leat::component::Spec leat_source_xlsx_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "xlsx";
  spec.summary =
      "Workbooks of spreadsheet programs (.xlsx): one sheet, or a part of one, as a table; single files, by pattern.";
  spec.description =
      "Reads one sheet of each workbook, of any length. The first row that is not empty has the names of the columns; types "
      "are found once\n"
      "from all values. Numbers keep the digits that the file has, cells that are shown as a day or a moment are one, "
      "formulas are the\n"
      "value that was saved with them. Rows with an error (#N/A), with a formula without a value, or with a day that never "
      "was are\n"
      "rejected. Hidden rows, columns and sheets are read. Of merged cells the first has the value, the others are NULL.";
  spec.examples = {"connections:\n  books: { type: xlsx, path: inbound }\n",
                   "source: books\nconnection: books\ntables:\n  - name: orders\n    files: orders_*.xlsx\n"
                   "    sheet: Orders\n    range: A3:H\n"};
  spec.connection_fields = component::FileConnectionFields(components::xlsx::ReaderFields());
  spec.fields = component::FileTableFields(components::xlsx::ReaderFields());
  spec.source.files = true;
  spec.make_source = &components::xlsx::Make;
  return spec;
}
