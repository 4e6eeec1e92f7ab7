#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "component/text_stream.h"
#include "data/json_row.h"

namespace leat::component {

/// What lines of JSON mean where several sources read them.
struct JsonRules {
  std::string reason{};  ///< the code of a line that is no object ("jsonl.malformed")
  bool refusals =
      false;  ///< a line that is a list is a refused row: its code, column and message, and what the dead letter keeps
  bool empty_is_null = false;  ///< "" is NULL in columns that are not text
  bool drops_members = false;  ///< members of structs that the table does not have may go
};

/// What all streams of one reading of JSON lines share.
struct JsonReading {
  JsonReading(std::vector<TextFile> files, CancelToken* cancel, size_t piece_bytes = TextPieces::kPieceBytes);

  TextPieces pieces;
  std::vector<SourceColumn> columns;  ///< of the table
  JsonRules rules;
  /// Names of members that are no columns, and need not be; absent: any may be left out.
  std::optional<std::set<std::string, std::less<>>> others{};
};

/// Reads lines with one object each and converts its members without loss: one thread's share of the pieces. Each line is
/// looked at once. Columns as ArrowStream says; objects and lists arrive as JSON text. Refused rows, with their line: "cast",
/// the reason of the reading for what is no object, `kBlankLine`.
class JsonStream : public TextStream {
 public:
  static Result<std::unique_ptr<ArrowStream>> Make(std::shared_ptr<JsonReading> reading);

 private:
  JsonStream(std::shared_ptr<JsonReading> reading, ColumnBatch batch);

  void StartPiece() override;
  void ReadRows() override;
  void ReadLine(std::string_view line);
  bool ReadRefusal(std::string_view line);
  void ConvertColumn(size_t column) override;
  std::string_view Line(int64_t row) const override;

  std::shared_ptr<JsonReading> reading_;
  data::JsonRowScanner scanner_;
  bool high_bytes_ = false;              ///< of the piece
  int64_t most_rows_;                    ///< of a batch: tables of many columns take fewer
  std::vector<data::JsonCell> cells_;    ///< a row after the other
  std::vector<std::string_view> lines_;  ///< of the rows
};

}  // namespace leat::component
