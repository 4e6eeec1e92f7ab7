#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leat::components::csv {

/// How a csv file is written. One character each; 0: none.
struct Dialect {
  char delimiter = ',';
  char quote = '"';
  char escape = '"';
};

/// One record from `text`, starting at `at`; moves `at` behind it. False at the end of the text. A record that is cut off
/// ends with the text.
bool NextRecord(std::string_view text, const Dialect& dialect, size_t& at, std::vector<std::string>& fields);

/// Behind `lines` lines (plain line ends, before any csv is read).
size_t SkipLines(std::string_view text, int lines);

/// The delimiter among , ; tab | that splits the most of the first records into as many fields as the first has; ',' when
/// none splits.
char DetectDelimiter(std::string_view text, char quote, char escape);

/// True when a quoted value holds a line end: then the file cannot be read from places in its middle.
bool HasQuotedLineEnd(std::string_view text, const Dialect& dialect);

}  // namespace leat::components::csv
