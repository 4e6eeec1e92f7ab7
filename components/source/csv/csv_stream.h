#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "component/text_stream.h"
#include "components/source/csv/csv_pieces.h"
#include "components/source/csv/csv_structure.h"

namespace leat::components::csv {

/// What all streams of one reading share.
struct CsvReading {
  CsvReading(std::vector<CsvFile> all, CancelToken* cancel, size_t piece_bytes = component::TextPieces::kPieceBytes)
      : files(std::move(all)),
        pieces(
            {files.begin(), files.end()},
            [this](const char* text, size_t size, size_t file, bool last) {
              return WholeRecords(text, size, files[file], last);
            },
            "is it a csv file? Look at its first bytes, and at its `quote:` and `encoding:`", cancel, piece_bytes) {}

  const std::vector<CsvFile> files;
  component::TextPieces pieces;
  std::vector<component::SourceColumn> columns;  ///< of the table
  std::vector<std::string> null_text;            ///< besides the empty value
  std::vector<size_t> widths;                    ///< of each column, in characters; empty: values are delimited
  /// Per layout: for each column of the table where it stands in the file, -1 where the file does not have it; and how
  /// many values a record has.
  struct Layout {
    std::vector<int> place;
    size_t width = 0;
  };
  std::vector<Layout> layouts;
};

/// Reads records and converts them without loss: one thread's share of the pieces. Columns as component::ArrowStream says.
/// Refused rows: "cast" (a value is not exactly of its column's type), "csv.too_many_columns", "csv.missing_columns",
/// "csv.unquoted_value" (text behind a closing quote), "csv.unterminated_quote", "csv.invalid_encoding"; of columns by width
/// "csv.line_too_short" (it ends before the last column begins), "csv.line_too_long" (text stands behind it).
class CsvStream : public component::TextStream {
 public:
  static Result<std::unique_ptr<component::ArrowStream>> Make(std::shared_ptr<CsvReading> reading);

 private:
  struct Span {
    const char* text = nullptr;
    uint32_t size = 0;
    std::string_view view() const { return {text, size}; }
  };

  CsvStream(std::shared_ptr<CsvReading> reading, component::ColumnBatch batch)
      : TextStream(reading->pieces, reading->columns, std::move(batch)), reading_(std::move(reading)) {}

  void StartPiece() override;
  void ReadRows() override;
  /// One record from at_; its values go to `spans_`. False when there is none (a blank or comment line).
  bool ReadRecord(Span* spans);
  /// Likewise, of columns by width.
  bool ReadFixed(Span* spans);
  void ConvertColumn(size_t column) override;
  template <typename T, typename Parse>
  void ConvertValues(size_t column, size_t place, const Parse& parse);
  void ConvertText(size_t column, size_t place);
  bool IsNull(Span span) const;
  std::string_view Line(int64_t row) const override;
  /// The values as JSON text where one of them is refused.
  std::string Payload(int64_t row, const std::string& code) const override;

  std::shared_ptr<CsvReading> reading_;
  const CsvFile* file_ = nullptr;
  const CsvReading::Layout* layout_ = nullptr;
  StructureScanner scanner_;
  bool high_bytes_ = false;            ///< of the piece, between quotes
  std::vector<std::string_view> cut_;  ///< values of the line
  std::vector<Span> spans_;            ///< rows_ * layout width
  std::vector<Span> lines_;            ///< the text of each row
  std::deque<std::string> unescaped_;  ///< values whose quotes were doubled
};

}  // namespace leat::components::csv
