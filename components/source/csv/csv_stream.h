#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "component/source.h"
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
class CsvStream : public component::ArrowStream {
 public:
  static Result<std::unique_ptr<component::ArrowStream>> Make(std::shared_ptr<CsvReading> reading);

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_read_; }
  int64_t bytes_read() const override { return bytes_read_; }

 private:
  struct Span {
    const char* text = nullptr;
    uint32_t size = 0;
    std::string_view view() const { return {text, size}; }
  };
  struct Bad {
    int64_t row = 0;
    std::string code, column, message;
  };

  CsvStream(std::shared_ptr<CsvReading> reading, component::ColumnBatch batch)
      : reading_(std::move(reading)), batch_(std::move(batch)) {}

  void StartPiece();
  /// Reads records of the piece until the batch is full or the piece is at its end.
  void ReadRecords();
  /// One record from at_; its values go to `spans_`. False when there is none (a blank or comment line).
  bool ReadRecord(Span* spans);
  /// Likewise, of columns by width.
  bool ReadFixed(Span* spans);
  void Convert();
  void ConvertColumn(size_t column, size_t place);
  template <typename T, typename Parse>
  void ConvertValues(size_t column, size_t place, const Parse& parse);
  void ConvertText(size_t column, size_t place);
  bool IsNull(Span span) const;
  void Refuse(int64_t row, std::string code, std::string column, std::string message);
  std::string Line(int64_t row) const;
  std::string Payload(int64_t row) const;  ///< the row's values as JSON text

  std::shared_ptr<CsvReading> reading_;
  component::ColumnBatch batch_;
  component::TextPiece piece_;
  const CsvFile* file_ = nullptr;
  const CsvReading::Layout* layout_ = nullptr;
  StructureScanner scanner_;
  size_t at_ = 0;
  bool high_bytes_ = false;  ///< of the piece, between quotes
  int64_t line_ = 1;
  int64_t rows_ = 0;
  int64_t rows_read_ = 0;
  int64_t bytes_read_ = 0;
  bool told_columns_ = false;
  std::vector<std::string_view> cut_;  ///< values of the line
  std::vector<Span> spans_;            ///< rows_ * layout width
  std::vector<Span> lines_;            ///< the text of each row
  std::vector<int64_t> line_numbers_;  ///< where each row begins
  std::vector<Bad> bad_;               ///< sorted by row, at most one a row
  std::vector<uint8_t> is_bad_;
  std::deque<std::string> unescaped_;  ///< values whose quotes were doubled
};

}  // namespace leat::components::csv
