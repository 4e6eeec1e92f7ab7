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

  /// The values of the next line; false at the end, and at a fault.
  bool Next(std::vector<std::string>& values);
  /// What is wrong, with its line; "" nothing.
  const std::string& fault() const { return fault_; }

 private:
  bool TakeQuoted(std::string& value);

  std::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
  char delimiter_;
  std::string fault_;
};

}  // namespace leat::components::http
