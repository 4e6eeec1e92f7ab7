#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat::components::http {

/// The lines of a csv answer (RFC 4180): quotes may hold delimiters, line ends and doubled quotes; a quote inside a value that does
/// not begin with one is a character like any other.
class CsvLines {
 public:
  /// `delimiter` \0: the one of `,` `;` `|` and tab that stands most often in the first line outside of quotes, a comma where
  /// none does.
  CsvLines(std::string_view text, char delimiter);

  struct Fault {
    std::string code;  ///< csv.unterminated_quote (only its own line is lost) or csv.unquoted_value
    std::string what;  ///< with the number of the line
  };

  /// The values of the next row; false at the end. A row with a fault has no values, and the next one begins on the next line.
  bool Next(std::vector<std::string>& values);
  /// What is wrong with the row that Next gave last; null: nothing.
  const Fault* fault() const { return fault_.code.empty() ? nullptr : &fault_; }
  /// That row as it stands in the answer, without its line end.
  std::string_view row() const;

 private:
  bool TakeQuoted(std::string& value);
  bool TakeRow(std::vector<std::string>& values);

  std::string_view text_;
  size_t at_ = 0, began_ = 0;
  int64_t line_ = 1;
  char delimiter_;
  Fault fault_;
};

}  // namespace leat::components::http
