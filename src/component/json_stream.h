#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "component/column_batch.h"
#include "component/source.h"
#include "component/text_pieces.h"
#include "data/json_row.h"

namespace leat::component {

/// What all streams of one reading of JSON lines share.
struct JsonReading {
  JsonReading(std::vector<TextFile> files, CancelToken* cancel, size_t piece_bytes = TextPieces::kPieceBytes);

  TextPieces pieces;
  std::vector<SourceColumn> columns;  ///< of the table
  std::string reason;                 ///< the code of a line that is no object
};

/// Reads lines with one object each and converts its members without loss: one thread's share of the pieces. Each line is
/// looked at once. Columns as ArrowStream says; objects and lists arrive as JSON text. Refused rows, with their line: "cast",
/// the reason of the reading for what is no object, `kBlankLine`.
class JsonStream : public ArrowStream {
 public:
  static Result<std::unique_ptr<ArrowStream>> Make(std::shared_ptr<JsonReading> reading);

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override;
  int64_t rows_read() const override { return rows_read_; }
  int64_t bytes_read() const override { return bytes_read_; }

 private:
  JsonStream(std::shared_ptr<JsonReading> reading, std::vector<data::TypePtr> types, ColumnBatch batch);

  void StartPiece();
  /// Reads lines of the piece until the batch is full or the piece is at its end.
  void ReadLines();
  void ReadLine(std::string_view line);
  void Convert();
  void ConvertColumn(size_t column);
  std::string_view Line(int64_t row) const;
  void Refuse(int64_t row, const std::string& code, const std::string& column, const std::string& message);

  std::shared_ptr<JsonReading> reading_;
  std::vector<data::TypePtr> types_;  ///< as the batch has them
  bool engine_casts_ = false;         ///< which may refuse a row that is good here: each says its line
  ColumnBatch batch_;
  data::JsonRowScanner scanner_;
  TextPiece piece_;
  size_t at_ = 0;
  int64_t line_ = 1;
  bool high_bytes_ = false;  ///< of the piece
  int64_t most_rows_;        ///< of a batch: tables of many columns take fewer
  int64_t rows_ = 0;
  int64_t rows_read_ = 0;
  int64_t bytes_read_ = 0;
  bool told_columns_ = false;
  std::vector<data::JsonCell> cells_;    ///< a row after the other
  std::vector<std::string_view> lines_;  ///< of the rows
  std::vector<int64_t> line_numbers_;
  std::vector<uint8_t> is_bad_;
  std::map<int64_t, std::string> bad_;  ///< of these rows: what `leat_bad` says
};

}  // namespace leat::component
