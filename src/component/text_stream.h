#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "component/column_batch.h"
#include "component/source.h"
#include "component/text_pieces.h"

namespace leat::component {

/// One thread's share of the pieces of text files: what the streams of csv and of JSON lines have in common. Columns as
/// ArrowStream says. Not thread-safe, its pieces are.
class TextStream : public ArrowStream {
 public:
  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) final;
  int64_t rows_read() const final { return rows_read_; }
  int64_t bytes_read() const final { return bytes_read_; }

 protected:
  /// What has no reading of its own arrives as text; the engine casts it, checked.
  static Result<ColumnBatch> MakeBatch(const std::vector<SourceColumn>& columns);
  /// `batch`: MakeBatch of these columns. The pieces must outlive it.
  TextStream(TextPieces& pieces, const std::vector<SourceColumn>& columns, ColumnBatch batch);

  virtual void StartPiece() = 0;
  /// Reads rows of the piece from at_ on, until the batch is full or the piece is at its end; each has its line number.
  virtual void ReadRows() = 0;
  virtual void ConvertColumn(size_t column) = 0;
  /// The row as it stands in the file, without the end of its line.
  virtual std::string_view Line(int64_t row) const = 0;
  /// What the dead letter keeps of a row that is refused under `code`.
  virtual std::string Payload(int64_t row, const std::string& code) const;
  /// Of several refusals of a row the first counts.
  void Refuse(int64_t row, const std::string& code, const std::string& column, const std::string& message);
  bool is_bad(int64_t row) const { return is_bad_[static_cast<size_t>(row)] != 0; }

  const std::vector<data::TypePtr> types_;  ///< as the batch has them
  ColumnBatch batch_;
  TextPiece piece_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int64_t rows_ = 0;
  std::vector<int64_t> line_numbers_;  ///< where each row begins
  bool keeps_lines_ = false;           ///< of good rows too

 private:
  struct Refusal {
    std::string code, text;
  };
  void Convert();

  TextPieces& pieces_;
  int64_t rows_read_ = 0;
  int64_t bytes_read_ = 0;
  bool told_columns_ = false;
  std::vector<uint8_t> is_bad_;
  std::map<int64_t, Refusal> bad_;
};

}  // namespace leat::component
