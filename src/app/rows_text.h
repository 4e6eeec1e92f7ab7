#pragma once

#include <string>
#include <string_view>

#include "sql/engine.h"

namespace leat::app {

enum class RowsForm { kTable, kCsv, kJson, kMarkdown };

/// Writes a result batch by batch. csv: RFC 4180 with a header, NULL is empty and an empty text is "". json: an array of
/// objects, whole numbers and decimals as JSON numbers with all their digits. table: needs all rows at once (widths).
class RowsWriter {
 public:
  struct Options {
    RowsForm form = RowsForm::kTable;
    bool color = false;
    size_t width = 0;     ///< of the terminal; 0: never cut a line
    size_t max_rows = 0;  ///< of a table, 0: all
  };
  RowsWriter(Options options, std::vector<sql::Column> columns);

  /// Text for these rows (a table gives its text at the end).
  std::string Add(const sql::TextRows& rows);
  std::string End();
  int64_t rows() const { return count_; }

 private:
  std::string Row(const std::vector<std::optional<std::string>>& row) const;
  std::string Table() const;

  Options options_;
  std::vector<sql::Column> columns_;
  std::vector<bool> number_;
  std::vector<std::vector<std::optional<std::string>>> kept_;
  int64_t count_ = 0;
  bool begun_ = false;
};

/// True for types whose text is a JSON number.
bool IsNumberType(std::string_view type);

}  // namespace leat::app
